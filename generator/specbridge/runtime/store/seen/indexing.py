"""What records match by in each pairing: kept as they are read, or when the pairing runs again."""

from collections.abc import Mapping, Sequence
from operator import itemgetter

from sqlalchemy import Connection, bindparam, select

from specbridge.runtime.decide.binding import BoundFlow, BoundResource
from specbridge.runtime.records import Record
from specbridge.runtime.store.tables.rows import among_given, delete_rows, insert_rows, parts
from specbridge.runtime.store.tables.schema import keys, unindexed


def index_keys(
    connection: Connection,
    flow: BoundFlow,
    side: int,
    found: Sequence[Record],
    known: Sequence[str],
) -> None:
    """Keep what records of a side match by; `known` are the ids of those that may have keys already."""
    before = _known_keys(connection, flow.number, side, known) if known else {}
    rows: list[tuple[int, int, int, int, str]] = []
    stale = []
    for record in found:
        now = flow.keys(side, record.properties)
        held = before.get(record.id)
        if held is not None and held != set(now):
            stale.append(record.id)
        if held is None or held != set(now):
            rows += [(flow.number, side, *key, record.id) for key in now]
    delete_rows(connection, keys, "id", stale, pairing=flow.number, side=side)
    # In the order of the larger index, which is the one that is written all over.
    rows.sort(key=itemgetter(3))
    insert_rows(connection, keys, ("pairing", "side", "rule", "value", "id"), rows)


def leave_unindexed(connection: Connection, resource: BoundResource, ids: Sequence[str]) -> None:
    """Note what pairings that are not bound must work out when they run."""
    bound = {(flow.number, side) for flow, side in resource.uses}
    for pairing, side in resource.sides:
        if (pairing, side) not in bound:
            delete_rows(connection, unindexed, "id", ids, pairing=pairing, side=side)
            rows = [(pairing, side, id_) for id_ in ids]
            insert_rows(connection, unindexed, ("pairing", "side", "id"), rows)
            # What it matched by is not what it holds now.
            delete_rows(connection, keys, "id", ids, pairing=pairing, side=side)


def _known_keys(
    connection: Connection, pairing: int, side: int, ids: Sequence[str]
) -> Mapping[str, set[tuple[int, int]]]:
    """Return what these records matched by so far: most changes leave it as it is."""
    found: dict[str, set[tuple[int, int]]] = {}
    for part in parts(ids):
        given = {"of_pairing": pairing, "of_side": side, "ids": part}
        for id_, rule, value in connection.execute(_KNOWN_KEYS, given).all():
            found.setdefault(id_, set()).add((rule, value))
    return found


_KNOWN_KEYS = select(keys.c.id, keys.c.rule, keys.c.value).where(
    *(keys.c.pairing == bindparam("of_pairing"), keys.c.side == bindparam("of_side")),
    among_given(keys.c.id, "ids"),
)
