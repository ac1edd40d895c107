"""Runs of companies: one by its name, all one after the other; what keeps one from running stops no other."""

import json
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from tests.companies.office import HEAD, PACKAGE, Companies, opened_companies


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Companies]:
    """Give one office for all of this module, on SQLite alone: the store has no part in what is tested."""
    with opened_companies(tmp_path_factory.mktemp("office")) as opened:
        yield opened


@pytest.fixture
def companies(named: Companies) -> Companies:
    """Return the office with its two companies as they were named at first."""
    return named


def sync_all(companies: Companies, expect: int) -> dict[str, dict[str, Any]]:
    done = companies.run("sync", "--all-companies", "--json", "-q", expect=expect)
    answer = json.loads(done.output)
    assert answer["exit_code"] == expect
    return {one["company"]: one for one in answer["companies"]}


def test_which_company_must_be_said_where_there_are_several(companies: Companies) -> None:
    for command in ("sync", "plan", "audit", "links", "conflicts", "dead-letters"):
        errors = companies.run(command, expect=2).errors
        assert "say which company (--company, SPECBRIDGE_COMPANY); there are acme, nord" in errors
    for line in ("runs", "duplicates", f"doctor {PACKAGE}", "pause", "resume"):
        assert "there are acme, nord" in companies.run(*line.split(), expect=2).errors
    assert "did you mean acme?" in companies.run("plan", "--company", "acne", expect=2).errors
    assert companies.run("plan", expect=None, SPECBRIDGE_COMPANY="acme").status in (0, 3)
    # An option comes before the environment, and status asks for no name.
    errors = companies.run("plan", "--company", "x", expect=2, SPECBRIDGE_COMPANY="acme").errors
    assert "there is no company x" in errors
    companies.run("status")


def test_one_bad_company_stops_no_other(companies: Companies) -> None:
    """One lacks a key, one's system is down, one's file is not there; acme runs all the same."""
    own = dict(companies.environments["nord"])
    companies.name_companies(acme="", down="", lacks="", lost="", nord="")
    companies.write_variables("down", {**own, "POWEROFFICE_GO_BASE_URL": "http://127.0.0.1:9"})
    companies.write_variables("lacks", {k: v for k, v in own.items() if "ZENDESK_OAUTH" not in k})
    (companies.directory / "companies" / "lost.env").unlink()
    runs = sync_all(companies, expect=5)
    assert list(runs) == ["acme", "down", "lacks", "lost", "nord"]
    codes = {name: run["exit_code"] for name, run in runs.items()}
    assert codes == {"acme": 3, "down": 5, "lacks": 5, "lost": 2, "nord": 3}
    assert runs["acme"]["run"]["outcome"] == "left_over"
    assert "ZENDESK" in runs["lacks"]["error"]
    assert "lost.env cannot be read" in runs["lost"]["error"]
    assert runs["lost"]["run"] is None
    text = companies.run("sync", "--all-companies", "-q", expect=5)
    assert "exit code 5: down, lacks" in text.output
    assert "specbridge: lacks: " in text.errors


def test_another_account_stops_that_company_alone(companies: Companies) -> None:
    sync_all(companies, expect=3)
    other = companies.environments["acme"]
    ledger = {k: v for k, v in other.items() if k.startswith("POWEROFFICE")}
    companies.write_variables("nord", {**companies.environments["nord"], **ledger})
    runs = sync_all(companies, expect=4)
    assert (runs["acme"]["exit_code"], runs["nord"]["exit_code"]) == (3, 4)
    assert "another account" in runs["nord"]["error"]


def test_what_the_process_has_is_no_company_s(companies: Companies) -> None:
    """What a company's own file leaves unsaid is missing, not somebody else's."""
    own = companies.environments["acme"]
    companies.write_variables("acme", {k: v for k, v in own.items() if "OAUTH" not in k})
    done = companies.run("plan", "--company", "acme", expect=5, **own)
    assert "no credentials" in done.errors
    # What all share stands beside, and a secret's file is found from there.
    folder = companies.directory / "companies"
    (folder / "token").write_text(own["ZENDESK_OAUTH_TOKEN"], encoding="utf-8")
    (folder / "_shared.env").write_text("ZENDESK_OAUTH_TOKEN_FILE=token\n", encoding="utf-8")
    try:
        assert companies.run("plan", "--company", "acme", expect=None).status in (0, 3)
    finally:
        (folder / "_shared.env").unlink()


