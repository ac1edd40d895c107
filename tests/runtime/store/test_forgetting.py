"""Runs are forgotten in their time, however they ended, and not before what they left is dealt with."""

from contextlib import suppress

import pytest
from specbridge.errors import ServerError
from specbridge.runtime.decide.options import ConflictPolicy, FlowPolicy, RunOptions
from specbridge.runtime.engine.undo import undo_run
from specbridge.runtime.flow import ALWAYS
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.leftover.handwork import split_link
from specbridge.runtime.store.packages import known_flows
from specbridge.runtime.store.tables.schema import conflicts, journal, runs
from sqlalchemy import select

from tests.runtime.bench import Bench
from tests.runtime.people import person_flow
from tests.runtime.worlds import Crash

YEAR = 365 * 86_400


def outcomes(bench: Bench) -> dict[int, str | None]:
    with bench.open() as store:
        rows = store.connection.execute(select(runs)).all()
    return {row.number: row.outcome for row in rows}


def entries(bench: Bench) -> dict[int, list[str]]:
    """Return the states of the writes that are remembered, by run."""
    kept: dict[int, list[str]] = {}
    with bench.open() as store:
        for run, state in store.connection.execute(select(journal.c.run, journal.c.state)):
            kept.setdefault(run, []).append(state)
    return kept


def put_people(bench: Bench, count: int) -> None:
    bench.flows = (person_flow(ALWAYS, ALWAYS),)
    for number in range(count):
        bench.ledgerly.put("Persons", {"Name": f"P{number}", "Mail": f"{number}@x.example"})


def kill(bench: Bench) -> None:
    """Have a run die after its second write."""
    bench.acme.crash_after = 1
    with suppress(Crash):
        bench.sync()


def test_a_run_that_was_killed_is_forgotten_in_its_time(bench: Bench) -> None:
    put_people(bench, 3)
    kill(bench)
    bench.sync()
    assert (1 in outcomes(bench), len(entries(bench)[1])) == (True, 3)
    bench.clock.advance(YEAR)
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert set(outcomes(bench)) == {3}
    assert entries(bench) == {}


def test_what_a_killed_run_left_open_is_looked_up_first_however_long_ago_it_was(
    bench: Bench,
) -> None:
    put_people(bench, 3)
    kill(bench)
    bench.clock.advance(YEAR)
    # It cannot even read: nothing of what was under way is known yet.
    bench.acme.fail_read = 0
    assert bench.sync().outcome is RunOutcome.FAILED
    assert entries(bench)[1] == ["open"] * 3
    report = bench.sync()
    assert (report.outcome, report.writes) == (RunOutcome.CLEAN, 1)
    assert sorted(str(row["name"]) for row in bench.acme.rows("users")) == ["P0", "P1", "P2"]
    assert 1 not in outcomes(bench)


@pytest.mark.parametrize("fault", ["fail_before", "fail_after"])
def test_an_undo_that_an_api_ends_says_so_and_is_forgotten(bench: Bench, fault: str) -> None:
    put_people(bench, 2)
    bench.sync()
    for id_ in bench.ledgerly.records("Persons"):
        bench.ledgerly.edit("Persons", id_, Name=f"New {id_}")
    run = bench.sync().run
    setattr(bench.acme, fault, 1)
    with bench.open() as store, pytest.raises(ServerError):
        undo_run(bench.task, store, bench.edges(), run)
    assert outcomes(bench)[3] == "failed"
    bench.sync()
    bench.clock.advance(YEAR)
    bench.sync()
    assert set(outcomes(bench)) == {5}
    assert entries(bench) == {}


def test_a_conflict_keeps_its_run_as_long_as_somebody_can_decide_it(bench: Bench) -> None:
    bench.options = RunOptions(policy=FlowPolicy(conflicts=ConflictPolicy.MANUAL))
    person = bench.ledgerly.put("Persons", {"Name": "A", "Mail": "a@x.example"})
    user = bench.acme.put("users", {"name": "B", "email": "a@x.example"})
    bench.sync()
    bench.clock.advance(YEAR)
    bench.sync()
    assert set(outcomes(bench)) == {1, 2}
    with bench.open() as store:
        flow = next(f for f in known_flows(store.connection) if f.name == "person_to_users")
        split_link(store.connection, flow, (person, user))
        store.commit()
    bench.sync()
    assert 1 not in outcomes(bench)
    with bench.open() as store:
        assert store.connection.execute(select(conflicts)).all() == []
