"""What a person chose in a conflict stands until it is written (scenario B1), whatever happens before."""

from contextlib import suppress
from dataclasses import replace

import pytest
from specbridge.runtime.decide.options import ConflictPolicy, FlowPolicy, RunOptions
from specbridge.runtime.engine.run import run_sync
from specbridge.runtime.records import Refused, Write
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.leftover.leftovers import choose_winner
from specbridge.runtime.store.seen.queue import queue_records
from specbridge.runtime.store.tables.schema import conflicts
from sqlalchemy import select

from tests.runtime.bench import Bench
from tests.runtime.people import person_flow
from tests.runtime.worlds import Crash

MANUAL = RunOptions(policy=FlowPolicy(conflicts=ConflictPolicy.MANUAL))


@pytest.fixture
def person(bench: Bench) -> str:
    """Return the id of a person whose name differs from that of the linked user, undecided."""
    bench.flows, bench.options = (person_flow(),), MANUAL
    person = bench.ledgerly.put("Persons", {"Name": "Ann", "Mail": "a@x.example"})
    user = bench.acme.put("users", {"name": "Ann", "email": "a@x.example"})
    bench.sync()
    bench.ledgerly.edit("Persons", person, Name="Source")
    bench.acme.edit("users", user, name="Target")
    assert bench.sync().outcome is RunOutcome.LEFT_OVER
    return person


def choose(bench: Bench, person: str, winner: str) -> None:
    """Do what `conflicts settle` does."""
    with bench.open() as store:
        number = store.connection.execute(select(conflicts.c.number)).scalar_one()
        choose_winner(store.connection, number, winner)
        queue_records(store.connection, [(1, 0)], [person])
        store.commit()


def rows(bench: Bench) -> list[tuple[str | None, str]]:
    """Return winner and state of each conflict."""
    with bench.open() as store:
        found = store.connection.execute(select(conflicts).order_by(conflicts.c.number))
        return [(row.winner, row.state) for row in found]


def names(bench: Bench) -> tuple[object, object]:
    return bench.ledgerly.rows("Persons")[0]["Name"], bench.acme.rows("users")[0]["name"]


@pytest.mark.parametrize("winner", ["source", "target"])
@pytest.mark.parametrize("fault", ["crash_before", "crash_after", "fail_before", "fail_after"])
def test_b1_a_choice_outlives_a_crash_or_a_failure(
    bench: Bench, person: str, winner: str, fault: str
) -> None:
    choose(bench, person, winner)
    setattr(bench.acme if winner == "source" else bench.ledgerly, fault, 0)
    with suppress(Crash):
        bench.sync()
    assert rows(bench) == [(winner, "chosen")]
    assert bench.sync().outcome is RunOutcome.CLEAN
    value = winner.capitalize()
    assert names(bench) == (value, value)
    assert rows(bench) == [(winner, "settled")]
    assert bench.sync(full=True).writes == 0


def test_b1_a_choice_outlives_a_server_that_writes_in_capitals_and_a_crash(
    bench: Bench, person: str
) -> None:
    choose(bench, person, "source")
    bench.acme.normalise = lambda _, value: value.upper() if isinstance(value, str) else value
    bench.acme.crash_after = 0
    with suppress(Crash):
        bench.sync()
    bench.sync()
    assert (names(bench), rows(bench)) == (("Source", "SOURCE"), [("source", "settled")])
    assert [bench.sync().writes, bench.sync(full=True).writes] == [0, 0]


@pytest.mark.parametrize("stale", [False, True])
def test_b1_a_choice_outlives_a_refused_write(bench: Bench, person: str, stale: bool) -> None:
    choose(bench, person, "source")

    def refuse(write: Write) -> Refused | None:
        return Refused(key=write.key, status=422, reason="not today", stale=stale)

    bench.acme.refuse = refuse
    assert bench.sync().outcome is RunOutcome.LEFT_OVER
    assert rows(bench) == [("source", "chosen")]
    bench.acme.refuse = lambda _write: None
    bench.acme.edit("users", next(iter(bench.acme.records("users"))), phone="1")
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert names(bench) == ("Source", "Source")
    assert rows(bench) == [("source", "settled")]


def test_b1_a_choice_outlives_a_stop_before_the_write(bench: Bench, person: str) -> None:
    choose(bench, person, "source")
    edges = bench.edges()

    def stop(subject: str, _count: int) -> None:
        # The pair is planned by now, and nothing is written yet.
        if subject.startswith("sync "):
            edges.stop.set()

    with bench.open() as store:
        run_sync(bench.task, store, replace(edges, progress=stop), bench.options)
    assert (names(bench), rows(bench)) == (("Source", "Target"), [("source", "chosen")])
    bench.sync()
    assert (names(bench), rows(bench)) == (("Source", "Source"), [("source", "settled")])


def test_b1_settings_decide_once_the_write_is_taken(bench: Bench, person: str) -> None:
    bench.options = RunOptions(policy=FlowPolicy(conflicts=ConflictPolicy.TARGET))
    bench.ledgerly.crash_before = 0
    with suppress(Crash):
        bench.sync()
    assert bench.sync().outcome is RunOutcome.CLEAN
    assert names(bench) == ("Target", "Target")
    assert rows(bench) == [("target", "settled")]
    assert person in bench.ledgerly.records("Persons")
