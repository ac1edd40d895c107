"""`companies`: listed, added, paused, removed with all that is stored of them, and given new keys."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from specbridge.companies.stating import (
    check_name,
    merge_variables,
    with_company,
    without_company,
)
from specbridge.errors import SettingsError
from specbridge.runtime.store.accounts import number_company
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.leasing.leases import Lease, take_lease
from specbridge.runtime.store.tables.schema import (
    claims,
    leases,
    metadata,
    turns,
)
from specbridge.runtime.store.tables.schema import (
    companies as company_table,
)
from specbridge.settings import parse_settings
from sqlalchemy import delete, func, select

from tests.companies.office import HEAD, PACKAGE, Companies, opened_companies

HERE = Path("/project/pyproject.toml")
_SHARED = ("turns", "claims")


@pytest.fixture
def companies(named: Companies) -> Companies:
    """Return the module's office, on each database."""
    return named


def listed(companies: Companies) -> dict[str, dict[str, Any]]:
    rows = json.loads(companies.run("companies", "--json").output)["companies"]
    return {row["company"]: row for row in rows}


def counts(url: str) -> dict[str, int]:
    """Return how many rows each table of the store has."""
    with open_store(url) as store:
        return {
            table.name: int(
                store.connection.execute(select(func.count()).select_from(table)).scalar_one()
            )
            for table in metadata.sorted_tables
        }


def test_they_are_listed_with_what_the_store_knows(companies: Companies) -> None:
    companies.sync("acme", expect=3)
    companies.run("companies", "remove", "nord", "--yes")
    companies.name_anew()
    companies.run("companies", "pause", "nord", "--reason", "not before May")
    found = listed(companies)
    assert list(found) == ["acme", "nord"]
    acme, nord = found["acme"], found["nord"]
    assert acme["last_run"]["outcome"] == "left_over"
    assert acme["dead_letters"] > 0
    assert acme["ambiguous"] > 0
    assert (nord["last_run"], nord["paused"]["reason"]) == (None, "not before May")
    lines = companies.run("companies").output.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("nord: never ran, 0 conflicts")
    assert "paused: not before May" in lines[1]


def test_one_that_is_paused_does_not_run_until_it_is_resumed(companies: Companies) -> None:
    companies.run("companies", "pause", "nord")
    assert companies.sync("nord", expect=3)["outcome"] == "paused"
    assert "nord goes on" in companies.run("companies", "resume", "nord").output
    assert "not paused" in companies.run("companies", "resume", "nord", expect=2).errors
    assert companies.sync("nord", expect=None)["outcome"] != "paused"
    # The older words are about one company, and need its name where there are several.
    assert "company acme is paused" in companies.run("pause", "--company", "acme").output
    assert "say which company" in companies.run("pause", expect=2).errors
    assert "goes on" in companies.run("resume", "--company", "acme").output
    assert "there is no company x" in companies.run("companies", "pause", "x", expect=2).errors


def test_one_is_removed_with_all_that_is_stored_of_it(companies: Companies) -> None:
    companies.run("companies", "remove", "nord", "--yes")
    companies.name_anew()
    companies.sync("acme", "--full", expect=3)
    companies.sync("nord", expect=None)
    companies.run("companies", "remove", "nord", "--yes")
    kept = counts(companies.url)
    companies.name_anew()
    companies.sync("nord", expect=None)
    companies.run("pause", "--company", "nord")
    file = companies.directory / "companies" / "nord.env"
    assert file.exists()
    # It is asked for, and nobody is there to answer.
    companies.run("companies", "remove", "nord", expect=None)
    assert file.exists()
    done = companies.run("companies", "remove", "nord", "--yes")
    assert "removed from the store" in done.output
    left = counts(companies.url)
    assert {n: c for n, c in left.items() if n not in _SHARED} == {
        n: c for n, c in kept.items() if n not in _SHARED
    }
    with open_store(companies.url) as store:
        owners = set(store.connection.execute(select(claims.c.company)).scalars())
        names = set(store.connection.execute(select(company_table.c.name)).scalars())
    assert (owners, names) == ({"acme"}, {"acme"})
    assert turns.name in left
    assert not file.exists()
    assert "nord" not in (companies.directory / "pyproject.toml").read_text(encoding="utf-8")
    assert list(listed(companies)) == ["acme"]
    assert (
        "there is no company nord"
        in companies.run("companies", "remove", "nord", "--yes", expect=2).errors
    )
    # What it had claimed is anybody's, and acme goes on as before.
    companies.sync("acme", "--full", expect=3)


def test_nothing_of_it_is_left_in_the_files(tmp_path: Path) -> None:
    with opened_companies(tmp_path) as companies:
        companies.sync("nord", expect=None)
        names = [row["Name"] for row in companies.ledger.poweroffice.records("Customers")]
        known = [name.encode() for name in names if name and name.isascii() and len(name) > 6]
        files = list(tmp_path.glob("specbridge.db*"))
        assert any(name in file.read_bytes() for name in known for file in files)
        companies.run("companies", "remove", "nord", "--yes")
        for file in tmp_path.glob("specbridge.db*"):
            held = file.read_bytes()
            assert not [name for name in known if name in held]


def test_none_is_removed_while_a_run_works_on_it(companies: Companies) -> None:
    companies.sync("nord", expect=None)
    before = counts(companies.url)
    with open_store(companies.url) as store:
        number = number_company(store.connection, "nord")
        take_lease(store.connection, Lease(company=number, seconds=60, drain=1))
        store.commit()
    done = companies.run("companies", "remove", "nord", "--yes", expect=5)
    assert "is working on this store" in done.errors
    assert counts(companies.url) == {**before, "leases": 1}
    with open_store(companies.url) as store:
        store.connection.execute(delete(leases))
        store.commit()
    assert "nord" in listed(companies)
    assert (companies.directory / "companies" / "nord.env").exists()


