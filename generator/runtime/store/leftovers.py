"""What a run leaves over: conflicts, dead letters, and references that wait."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, func, or_, select, update

from generator.runtime.binding import BoundFlow
from generator.runtime.merge import SOURCE
from generator.runtime.plan import Clash
from generator.runtime.store.rows import among, delete_rows, insert_rows, parts, write_json
from generator.runtime.store.schema import conflicts, dead_letters, links, waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A record of one side that could not be dealt with, why, and the other record concerned."""

    flow: int
    side: int
    id: str
    other_id: str | None
    reason: str


def save_dead_letters(connection: Connection, run: int, letters: Sequence[DeadLetter]) -> None:
    """Keep dead letters, each in place of the record's last one."""
    for flow, side in {(letter.flow, letter.side) for letter in letters}:
        mine = {x.id: x for x in letters if (x.flow, x.side) == (flow, side)}
        delete_rows(connection, dead_letters, "id", mine, flow=flow, side=side)
        rows = [(flow, side, x.id, x.other_id, x.reason, run) for x in mine.values()]
        columns = ("flow", "side", "id", "other_id", "reason", "run")
        insert_rows(connection, dead_letters, columns, rows)


def drop_dead_letters(connection: Connection, flow: int, side: int, ids: Iterable[str]) -> None:
    """Forget dead letters of records that are dealt with (again)."""
    delete_rows(connection, dead_letters, "id", ids, flow=flow, side=side)


def read_dead_letters(connection: Connection, flows: Sequence[int]) -> list[Row[Any]]:
    """Return the dead letters of flows, sorted."""
    chosen = select(dead_letters).where(dead_letters.c.flow.in_(list(flows)))
    order = dead_letters.c.flow, dead_letters.c.side, dead_letters.c.id
    return list(connection.execute(chosen.order_by(*order)))


def letters_about(connection: Connection, flow: int, side: int, ids: Sequence[str]) -> list[str]:
    """Return the records of `side` whose dead letters name one of these other records."""
    found: list[str] = []
    for part in parts(ids):
        wanted = (
            dead_letters.c.flow == flow,
            dead_letters.c.side == side,
            among(dead_letters.c.other_id, part),
        )
        found += connection.execute(select(dead_letters.c.id).where(*wanted)).scalars()
    return found


def count_dead_letters(connection: Connection, flow: int) -> int:
    """Return how many dead letters a flow has."""
    wanted = select(func.count()).where(dead_letters.c.flow == flow)
    return int(connection.execute(wanted).scalar_one())


@dataclass(frozen=True, slots=True, kw_only=True)
class PairClash:
    """A conflict, with the flow and the pair that it is about."""

    flow: int
    source_id: str
    target_id: str
    clash: Clash


def save_conflicts(connection: Connection, run: int, found: Sequence[PairClash]) -> None:
    """Keep conflicts: those decided as settled, the others open, each once per property."""
    for flow in {item.flow for item in found}:
        _drop_open_conflicts(connection, flow, [item for item in found if item.flow == flow])
    insert_rows(connection, conflicts, _COLUMNS, [_conflict(run, item) for item in found])


_COLUMNS = (
    *("run", "flow", "source_id", "target_id", "unit"),
    *("source_value", "target_value", "winner", "state"),
)


def _conflict(run: int, item: PairClash) -> tuple[object, ...]:
    clash, sides = item.clash, ("source", "target")
    return (
        *(run, item.flow, item.source_id, item.target_id, clash.unit),
        *(write_json(clash.source_value), write_json(clash.target_value)),
        None if clash.loser is None else sides[1 - clash.loser],
        "open" if clash.loser is None else "settled",
    )


def _drop_open_conflicts(connection: Connection, flow: int, found: Sequence[PairClash]) -> None:
    again = {(item.source_id, item.target_id, item.clash.unit) for item in found}
    rows = unsettled_conflicts(connection, flow, [item.source_id for item in found])
    numbers = [row.number for row in rows if (row.source_id, row.target_id, row.unit) in again]
    delete_rows(connection, conflicts, "number", numbers)


