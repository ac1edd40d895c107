"""`specbridge profile`: output, streams, exit codes."""

import json
import os
import subprocess
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from specbridge.profiles.schema import profile_schema

from tests.acceptance.strangers import BOOKS_PROFILE, Books
from tests.commands import run_command
from tests.runtime.connectors.servers import serving

PROFILE = """\
name = "acme"
labels = ["Acme"]
base_url = "https://{TENANT}.acme.example"

[[resources]]
name = "Contacts"
id = "id"
properties = [{ path = "id", type = "integer", read_only = true }, { path = "name" }]
read = { method = "GET", path = "/contacts/{id}" }
update = { method = "PUT", path = "/contacts/{id}", body = "replace" }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    settings = '[tool.specbridge]\nprofiles = ["acme.toml"]\n'
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
    (tmp_path / "acme.toml").write_text(PROFILE, encoding="utf-8")
    return tmp_path


def run(root: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return run_command(("profile", *words), cwd=root, env={**os.environ, **variables})


def test_a_profile_that_is_well_has_notes(project: Path) -> None:
    done = run(project, "check", "acme.toml")
    assert (done.returncode, done.stderr) == (0, "")
    first, *notes = done.stdout.splitlines()
    assert first == "acme.toml: well: resources: 1, properties: 2"
    assert "  note: Contacts: update replaces without a precondition: an edit" in "\n".join(notes)


def test_faults_are_told_by_line_and_key(project: Path) -> None:
    (project / "acme.toml").write_text(PROFILE.replace(', body = "replace"', ""), encoding="utf-8")
    done = run(project, "check", "acme.toml")
    assert done.returncode == 2
    assert done.stderr.startswith("acme.toml:10: resources[Contacts].update.body: must be stated")
    (found,) = json.loads(run(project, "check", "--json").stdout)
    assert [(one["line"], one["key"]) for one in found["faults"]] == [
        (10, "resources[Contacts].update.body")
    ]


def test_without_files_and_settings_the_built_in_ones_are_checked(tmp_path: Path) -> None:
    done = run(tmp_path, "check")
    assert done.returncode == 0
    wells = [line for line in done.stdout.splitlines() if ": well: " in line]
    assert [line.partition(":")[0] for line in wells] == [
        "hubspot.toml",
        "poweroffice_go.toml",
        "tripletex.toml",
        "zendesk.toml",
    ]


def test_show_says_what_a_profile_says(project: Path) -> None:
    shown = run(project, "show", "acme").stdout
    assert "ACME_BASE_URL" in shown
    assert "  update       PUT /contacts/{id}; replace; precondition: none" in shown
    assert "  property     id: integer, read-only" in shown
    (project / "books.toml").write_text(BOOKS_PROFILE, encoding="utf-8")
    other = run(project, "show", "books.toml").stdout
    assert "  auth         session: {BASE_URL}/session" in other
    assert "  list         GET /customers; page-number, 100 a page, to the end: empty-page" in other
    assert "  property     modified: datetime, read-only, as epoch-milliseconds" in other
    assert "  property     state: string, codes of active, closed" in other
    value = json.loads(run(project, "show", "acme.toml", "--json").stdout)
    assert value["resources"][0]["update"]["body"] == "replace"
    assert value["paging"]["size"] == 100


def test_an_unknown_name_is_told_with_those_that_there_are(project: Path) -> None:
    done = run(project, "show", "acne")
    assert done.returncode == 2
    assert "there is no profile acne; did you mean acme?" in done.stderr


def test_schema_prints_the_schema(tmp_path: Path) -> None:
    assert json.loads(run(tmp_path, "schema").stdout) == profile_schema()


def test_probe_says_what_it_saw_and_that_it_is_not_well(tmp_path: Path) -> None:
    books = Books()
    books.add(title="One Ltd")
    (tmp_path / "books.toml").write_text(BOOKS_PROFILE, encoding="utf-8")
    with serving(books.answer) as server:
        environment = {"BOOKS_BASE_URL": server.base_url, "BOOKS_SECRET": "s3cret-of-books"}
        server.date = format_datetime(datetime.now(UTC), usegmt=True)
        done = run(tmp_path, "probe", "books.toml", **environment)
        wrong = (tmp_path / "books.toml").read_text("utf-8").replace('"data.rows"', '"rows"')
        (tmp_path / "books.toml").write_text(wrong, encoding="utf-8")
        unwell = run(tmp_path, "probe", "books.toml", "--json", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ok  Customers: list: 1 records in 2 answers, to the end" in done.stdout
    assert unwell.returncode == 5
    found = [json.loads(line) for line in unwell.stdout.splitlines()]
    assert [one["subject"] for one in found if not one["well"]] == ["Customers: list"]
