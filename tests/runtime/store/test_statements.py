"""What a run asks the store is found by indexes, however much is stored: SQLite tells how it would look."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from specbridge.runtime.flow import ALWAYS
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.tables.statistics import MANY
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from tests.runtime.bench import Bench
from tests.runtime.people import firm_flow, person_flow

GROWING = (
    "records",
    "near",
    "far",
    "links",
    "keys",
    "journal",
    "conflicts",
    "mentions",
    "queue",
    "unindexed",
    # As rivals of another candidate, of which a first sync has as many as records.
    "candidates_1",
    "candidates_2",
)
"""Tables with a row for each record or write, and what statements call them."""

COUNTED = "SELECT count(*) AS count_1"
"""Reports count rows in an index that holds what they count, and read nothing else; guards so many and no more."""


@contextmanager
def plans_of() -> Iterator[dict[str, Sequence[str]]]:
    """Collect SQLite's plan for each statement that is executed meanwhile."""
    plans: dict[str, Sequence[str]] = {}

    def note(
        connection: Any, _cursor: object, asked: str, values: Any, _context: object, many: bool
    ) -> None:
        if asked in plans or not asked.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            return
        cursor = connection.connection.cursor()
        rows = cursor.execute(f"EXPLAIN QUERY PLAN {asked}", values[0] if many else values)
        plans[asked] = [row[3] for row in rows]

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield plans
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def walks(plans: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Return the statements that walk through a growing table, or through all rows of one pairing."""
    names = "|".join(GROWING)
    whole = re.compile(
        rf"^SCAN ({names})(?! USING (COVERING )?INDEX (journal_open|conflicts_link))\b"
    )
    whole_part = re.compile(rf"^SEARCH ({names}) .*\((resource|pairing)=\?\)$")
    found = []
    for asked, steps in plans.items():
        for step in steps:
            counted = asked.startswith(COUNTED) and ("COVERING" in step or "LIMIT" in asked)
            partial = "links_vanished" in step or "conflicts_link" in step
            if whole.match(step) or (whole_part.match(step) and not counted and not partial):
                found.append((step, " ".join(asked.split())))
    return found


@pytest.fixture
def filled(sqlite_url: str) -> Bench:
    bench = Bench(sqlite_url, flows=(firm_flow(), person_flow(ALWAYS, ALWAYS)))
    for number in range(30):
        firm = bench.ledgerly.put("Firms", {"Name": f"Firm {number}"})
        mail = f"{number}@x.example"
        bench.ledgerly.put("Persons", {"Name": f"P{number}", "Mail": mail, "FirmId": int(firm)})
        bench.acme.put("users", {"name": f"U{number}", "email": f"{number + 20}@x.example"})
    bench.sync()
    bench.sync()
    return bench


def test_a_run_over_a_few_changes_walks_through_nothing(filled: Bench) -> None:
    people, users = filled.ledgerly.records("Persons"), filled.acme.records("users")
    first, second, *_ = people
    filled.ledgerly.edit("Persons", first, Name="New", Mail="new@x.example")
    filled.acme.edit("users", list(users)[-1], name="Newer")
    filled.ledgerly.remove("Persons", second)
    filled.ledgerly.put("Persons", {"Name": "Fresh", "Mail": "fresh@x.example", "FirmId": 1})
    filled.ledgerly.put("Persons", {"Name": "Twin", "Mail": "twin@x.example", "FirmId": 1})
    filled.acme.put("users", {"name": "Twin", "email": "twin@x.example"})
    with plans_of() as plans:
        report = filled.sync()
    assert report.writes >= 3
    assert len(plans) > 30
    assert walks(plans) == []


@contextmanager
def made() -> Iterator[list[object]]:
    """Collect the statements that are executed meanwhile, each as the object that it is."""
    found: list[object] = []

    def note(_connection: object, statement: object, *_: object) -> None:
        found.append(statement)

    event.listen(Engine, "before_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_execute", note)


def test_a_run_that_finds_nothing_changed_makes_no_statement_anew(filled: Bench) -> None:
    """To build one takes longer than to execute it where little is stored: it would be half of such a run."""
    with made() as first:
        assert filled.sync().writes == 0
    with made() as second:
        assert filled.sync().writes == 0
    assert len(second) > 40
    known = {id(statement) for statement in first}
    assert [str(statement) for statement in second if id(statement) not in known] == []


def test_a_walk_is_noticed() -> None:
    plans = {
        "SELECT a": ["SCAN records"],
        "SELECT b": ["SEARCH near USING INDEX sqlite_autoindex_records_1 (resource=?)"],
        "SELECT c": ["SEARCH links USING INDEX u (pairing=? AND source_id=?)"],
        "SELECT count(*) AS count_1 d": ["SEARCH links USING COVERING INDEX u (pairing=?)"],
    }
    assert [asked for _, asked in walks(plans)] == ["SELECT a", "SELECT b"]


def test_postgresql_knows_what_a_first_sync_has_stored(postgresql_url: str) -> None:
    """Without statistics it compares every key with every other: minutes instead of seconds."""
    bench = Bench(postgresql_url, flows=(person_flow(ALWAYS, ALWAYS),))
    for number in range(MANY):
        bench.ledgerly.put("Persons", {"Name": f"P{number}", "Mail": f"{number}@x.example"})
        bench.acme.put("users", {"name": f"P{number}", "email": f"{number}@x.example"})
    assert bench.sync().outcome is RunOutcome.CLEAN
    with bench.open() as store:
        names = "'keys', 'queue', 'candidates', 'links'"
        counted = text(f"SELECT relname, reltuples FROM pg_class WHERE relname IN ({names})")
        rows = store.connection.execute(counted).all()
    assert {str(name): int(number) for name, number in rows} == {
        "keys": 2 * MANY,
        "queue": 2 * MANY,
        "candidates": MANY,
        "links": MANY,
    }
