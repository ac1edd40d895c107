"""plan, sync, audit and undo without PACKAGE: all packages of the output folder, as one run, from anywhere below it."""

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Office, Terminal
from tests.acceptance.test_identity import CUSTOMERS, equal, every, state_section

ORGANIZATIONS = "Zendesk Organizations"
PEOPLE = "Powerofficego ContactPersons"
USERS = "Zendesk Users"
NAMES = state_section(
    *(CUSTOMERS, ORGANIZATIONS, equal(CUSTOMERS, ORGANIZATIONS, "Name", "name")),
    ("Name", "name"),
)
PERSONS = state_section(
    *(PEOPLE, USERS, equal(PEOPLE, USERS, "EmailAddress", "email")),
    *(("EmailAddress", "email"), ("Title", "notes")),
)
# Nobody says which customers are meant: the mapper is generated, the flow cannot run.
UNKNOWN = state_section("Powerofficego Customers (blue ones)", USERS, every(CUSTOMERS, USERS))
PACKAGES = {"companies": NAMES, "nobody": UNKNOWN, "people": PERSONS}


@pytest.fixture
def project(office: Office) -> Terminal:
    """Return a terminal in a project of three packages, one of which has no flow that can run."""
    terminal = office.terminal
    root = terminal.directory / "project"
    root.mkdir()
    (root / "pyproject.toml").write_text("[tool.specbridge]\n", encoding="utf-8")
    for name, text in PACKAGES.items():
        title = "Powerofficego to Zendesk Dataflow"
        document = f"{title}\n{'=' * len(title)}\n\n{text}"
        Path(terminal.directory, "powerofficego-zendesk.rst").write_text(document, encoding="utf-8")
        done = terminal.run("generate", "powerofficego-zendesk.rst", "-o", f"made/{name}")
        assert done.status == 0, done.errors
        made = terminal.directory / "made" / name / "powerofficego_zendesk"
        shutil.copytree(made, root / "generated" / name)
    environment = {n: v for n, v in terminal.environment.items() if n != "SPECBRIDGE_STORE"}
    return replace(terminal, directory=root, environment=environment)


def read(office: Office) -> Counter[str]:
    """Return how often each list was read since the logs were last emptied."""
    logs = [office.sandbox.poweroffice.request_log, office.sandbox.zendesk.request_log]
    paths = [path for log in logs for method, path, _ in log.entries if method == "GET"]
    for log in logs:
        log.clear()
    lists = ("Customers", "ContactPersons", "organizations", "cursor")
    return Counter(path.rpartition("/")[2] for path in paths if path.endswith(lists))


def edit(office: Office) -> None:
    """Have somebody rename a company that is linked, and a contact person's title."""
    office.pass_time()
    office.rename_organization(office.organization("Nordlys Elektro AS"), "Nordlys ASA")
    contact = office.contact("Ingrid")
    office.patch(f"/ContactPersons/{contact['ContactId']}/{contact['Id']}", "Title", "Sjef")


def held(office: Office) -> tuple[Any, Any]:
    names = {row["Name"] for row in office.sandbox.poweroffice.records("Customers")}
    return "Nordlys ASA" in names, office.user("Ingrid Dahl")["notes"]


def test_sync_without_a_package_runs_all_that_can_run_as_one(
    office: Office, project: Terminal
) -> None:
    done = project.run("sync", "--json")
    assert done.status in (0, 3), done.errors
    assert done.answer["packages"] == ["companies", "people"]
    flows = {flow["name"]: flow["package"] for flow in done.answer["flows"]}
    assert flows == {"customers_to_organizations": "companies", "contactpersons_to_users": "people"}
    assert [flow["links"] > 0 for flow in done.answer["flows"]] == [True, True]
    read(office)
    edit(office)
    plan = project.run("plan", "--json")
    assert read(office) == Counter(
        {"Customers": 1, "ContactPersons": 1, "organizations": 1, "cursor": 1}
    )
    assert held(office) != (True, "Sjef")
    again = project.run("sync", "--json", "--actions")
    assert [(a["flow"], a["kind"], a["id"]) for a in plan.answer["actions"]] == [
        (a["flow"], a["kind"], a["id"]) for a in again.answer["actions"]
    ]
    assert held(office) == (True, "Sjef")
    assert project.run("sync", "--json").writes == 0


