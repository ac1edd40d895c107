"""Complete readings that break off: what they saw says nothing about what the next one finds (scenario D1)."""

from dataclasses import replace

import pytest
from specbridge.runtime.engine.run import run_sync
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.tables.schema import links, records
from sqlalchemy import select

from tests.runtime.bench import Bench
from tests.runtime.people import person_flow


@pytest.fixture
def persons(bench: Bench) -> list[str]:
    """Return the ids of thirty linked persons."""
    bench.flows = (person_flow(),)
    found = []
    for number in range(30):
        mail = f"{number}@x.example"
        found.append(bench.ledgerly.put("Persons", {"Name": f"P{number}", "Mail": mail}))
        bench.acme.put("users", {"name": f"P{number}", "email": mail})
    assert bench.sync().writes == 0
    return found


def vanished(bench: Bench) -> list[str]:
    with bench.open() as store:
        chosen = select(links.c.source_id).where(links.c.vanished.is_(True))
        return list(store.connection.execute(chosen).scalars())


def stop_while_reading(bench: Bench) -> None:
    """Break off a complete reading of the persons once they are stored."""
    edges = bench.edges()

    def stop(subject: str, count: int) -> None:
        if subject == "read ledgerly Persons" and count:
            edges.stop.set()

    options = replace(bench.options, full=True)
    with bench.open() as store:
        report = run_sync(bench.task, store, replace(edges, progress=stop), options)
    assert report.error is not None
    with bench.open() as store:
        seen = store.connection.execute(select(records.c.generation).distinct()).scalars().all()
    # They were stored, or this would show nothing.
    assert len(seen) == 2


def test_d1_a_record_deleted_after_a_reading_broke_off_is_missed_by_the_next(
    bench: Bench, persons: list[str]
) -> None:
    stop_while_reading(bench)
    bench.ledgerly.remove("Persons", persons[0])
    assert bench.sync(full=True).outcome is RunOutcome.CLEAN
    assert vanished(bench) == [persons[0]]


def test_d1_changes_between_the_two_readings_do_not_hide_it(
    bench: Bench, persons: list[str]
) -> None:
    stop_while_reading(bench)
    for id_ in persons[:2]:
        bench.ledgerly.edit("Persons", id_, Name=f"New {id_}")
    assert bench.sync().writes == 2
    bench.ledgerly.remove("Persons", persons[0])
    bench.sync(full=True)
    assert vanished(bench) == [persons[0]]


def test_d6_a_reading_that_the_guard_stopped_does_not_hide_it_either(
    bench: Bench, persons: list[str]
) -> None:
    kept = dict(bench.ledgerly.records("Persons"))
    bench.ledgerly.resources["Persons"] = {id_: kept[id_] for id_ in persons[:10]}
    assert bench.sync(full=True).outcome is RunOutcome.GUARD
    bench.ledgerly.resources["Persons"] = {id_: kept[id_] for id_ in persons[1:]}
    assert bench.sync(full=True).outcome is RunOutcome.CLEAN
    assert vanished(bench) == [persons[0]]


def test_d6_what_a_broken_reading_saw_does_not_keep_the_guard_quiet(
    bench: Bench, persons: list[str]
) -> None:
    stop_while_reading(bench)
    kept = bench.ledgerly.records("Persons")
    bench.ledgerly.resources["Persons"] = {id_: kept[id_] for id_ in persons[:10]}
    assert bench.sync(full=True).outcome is RunOutcome.GUARD