def unsettled_conflicts(
    connection: Connection, flow: int, source_ids: Sequence[str]
) -> list[Row[Any]]:
    """Return the conflicts of these records that are open, or chosen but not carried out."""
    found: list[Row[Any]] = []
    for part in parts(source_ids):
        wanted = (
            conflicts.c.flow == flow,
            among(conflicts.c.source_id, part),
            conflicts.c.state != "settled",
        )
        found += connection.execute(select(conflicts).where(*wanted))
    return found


def read_conflicts(
    connection: Connection, flows: Sequence[int], *, everything: bool
) -> list[Row[Any]]:
    """Return conflicts, oldest first: those that are not settled, or all."""
    chosen = select(conflicts).where(conflicts.c.flow.in_(list(flows)))
    if not everything:
        chosen = chosen.where(conflicts.c.state != "settled")
    return list(connection.execute(chosen.order_by(conflicts.c.number)))


def choose_winner(connection: Connection, number: int, winner: str) -> None:
    """Note which side a person chose; the next run carries it out."""
    statement = update(conflicts).where(conflicts.c.number == number)
    connection.execute(statement.values(winner=winner, state="chosen"))


def settle_conflicts(connection: Connection, numbers: Sequence[int]) -> None:
    """Note that conflicts are settled."""
    for part in parts(numbers):
        statement = update(conflicts).where(among(conflicts.c.number, part))
        connection.execute(statement.values(state="settled"))


def count_open_conflicts(connection: Connection, flow: int) -> int:
    """Return how many conflicts of a flow wait for a person."""
    wanted = conflicts.c.flow == flow, conflicts.c.state == "open"
    return int(connection.execute(select(func.count()).where(*wanted)).scalar_one())


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitRow:
    """A record whose reference waits for another record to be linked."""

    flow: int
    side: int
    id: str
    to_resource: int
    to_id: str


def replace_waits(
    connection: Connection, flow: int, side: int, ids: Iterable[str], rows: Sequence[WaitRow]
) -> None:
    """Keep what these records wait for, in place of what they waited for."""
    delete_rows(connection, waiting, "id", ids, flow=flow, side=side)
    found = {(row.flow, row.side, row.id, row.to_resource, row.to_id) for row in rows}
    columns = ("flow", "side", "id", "to_resource", "to_id")
    insert_rows(connection, waiting, columns, sorted(found))


def ready_waits(
    connection: Connection, flows: Sequence[BoundFlow], since: int
) -> dict[int, list[str]]:
    """Return, by resource, the waiting records whose reference has been linked since a link."""
    sides = {(flow.number, side): flow.resources[side] for flow in flows for side in (0, 1)}
    ready: dict[int, list[str]] = {}
    for (number, side), resource in sides.items():
        near = links.c.source_id if side == SOURCE else links.c.target_id
        linked = exists().where(
            links.c.flow == number, links.c.number > since, near == waiting.c.to_id
        )
        wanted = and_(waiting.c.to_resource == resource, linked)
        rows = connection.execute(
            select(waiting.c.flow, waiting.c.side, waiting.c.id).where(wanted)
        )
        for row in rows:
            if (row.flow, row.side) in sides:
                ready.setdefault(sides[row.flow, row.side], []).append(row.id)
    return ready


def count_waiting(connection: Connection, flow: int) -> int:
    """Return how many references of a flow wait."""
    wanted = select(func.count()).where(waiting.c.flow == flow)
    return int(connection.execute(wanted).scalar_one())


def forget_record(connection: Connection, flow: int, side: int, id_: str) -> None:
    """Forget conflicts, dead letters and waits of one record."""
    near = conflicts.c.source_id if side == SOURCE else conflicts.c.target_id
    connection.execute(delete(conflicts).where(conflicts.c.flow == flow, near == id_))
    wanted = dead_letters.c.flow == flow, dead_letters.c.side == side
    connection.execute(delete(dead_letters).where(*wanted, dead_letters.c.id == id_))
    other = waiting.c.flow == flow, waiting.c.side == side
    connection.execute(delete(waiting).where(*other, or_(waiting.c.id == id_)))
