"""Packages that share a system: read once for all, queued for those that do not run, recovered by their own."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

import pytest
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.tables.schema import journal, keys, links, pairings, queue, unindexed
from sqlalchemy import Table, func, select

from tests.runtime.firm import Firm
from tests.runtime.identities.drawing import Row, Section
from tests.runtime.kept import KeptStore
from tests.runtime.worlds import Crash

ONE, NAME, NOTE, RANK = (Row(name) for name in ("one", "name", "note", "rank"))
SALES = Section(source="A", target="B", rule="one", rows=(ONE, NAME), forth="always")
SERVICE = Section(source="A", target="C", rule="one", rows=(ONE, NOTE))


def count(firm: Firm, table: Table) -> Mapping[str, int]:
    """Return how many rows each pairing has, by the numbers of its resources."""
    with firm.kept.open() as store:
        counted = select(table.c.pairing, func.count()).group_by(table.c.pairing)
        rows = dict(map(tuple, store.connection.execute(counted)))
        known = store.connection.execute(select(pairings)).all()
    return {f"{p.source}-{p.target}": rows[p.number] for p in known if p.number in rows}


@pytest.fixture
def firm(url: str) -> Iterator[Firm]:
    kept = KeptStore(url)
    yield Firm(kept, {"sales": [SALES], "service": [SERVICE]})
    kept.close()


def fill(firm: Firm) -> tuple[str, str]:
    """Have a record of A be linked in both packages; return its id and that of C."""
    a = firm.put("A", one="x", name="Ann", note="old", rank="")
    c = firm.put("C", one="x", note="old")
    assert firm.sync().outcome is RunOutcome.CLEAN
    assert firm.held("B", "name") == ["Ann"]
    return a, c


def test_a_run_of_both_reads_each_resource_once_with_the_names_of_both(firm: Firm) -> None:
    fill(firm)
    assert sorted(reading.resource for reading in firm.readings) == ["A", "B", "C"]
    (of_a,) = (reading for reading in firm.readings if reading.resource == "A")
    assert of_a.names == {"oneA", "nameA", "noteA"}
    firm.sync()
    assert sorted(reading.resource for reading in firm.readings) == ["A", "B", "C"]
    assert not any(reading.whole for reading in firm.readings)


def test_a_run_of_one_reads_for_the_other_and_leaves_it_the_queue(firm: Firm) -> None:
    a, _ = fill(firm)
    firm.edit("A", a, name="Anne", note="new")
    firm.sync("sales")
    assert firm.held("B", "name") == ["Anne"]
    assert firm.held("C", "note") == ["old"]
    assert {reading.resource for reading in firm.readings} == {"A", "B"}
    (of_a,) = (reading for reading in firm.readings if reading.resource == "A")
    assert "noteA" in of_a.names
    assert sum(count(firm, queue).values()) == 1
    firm.sync("service")
    assert firm.held("C", "note") == ["new"]
    assert count(firm, queue) == {}
    assert firm.sync().writes == 0


def test_what_the_other_matches_by_is_worked_out_when_it_runs(firm: Firm) -> None:
    fill(firm)
    firm.put("A", one="y", name="Bea", note="hers")
    firm.sync("sales")
    assert sum(count(firm, unindexed).values()) == 1
    c = firm.put("C", one="y", note="")
    report = firm.sync("service")
    assert sum(flow.tally.linked for flow in report.flows) == 1
    assert firm.world("C").records("C")[c].properties["noteC"] == "hers"
    assert count(firm, unindexed) == {}
    # The record of C is new to the store with this run: it had nothing to catch up with.
    assert {"1-2", "1-3"} == set(count(firm, keys))


def test_a_key_that_changed_meanwhile_matches_no_more(firm: Firm) -> None:
    fill(firm)
    late = firm.put("A", one="y", name="Bea", note="")
    firm.sync()
    firm.edit("A", late, one="z")
    firm.sync("sales")
    firm.put("C", one="y", note="")
    report = firm.sync("service")
    assert sum(flow.tally.linked for flow in report.flows) == 0


def test_a_changed_document_looks_at_all_records_and_reads_nothing_anew(firm: Firm) -> None:
    fill(firm)
    for number in range(5):
        firm.put("A", one=f"k{number}", name=f"N{number}", note=f"of {number}")
    firm.sync()
    assert firm.held("C", "note") == ["old"]
    firm.sections = {"sales": [SALES], "service": [replace(SERVICE, forth="always")]}
    report = firm.sync()
    # Not one of them has changed, and each gets a counterpart, as the store has it.
    assert not any(reading.whole for reading in firm.readings)
    assert sorted(reading.resource for reading in firm.readings) == ["A", "B", "C"]
    assert report.writes == 5
    assert firm.held("C", "note") == ["old", *(f"of {number}" for number in range(5))]
    assert sum(usage.read for usage in report.requests.values()) == 3


def test_a_document_that_says_more_reads_its_resources_anew(firm: Firm) -> None:
    fill(firm)
    firm.sections = {"sales": [SALES], "service": [replace(SERVICE, rows=(ONE, NOTE, RANK))]}
    firm.sync()
    assert sorted(r.resource for r in firm.readings if r.whole) == ["A", "C"]


def test_a_pairing_that_two_packages_state_is_one(firm: Firm) -> None:
    firm.sections = {"sales": [SALES], "service": [Section(source="B", target="A", rows=(NOTE,))]}
    a = firm.put("A", one="x", name="Ann", note="hers")
    firm.put("A", one="y", name="Bea", note="also hers")
    report = firm.sync()
    assert [(f.package, f.shared) for f in report.flows] == [("sales", ("b_to_a_10",))]
    assert sum(count(firm, links).values()) == 2
    assert firm.held("B", "note") == ["hers", "also hers"]
    firm.edit("A", a, note="new")
    # Whichever package is run: its pairing runs as a whole where the other lies beside it.
    assert firm.sync("service", "sales", alone=True).writes == 1
    assert firm.held("B", "note") == ["new", "also hers"]
    assert firm.sync().writes == 0


def test_a_package_alone_runs_no_pairing_of_others(firm: Firm) -> None:
    a, _ = fill(firm)
    firm.edit("A", a, name="Anne", note="new")
    report = firm.sync("sales", "service", alone=True)
    assert [flow.package for flow in report.flows] == ["sales"]
    assert (firm.held("B", "name"), firm.held("C", "note")) == (["Anne"], ["old"])
    assert firm.sync("service").writes == 1


def test_what_a_killed_run_left_open_waits_for_its_own_package(firm: Firm) -> None:
    fill(firm)
    firm.put("A", one="y", name="Bea", note="")
    # The system has taken the creation, and the process dies before it learns so.
    firm.worlds["south"].crash_after = 0
    with suppress(Crash):
        firm.sync("sales")
    assert firm.held("B", "name") == ["Ann", "Bea"]
    assert firm.sync("service").outcome is RunOutcome.CLEAN
    assert states(firm)[-1] == "open"
    report = firm.sync("sales")
    assert report.outcome is RunOutcome.CLEAN
    assert "open" not in states(firm)
    assert firm.held("B", "name") == ["Ann", "Bea"]
    assert sum(count(firm, links).values()) == 3
    assert firm.sync().writes == 0


def states(firm: Firm) -> list[str]:
    """Return what became of each write, in the order of the journal."""
    with firm.kept.open() as store:
        chosen = select(journal.c.state).order_by(journal.c.number)
        return list(store.connection.execute(chosen).scalars())
