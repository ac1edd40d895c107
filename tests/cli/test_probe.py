"""`specbridge profile probe` with a test record and a file for a bug report."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.conftest import Terminal
from tests.runtime.connectors.servers import serving
from tests.runtime.connectors.test_trying import PROFILE, Pier


@pytest.fixture
def pier() -> Pier:
    return Pier()


@pytest.fixture
def terminal(tmp_path: Path, pier: Pier) -> Iterator[Terminal]:
    (tmp_path / "pier.toml").write_text(PROFILE, encoding="utf-8")
    with serving(pier.answer) as server:
        yield Terminal(directory=tmp_path, environment={"PIER_BASE_URL": server.base_url})


def test_nothing_is_written_unless_it_is_said(terminal: Terminal, pier: Pier) -> None:
    done = terminal.run("profile", "probe", "pier.toml")
    assert done.status == 0, (done.output, done.errors)
    assert "ok  Boats: list: 1 records in 1 answers, to the end" in done.output
    assert pier.made == 1


def test_a_test_record_and_a_record_of_the_answers(terminal: Terminal, pier: Pier) -> None:
    words = ("profile", "probe", "pier.toml", "--write", "--record", "answers.jsonl")
    done = terminal.run(*words, "--json")
    assert done.status == 0, (done.output, done.errors)
    findings = [json.loads(line) for line in done.output.splitlines()]
    assert {"Boats: create", "Boats: update", "Boats: delete"} <= {
        one["subject"] for one in findings
    }
    assert list(pier.boats) == [1]
    text = (terminal.directory / "answers.jsonl").read_text(encoding="utf-8")
    assert {json.loads(line)["method"] for line in text.splitlines()} == {
        "GET",
        "POST",
        "PATCH",
        "DELETE",
    }
    assert "Ola" not in text
    # What was recorded stays: it may be in a report.
    again = terminal.run(*words)
    assert (again.status, again.output) == (6, "")
    assert "answers.jsonl cannot be made: File exists" in again.errors


def test_what_is_not_well_is_exit_5(terminal: Terminal, pier: Pier) -> None:
    pier.heeds = False
    done = terminal.run("profile", "probe", "pier.toml", "--write")
    assert done.status == 5
    assert "NO  Boats: update: an update on an older state was taken" in done.output
    assert list(pier.boats) == [1]