def test_a_folder_of_files_names_them(companies: Companies) -> None:
    text = f'{HEAD}companies = "firms"\n'
    (companies.directory / "pyproject.toml").write_text(text, encoding="utf-8")
    folder = companies.directory / "firms"
    folder.mkdir(exist_ok=True)
    assert "there is none yet" in companies.run("sync", expect=2).errors
    more = f"SPECBRIDGE_PACKAGES={PACKAGE.name}\nSPECBRIDGE_SCHEDULE="
    lines = "".join(f"{k}={v}\n" for k, v in companies.environments["acme"].items())
    for name, schedule in (("one", "3600"), ("two", "soon"), ("three four", "60")):
        (folder / f"{name}.env").write_text(f"{lines}{more}{schedule}\n", encoding="utf-8")
    found = json.loads(companies.run("companies", "--json").output)["companies"]
    rows = {row["company"]: row for row in found}
    assert rows["one"]["packages"] == [PACKAGE.name]
    assert rows["one"]["next_run"] is not None
    assert "SPECBRIDGE_SCHEDULE" in rows["two"]["fault"]
    assert "letters a to z" in rows["three four"]["fault"]
    assert companies.run("plan", "--company", "one", expect=None).status in (0, 3)
    assert "SPECBRIDGE_SCHEDULE" in companies.run("plan", "--company", "two", expect=2).errors


def test_a_company_runs_the_packages_that_are_its(companies: Companies) -> None:
    text = f'{HEAD}[tool.specbridge.companies.acme]\npackages = ["powerofficego_acme"]\n'
    (companies.directory / "pyproject.toml").write_text(text, encoding="utf-8")
    errors = companies.run("plan", "--company", "acme", expect=2).errors
    assert "there is no package powerofficego_acme; did you mean powerofficego_" in errors
    companies.name_companies(acme="")
    others = [path for path in PACKAGE.parent.iterdir() if (path / "__init__.py").exists()]
    foreign = next(path for path in others if path.name != PACKAGE.name)
    errors = companies.run("plan", str(foreign), "--company", "acme", expect=2).errors
    assert f"runs {PACKAGE.name}, and not {foreign.name}" in errors


def test_without_companies_none_can_be_named(companies: Companies, tmp_path: Path) -> None:
    (companies.directory / "pyproject.toml").write_text(HEAD, encoding="utf-8")
    errors = companies.run("plan", "--company", "acme", expect=2).errors
    assert "the settings name no company" in errors
    assert (
        "the settings name no company" in companies.run("sync", "--all-companies", expect=2).errors
    )
    own = companies.environments["acme"]
    store = f"sqlite:///{tmp_path / 'nameless.db'}"
    done = companies.run("sync", str(PACKAGE), expect=3, **{**own, "SPECBRIDGE_STORE": store})
    assert "company" not in done.output
    made = [
        row["external_id"]
        for row in companies.zendesk.zendesk.records("organizations")
        if row["external_id"]
    ]
    assert not [one for one in made if one.startswith("specbridge::")]


def test_a_run_is_undone_for_the_company_that_it_was_of(companies: Companies) -> None:
    sync_all(companies, expect=3)
    runs = json.loads(companies.run("runs", "--company", "acme", "--json").output)
    number = next(run["run"] for run in reversed(runs) if run["writes"])
    errors = companies.run("undo", number, "--company", "nord", expect=2).errors
    assert "is not of the company nord" in errors
    done = companies.run("undo", number, "--package", str(PACKAGE), "--json")
    assert json.loads(done.output)["run"]


def test_a_watch_runs_all_again_and_those_that_come(companies: Companies) -> None:
    def runs() -> dict[str, int]:
        rows = json.loads(companies.run("companies", "--json").output)["companies"]
        return {row["company"]: int((row["last_run"] or {"run": 0})["run"]) for row in rows}

    def wait_for(names: set[str], after: int) -> None:
        deadline = monotonic() + 120
        while not all(runs().get(name, 0) > after for name in names):
            assert monotonic() < deadline, runs()
            sleep(0.2)

    before = max(runs().values())
    with companies.terminal.begun("sync", "--all-companies", "--watch", "1", "-q") as command:
        wait_for({"acme", "nord"}, before)
        companies.name_companies(acme="", late="", nord="")
        wait_for({"acme", "late"}, max(runs().values()))
        command.terminate()
        assert command.wait(60) in (0, 3)