def test_one_is_added_for_its_owner_s_eyes(companies: Companies) -> None:
    done = companies.run("companies", "add", "sør.ost", expect=2)
    assert "a company's name has" in done.errors
    assert "already" in companies.run("companies", "add", "acme", expect=2).errors
    done = companies.run("companies", "add", "b.2")
    file = companies.directory / "companies" / "b.2.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text(encoding="utf-8")
    assert "#ZENDESK_OAUTH_TOKEN=" in text
    assert "#POWEROFFICE_GO_CLIENT_KEY=" in text
    assert (companies.directory / "companies" / ".gitignore").read_text(
        encoding="utf-8"
    ) == "*.env\n"
    assert list(listed(companies)) == ["acme", "b.2", "nord"]
    # It lacks everything, and says so; the others are as before.
    assert "no credentials" in companies.run("plan", "--company", "b.2", expect=5).errors
    companies.run("companies", "remove", "b.2", "--yes")
    assert list(listed(companies)) == ["acme", "nord"]


def test_the_company_without_a_name_gets_one_and_keeps_its_links(tmp_path: Path) -> None:
    with opened_companies(tmp_path) as companies:
        (tmp_path / "pyproject.toml").write_text(HEAD, encoding="utf-8")
        own = companies.environments["acme"]
        companies.run("sync", str(PACKAGE), expect=3, **own)
        before = companies.run("links", "--json").output
        file = tmp_path / "companies" / "acme.env"
        lines = file.read_text(encoding="utf-8")
        file.unlink()
        companies.run("companies", "add", "acme", "--take-over")
        file.write_text(lines, encoding="utf-8")
        companies.name_companies(acme="", nord="")
        assert companies.run("links", "--company", "acme", "--json").output == before
        report = companies.sync("acme", "--full", expect=3)
        assert sum(usage["write"] for usage in report["requests"].values()) == 0
        assert companies.run("links", "--company", "acme", "--json").output == before
        errors = companies.run("companies", "add", "more", "--take-over", expect=2).errors
        assert "nothing of a company without a name" in errors
        assert list(listed(companies)) == ["acme", "nord"]


@pytest.mark.parametrize("name", ["", "..", "a/b", "-x", "x" * 65, "a b", "a\n", "ACME", "acme"])
def test_names_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(SettingsError):
        check_name(name, ["acme"])


TEXT = """[project]
name = "x"

[tool.specbridge]
output = "generated"

[tool.specbridge.companies.acme]
schedule = 300

[tool.specbridge.companies.acme.environment]
ZENDESK_SUBDOMAIN = "acme"  # not a secret

[tool.other]
key = "[tool.specbridge.companies.acme]"
"""


def test_a_company_is_written_into_settings_and_taken_out_again() -> None:
    more = with_company(TEXT, "b.2", HERE)
    assert more.startswith(TEXT)
    assert list(parse_settings(more, HERE).companies) == ["acme", "b.2"]
    assert without_company(more, "b.2", HERE).strip() == TEXT.strip()
    less = without_company(more, "acme", HERE)
    assert list(parse_settings(less, HERE).companies) == ["b.2"]
    assert 'output = "generated"' in less
    assert "[tool.other]" in less


@pytest.mark.parametrize(
    "text",
    [
        "[tool.specbridge.companies]\nacme = {}\n",
        "[tool.specbridge]\ncompanies.acme.schedule = 5\n",
        "[tool]\nspecbridge = { companies = { acme = {} } }\n",
    ],
)
def test_what_stands_otherwise_is_left_to_people(text: str) -> None:
    with pytest.raises(SettingsError, match="by hand"):
        without_company(text, "acme", HERE)


def test_variables_take_each_other_s_place() -> None:
    text = "# ours\nA_KEY=1\nB_KEY_FILE=b\nC=3\n"
    assert merge_variables(text, {"A_KEY_FILE": "a", "B_KEY": "2"}) == (
        "# ours\nC=3\nA_KEY_FILE=a\nB_KEY=2\n"
    )


def test_new_keys_are_taken_where_they_reach_the_same_account(companies: Companies) -> None:
    companies.sync("nord", expect=None)
    file = companies.directory / "companies" / "nord.env"
    before = file.read_text(encoding="utf-8")
    new = companies.directory / "new.env"

    def rotate(expect: int, **variables: str) -> str:
        new.write_text("".join(f"{k}={v}\n" for k, v in variables.items()), encoding="utf-8")
        done = companies.run("companies", "rotate", "nord", str(new), expect=expect)
        return done.output + done.errors

    assert "poweroffice-go" in rotate(5, POWEROFFICE_GO_CLIENT_KEY="nobody's")
    assert file.read_text(encoding="utf-8") == before
    other = companies.environments["acme"]
    theirs = {k: v for k, v in other.items() if k.startswith("POWEROFFICE")}
    assert "another account" in rotate(4, **theirs)
    assert file.read_text(encoding="utf-8") == before
    token = companies.environments["nord"]["ZENDESK_OAUTH_TOKEN"]
    secret = companies.directory / "token"
    secret.write_text(token, encoding="utf-8")
    assert "the same account" in rotate(0, ZENDESK_OAUTH_TOKEN_FILE=str(secret))
    after = file.read_text(encoding="utf-8")
    assert f"ZENDESK_OAUTH_TOKEN_FILE={secret}" in after
    assert "ZENDESK_OAUTH_TOKEN=" not in after
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not list(file.parent.glob("*.new"))
    companies.sync("nord", expect=None)
