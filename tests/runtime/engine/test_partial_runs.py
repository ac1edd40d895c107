"""Runs of some flows only: what other flows have yet to deal with stays queued, and hides nothing."""

from dataclasses import replace

from specbridge.runtime.flow import ALWAYS
from specbridge.runtime.records import Refused, Write
from specbridge.runtime.reports.report import RunOutcome

from tests.runtime.bench import Bench
from tests.runtime.people import firm_flow, person_flow

ONE = frozenset({"person_to_users"})


def share(bench: Bench) -> tuple[str, str]:
    """Have two flows share both resources; return the ids of a person and a user who are linked."""
    second = replace(person_flow(), name="second")
    bench.flows = (firm_flow(), person_flow(), second)
    person = bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example"})
    user = bench.acme.put("users", {"name": "Ann", "email": "a@x.example"})
    assert bench.sync().outcome is RunOutcome.CLEAN
    return person, user


def test_b11_a_concurrent_edit_is_merged_by_a_run_of_one_flow_as_well(bench: Bench) -> None:
    person, user = share(bench)
    bench.ledgerly.edit("Persons", person, Name="New")
    between = iter(["1"])

    def meddle(write: Write) -> Refused | None:
        for phone in between:
            bench.acme.edit("users", user, phone=phone)
            return Refused(key=write.key, status=409, reason="changed", stale=True)
        return None

    bench.acme.refuse = meddle
    assert bench.sync(only=ONE).outcome is RunOutcome.CLEAN
    assert bench.acme.rows("users") == [{"name": "New", "email": "a@x.example", "phone": "1"}]
    assert bench.ledgerly.rows("Persons")[0]["Phone"] == "1"


def test_c13_what_a_server_makes_of_a_value_is_merged_by_a_run_of_one_flow_as_well(
    bench: Bench,
) -> None:
    person, _ = share(bench)
    bench.ledgerly.edit("Persons", person, Name="New")
    # Only seen in the answer to the write: the user comes up in the second round, the person not.
    bench.acme.meddle = lambda write: bench.acme.records("users")[
        next(iter(bench.acme.records("users")))
    ].properties.update(phone="7")
    bench.sync(only=ONE)
    assert bench.ledgerly.rows("Persons")[0]["Phone"] == "7"


def test_a_run_of_all_flows_deals_with_what_was_left_and_a_further_one_with_nothing(
    bench: Bench,
) -> None:
    person, _ = share(bench)
    bench.flows = (*bench.flows[:1], person_flow(ALWAYS), *bench.flows[2:])
    bench.ledgerly.edit("Persons", person, Name="New")
    bench.sync(only=ONE)
    assert bench.sync().outcome is RunOutcome.CLEAN
    report = bench.sync()
    assert (report.writes, report.rounds) == (0, 0)