def test_one_package_at_a_time_and_all_together_share_what_was_read(
    office: Office, project: Terminal
) -> None:
    project.run("sync")
    edit(office)
    one = project.run("sync", "generated/people", "--json")
    assert one.answer["packages"] == ["people"]
    assert held(office) == (False, "Sjef")
    assert project.run("sync", "--json").writes == 1
    assert held(office) == (True, "Sjef")


def test_a_flow_that_no_package_has_is_refused_and_one_of_any_is_run(project: Terminal) -> None:
    done = project.run("sync", "--flow", "contactpersons_to_users", "--json")
    assert [flow["name"] for flow in done.answer["flows"]] == ["contactpersons_to_users"]
    refused = project.run("sync", "--flow", "nobody_to_nothing")
    assert refused.status == 2
    assert "no flow nobody_to_nothing" in refused.errors


def test_an_audit_without_a_package_checks_the_statements_of_all(project: Terminal) -> None:
    project.run("sync")
    done = project.run("audit", "--json")
    assert done.status in (0, 3), done.errors
    flows = {statement["flow"] for statement in done.answer["statements"]}
    assert flows == {"customers_to_organizations", "contactpersons_to_users"}


def test_undo_of_a_run_of_all_packages_restores_what_each_of_them_wrote(
    office: Office, project: Terminal
) -> None:
    project.run("sync")
    before = held(office)
    edit(office)
    run = project.run("sync", "--json").answer["run"]
    assert held(office) == (True, "Sjef")
    done = project.run("undo", run, "--json")
    assert done.status == 0, done.errors
    assert len(done.answer["restored"]) == 2
    assert held(office) == before


def test_what_is_started_in_another_folder_runs_the_project_it_lies_in(
    office: Office, project: Terminal
) -> None:
    """As cron does it, with hardly any environment, in a folder of its own."""
    logs = project.directory / "var" / "logs"
    logs.mkdir(parents=True)
    elsewhere = replace(project, directory=logs)
    assert elsewhere.run("sync", "--json").answer["packages"] == ["companies", "people"]
    assert list(logs.iterdir()) == []
    assert (project.directory / "specbridge.db").is_file()
    edit(office)
    assert elsewhere.run("sync", "generated/people", "--json").writes == 1
    assert project.run("sync", "--json").writes == 1
    assert elsewhere.run("sync", "--json").writes == 0


def test_a_package_that_is_named_by_its_folder_brings_its_project_along(
    project: Terminal, tmp_path: Path
) -> None:
    """As cron does it in somebody's home, where there is no project at all."""
    home = tmp_path / "home"
    home.mkdir()
    at_home = replace(project, directory=home)
    done = at_home.run("sync", str(project.directory / "generated" / "people"), "--json")
    assert done.answer["packages"] == ["people"], done.errors
    assert list(home.iterdir()) == []
    assert (project.directory / "specbridge.db").is_file()


def test_a_folder_without_packages_that_can_run_says_so(project: Terminal) -> None:
    for name in ("companies", "people"):
        shutil.rmtree(project.directory / "generated" / name)
    for words in (("sync",), ("plan",), ("audit",)):
        done = project.run(*words)
        assert done.status == 2
        assert "generated has no package with a flow that can run" in done.errors


@pytest.mark.parametrize("word", ["sync", "plan", "audit"])
def test_help_says_what_runs_where_no_package_is_named(terminal: Terminal, word: str) -> None:
    shown = " ".join(terminal.run(word, "--help").output.split())
    assert "all packages of the output folder" in shown
    assert "[PACKAGE]" in shown
