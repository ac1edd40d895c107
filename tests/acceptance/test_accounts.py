"""A store is about one account of each system: another one behind it stops the run before anything is read."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from specbridge.sandbox.messages import Answer, Call
from specbridge.sandbox.options import LimitsPlan, SandboxOptions
from specbridge.sandbox.running import Running

from tests.acceptance.answers import On, Reply, answering
from tests.acceptance.conftest import PACKAGE, Office, opened_office

PROBES = {"/v2/ClientIntegrationInformation", "/api/v2/users/me"}
OTHER_CLIENT = "5a0d7c1e-0000-4000-8000-0000000000ff"


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[tuple[Office, Office]]:
    """Serve two companies' systems, and give both terminals one store."""
    options = SandboxOptions(limits=LimitsPlan.OFF, withhold_seconds=0)
    store = {"SPECBRIDGE_STORE": f"sqlite:///{tmp_path / 'store.db'}"}
    with ExitStack() as stack:
        found = [stack.enter_context(opened_office(tmp_path, options)) for _ in range(2)]
        one, other = (
            replace(
                office,
                terminal=replace(
                    office.terminal, environment={**office.terminal.environment, **store}
                ),
            )
            for office in found
        )
        yield one, other


def is_probe(call: Call) -> bool:
    return call.path == "/v2/ClientIntegrationInformation"


def tells(**values: Any) -> Reply:
    """Return what says something else of the account than the system does; None is left out."""

    def reply(call: Call, on: On) -> Answer:
        answer = on(call)
        assert isinstance(answer.body, dict)
        body = {**answer.body, **values}
        return replace(answer, body={n: v for n, v in body.items() if v is not None})

    return reply


def begin(*systems: Running) -> None:
    for running in systems:
        running.request_log.clear()


def asked(*systems: Running) -> set[str]:
    """Return the addresses that were asked for records or written to; signing in and probes aside."""
    entries = [entry for running in systems for entry in running.request_log.entries]
    return {
        f"{method} {path}"
        for method, path, _ in entries
        if path not in PROBES and "oken" not in path
    }


def systems_of(office: Office) -> tuple[Running, Running]:
    return office.sandbox.poweroffice, office.sandbox.zendesk


def test_other_systems_behind_the_same_store_are_neither_read_nor_written(
    offices: tuple[Office, Office],
) -> None:
    one, other = offices
    assert one.terminal.sync().status == 3
    names = {row["name"] for row in other.sandbox.zendesk.records("organizations")}
    begin(*systems_of(other))
    for word in ("sync", "plan"):
        done = other.terminal.run(word, str(PACKAGE), "--json")
        assert done.status == 4, done.errors
        assert done.answer["outcome"] == "guard"
        assert "another account" in done.answer["error"]
        assert "--force" in done.answer["error"]
    done = other.terminal.run("audit", str(PACKAGE))
    assert (done.status, "another account" in done.errors) == (4, True)
    assert asked(*systems_of(other)) == set()
    assert {row["name"] for row in other.sandbox.zendesk.records("organizations")} == names
    # The store is as it was: its own systems go on.
    again = one.terminal.sync()
    assert (again.status, again.writes) == (3, 0)


def test_force_takes_the_other_account_over_and_reads_it_in_full(
    offices: tuple[Office, Office],
) -> None:
    one, other = offices
    customers = {row["Name"] for row in other.sandbox.poweroffice.records("Customers")}
    shared = min(customers & {r["name"] for r in other.sandbox.zendesk.records("organizations")})
    # Earlier than anything that the first account's cursors would ask for.
    other.pass_time(-7200)
    other.rename_organization(other.organization(shared), "Renamed Before AS")
    other.pass_time(7200)
    one.terminal.sync()
    done = other.terminal.sync("--force")
    assert done.status in (0, 3), done.errors
    assert "another account is taken over" in done.errors
    assert other.customer("Renamed Before AS")
    assert (other.terminal.sync().status, one.terminal.sync().status) == (done.status, 4)


def test_another_client_at_the_same_address_is_another_account(office: Office) -> None:
    assert office.terminal.sync().status == 3
    begin(*systems_of(office))
    with answering(office.sandbox.poweroffice, is_probe, tells(ClientId=OTHER_CLIENT)):
        done = office.terminal.sync()
    assert done.status == 4
    assert done.answer["error"].startswith("poweroffice-go: this is another account")
    assert asked(*systems_of(office)) == set()


def test_a_client_that_was_renamed_is_the_same_account(office: Office) -> None:
    assert office.terminal.sync().status == 3
    with answering(office.sandbox.poweroffice, is_probe, tells(ClientName="Another Name AS")):
        done = office.terminal.sync()
    assert (done.status, done.writes) == (3, 0)


def test_a_probe_that_does_not_say_any_more_which_account_is_exit_5(office: Office) -> None:
    assert office.terminal.sync().status == 3
    begin(*systems_of(office))
    with answering(office.sandbox.poweroffice, is_probe, tells(ClientId=None)):
        done = office.terminal.sync()
    assert done.status == 5
    assert "does not say which account" in done.output + done.errors
    assert asked(*systems_of(office)) == set()
    assert office.terminal.sync().status == 3


def test_a_probe_that_never_said_it_keeps_nobody_from_working(office: Office) -> None:
    with answering(office.sandbox.poweroffice, is_probe, tells(ClientId=None)):
        assert office.terminal.sync().status == 3


def one_client(office: Office) -> str:
    """Return the id of PowerOffice's client, as its probe tells it."""
    told: list[str] = []

    def reply(call: Call, on: On) -> Answer:
        answer = on(call)
        assert isinstance(answer.body, dict)
        told.append(answer.body["ClientId"])
        return answer

    with answering(office.sandbox.poweroffice, is_probe, reply):
        office.terminal.sync()
    return told[0]


def test_the_store_keeps_no_name_of_an_account(office: Office) -> None:
    assert office.terminal.sync().status == 3
    held = b"".join(path.read_bytes() for path in office.terminal.directory.glob("specbridge.db*"))
    assert len(held) > 10_000
    environment = office.terminal.environment
    addresses = [environment["POWEROFFICE_GO_BASE_URL"], environment["ZENDESK_BASE_URL"]]
    client = one_client(office)
    for text in (client, *addresses):
        assert text.encode() not in held


def test_who_the_account_is_costs_one_request_a_process_to_each_system(office: Office) -> None:
    assert office.terminal.sync().status == 3
    begin(*systems_of(office))
    assert office.terminal.sync().status == 3
    paths = [path for one in systems_of(office) for _, path, _ in one.request_log.entries]
    assert sorted(path for path in paths if path in PROBES) == sorted(PROBES)


def test_another_address_of_the_same_account_is_no_other_account(office: Office) -> None:
    """A gateway before the system, or another name of its host, is not somebody else."""
    assert office.terminal.sync().status == 3
    environment = dict(office.terminal.environment)
    base = environment["POWEROFFICE_GO_BASE_URL"]
    assert "127.0.0.1" in base
    environment["POWEROFFICE_GO_BASE_URL"] = base.replace("127.0.0.1", "localhost")
    moved = replace(office.terminal, environment=environment)
    done = moved.sync()
    assert (done.status, done.writes) == (3, 0), done.errors
