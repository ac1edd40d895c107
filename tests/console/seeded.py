"""Stores that hold open work without any system behind them: as much as a test wants, in a moment."""

from collections.abc import Mapping
from dataclasses import dataclass

from specbridge.runtime.store.engine import Store, open_reading, open_store
from specbridge.runtime.store.tables.rows import storable, write_json
from specbridge.runtime.store.tables.schema import (
    accounts,
    candidates,
    companies,
    conflicts,
    dead_letters,
    flows,
    journal,
    links,
    metadata,
    packages,
    pairings,
    records,
    resources,
    runs,
)
from sqlalchemy import insert, select, text

FLOW = 1
SOURCE, TARGET = 1, 2


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """How many links there are, and of how many of them something is left over."""

    links: int = 6
    conflicts: int = 2
    letters: int = 2
    ambiguous: int = 2


def seed(url: str, amounts: Amounts | None = None) -> None:
    """Fill a new store: a flow of customers, whose sources are s1, s2, ... and targets t1, t2, ..."""
    amounts = amounts or Amounts()
    with open_store(url) as store:
        _seed_ground(store)
        _seed_records(store, amounts.links)
        for table, count, select_ in (
            ("conflicts", amounts.conflicts, _CONFLICTS),
            ("dead_letters", amounts.letters, _LETTERS),
            ("candidates", amounts.ambiguous, _CANDIDATES),
        ):
            _fill(store, table, count, select_)
        store.commit()


def _seed_ground(store: Store) -> None:
    connection = store.connection
    connection.execute(insert(companies).values(number=1, name=""))
    connection.execute(insert(packages).values(number=1, company=1, name="shop"))
    for number, system in ((1, "poweroffice-go"), (2, "zendesk")):
        connection.execute(insert(accounts).values(number=number, company=1, system=system))
    for number, name in ((SOURCE, "Customers"), (TARGET, "Organizations")):
        connection.execute(insert(resources).values(number=number, account=number, name=name))
    connection.execute(insert(pairings).values(number=FLOW, source=SOURCE, target=TARGET))
    connection.execute(insert(flows).values(package=1, name="customers", pairing=FLOW))
    ended = {"started_at": 1.0, "ended_at": 2.0, "outcome": "left_over", "report": "{}"}
    connection.execute(insert(runs).values(company=1, packages='["shop"]', kind="sync", **ended))


_CONFLICTS = (
    "(run, pairing, source_id, target_id, unit, source_value, target_value, state) "
    """SELECT 1, 1, 's'||i, 't'||i, 'name', '"one"', '"other"', 'open'"""
)
_LETTERS = (
    "(pairing, side, id, reason, run, acknowledged) SELECT 1, 0, 's'||i, 'name is taken', 1, false"
)
_CANDIDATES = "(pairing, source_id, target_id) SELECT 1, 's'||i, 't'||(i + 1)"
_LINKS = (
    "(pairing, source_id, target_id, vanished, pinned, base, made_in, made_by) "
    "SELECT 1, 's'||i, 't'||i, i - i / 4 * 4 = 0, false, '{}', 1, 'rule'"
)
_WRITES = (
    "(run, pairing, kind, resource, record_id, before, after, effects, state, reason) "
    """SELECT 1, 1, 'update', 2, 't'||i, '{"name":"a"}', '{"name":"b"}', 'null', 'done', ''"""
)


def _seed_records(store: Store, count: int) -> None:
    for resource, letter in ((SOURCE, "s"), (TARGET, "t")):
        rows = (
            "(resource, id, modified_at, digest, properties, generation, gone, name) "
            f"SELECT {resource}, '{letter}'||i, '2026', 'x', '{{\"name\":\"firm\"}}', 1, i - i / 4 * 4 = 0, 'Firm '||i"
        )
        _fill(store, "records", count, rows)
    _fill(store, "links", count, _LINKS)
    _fill(store, "journal", count, _WRITES)


def _fill(store: Store, table: str, count: int, rows: str) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"
    if count:
        statement = f"{numbers.format(count)} INSERT INTO {table} {rows} FROM n"
        store.connection.exec_driver_sql(statement)


def seed_texts(url: str, texts: Mapping[str, str]) -> None:
    """Fill a new store with records, conflicts and letters that are called, numbered and explained so."""
    with open_store(url) as store:
        _seed_ground(store)
        for number, text_ in enumerate(texts.values()):
            _seed_text(store, f"{number} {storable(text_)}"[:4000])
        store.commit()


def seed_company(url: str, number: int, name: str) -> None:
    """Add a company to a store, with a flow of its own and a conflict in it."""
    with open_store(url) as store:
        connection = store.connection
        connection.execute(insert(companies).values(number=number, name=name))
        connection.execute(insert(packages).values(number=number, company=number, name="shop"))
        ends = {number * 10: "poweroffice-go", number * 10 + 1: "zendesk"}
        for end, system in ends.items():
            account = {"number": end, "company": number, "system": system}
            connection.execute(insert(accounts).values(**account))
            connection.execute(insert(resources).values(number=end, account=end, name="Firms"))
        source, target = ends
        connection.execute(insert(pairings).values(number=number, source=source, target=target))
        connection.execute(insert(flows).values(package=number, name="firms", pairing=number))
        values = {"source_value": write_json({"x": [1, None]}), "target_value": "null"}
        pair = {"pairing": number, "source_id": name, "target_id": "7", "unit": "a.b"}
        connection.execute(insert(conflicts).values(run=1, state="open", **pair, **values))
        store.commit()


def _seed_text(store: Store, hostile: str) -> None:
    connection, known = store.connection, write_json({"name": hostile, hostile: hostile})
    common = {"modified_at": hostile, "digest": "x", "properties": known, "generation": 1}
    pair = {"pairing": FLOW, "source_id": hostile, "target_id": hostile}
    value = write_json(hostile)
    for resource in (SOURCE, TARGET):
        row = {"resource": resource, "id": hostile, "name": hostile, **common}
        connection.execute(insert(records).values(**row))
    connection.execute(
        insert(conflicts).values(
            **pair, run=1, unit=hostile, source_value=value, target_value=value, state="open"
        )
    )
    connection.execute(insert(links).values(**pair, vanished=True, made_in=1, made_by="rule"))
    connection.execute(insert(candidates).values(**pair))
    letter = {"pairing": FLOW, "side": 0, "id": hostile, "reason": hostile, "run": 1}
    connection.execute(insert(dead_letters).values(**letter))
    written = {
        "before": known,
        "after": known,
        "effects": "null",
        "state": "done",
        "kind": "update",
    }
    place = {"run": 1, "pairing": FLOW, "resource": TARGET, "record_id": hostile}
    connection.execute(insert(journal).values(**place, **written))


def all_rows(url: str) -> dict[str, list[tuple[object, ...]]]:
    """Return all that a store holds, by table."""
    with open_reading(url) as store:
        return {
            table.name: [tuple(row) for row in store.connection.execute(select(table))]
            for table in metadata.sorted_tables
        }


def hold_lease(url: str) -> None:
    """Have a run be under way, for as long as anybody looks."""
    with open_store(url) as store:
        store.connection.execute(
            text(
                "INSERT INTO leases (company, token, holder, place, pid, expires_at, free_at) "
                "VALUES (1, 'x', 'the night run', 'elsewhere', 1, 9e9, 9e9)"
            )
        )
        store.commit()
