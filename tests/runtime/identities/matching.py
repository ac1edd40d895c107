"""What the store says that records match by, beside what they hold."""

from collections.abc import Iterator, Sequence

from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.merge import SOURCE
from specbridge.runtime.store.seen.records import load_records
from specbridge.runtime.store.tables.schema import keys, records, unindexed
from sqlalchemy import Connection, select

KeyRow = tuple[int, int, str, int, int]
"""Pairing, side, record, rule and digest."""


def check_keys(connection: Connection, flows: Sequence[BoundFlow]) -> None:
    """Every record matches by what it holds, unless that is still to be worked out."""
    late = {tuple(row) for row in connection.execute(select(unindexed))}
    numbers = {flow.number for flow in flows}
    columns = keys.c.pairing, keys.c.side, keys.c.id, keys.c.rule, keys.c.value
    kept = {
        tuple(row)
        for row in connection.execute(select(*columns).where(keys.c.pairing.in_(numbers)))
        if not _is_translated(flows, row.pairing, row.side, row.rule)
    }
    held = {row for flow in flows for row in _held(connection, flow)}
    wrong = {row for row in kept ^ held if tuple(row[:3]) not in late}
    assert not wrong, f"records match by what they do not hold: {sorted(wrong)}"


def _is_translated(flows: Sequence[BoundFlow], pairing: int, side: int, rule: int) -> bool:
    """Return whether a key is that of a reference, which follows from the links too."""
    flow = next(flow for flow in flows if flow.number == pairing)
    return side == SOURCE and rule >= 0 and flow.flow.link_rules[rule].reference is not None


def _held(connection: Connection, flow: BoundFlow) -> Iterator[KeyRow]:
    for side, resource in enumerate(flow.resources):
        ids = connection.execute(select(records.c.id).where(records.c.resource == resource))
        for id_, record in load_records(connection, resource, ids.scalars().all()).items():
            for rule, value in flow.keys(side, record.properties):
                yield flow.number, side, id_, rule, value
