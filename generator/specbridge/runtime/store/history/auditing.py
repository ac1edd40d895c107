"""What an audit asks of its scratch store beside the pairs: what was read, and what is left over."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from specbridge.model.values import Json
from specbridge.runtime.decide.binding import PairingSide
from specbridge.runtime.store.tables.rows import among, parts, read_json
from specbridge.runtime.store.tables.schema import (
    conflicts,
    dead_letters,
    links,
    records,
    runs,
    unsettled,
)


class LostPair(NamedTuple):
    """A linked pair of which a record is gone, and for each side whether its record is there."""

    source_id: str
    target_id: str
    there: tuple[bool, bool]


class OpenConflict(NamedTuple):
    """A conflict that nobody has decided: the pair, the property, and both values."""

    source_id: str
    target_id: str
    unit: str
    source_value: Json
    target_value: Json


def records_read(connection: Connection, resources: Iterable[int]) -> dict[int, int]:
    """Return how many records of resources are there, by the resources' numbers."""
    counted = select(records.c.resource, func.count()).where(
        records.c.resource.in_(list(resources)), records.c.gone.is_(False)
    )
    rows = connection.execute(counted.group_by(records.c.resource)).all()
    return {row[0]: row[1] for row in rows}


def last_sync(connection: Connection, company: int) -> int:
    """Return the number of the company's last run that may have written, 0 where there is none."""
    chosen = select(func.max(runs.c.number)).where(runs.c.company == company, runs.c.kind == "sync")
    return int(connection.execute(chosen).scalar() or 0)


def lost_pairs(
    connection: Connection, pairing: int, resources: tuple[int, int], most: int
) -> list[LostPair]:
    """Return linked pairs of which a record is gone, noted as vanished or not yet; so many at most."""
    ends = links.c.source_id, links.c.target_id
    there = [_is_there(number, id_) for number, id_ in zip(resources, ends, strict=True)]
    wanted = links.c.pairing == pairing, or_(links.c.vanished.is_(True), ~and_(*there))
    chosen = select(*ends, *there).where(*wanted).order_by(links.c.number).limit(most)
    rows = connection.execute(chosen)
    return [LostPair(row[0], row[1], (bool(row[2]), bool(row[3]))) for row in rows]


def _is_there(resource: int, id_: ColumnElement[str]) -> ColumnElement[bool]:
    own = records.c.resource == resource, records.c.id == id_
    return exists().where(*own, records.c.gone.is_(False))


def open_conflicts(connection: Connection, pairing: int, most: int) -> list[OpenConflict]:
    """Return conflicts of a pairing that wait for a person, oldest first; so many at most."""
    ends = conflicts.c.source_id, conflicts.c.target_id, conflicts.c.unit
    values = conflicts.c.source_value, conflicts.c.target_value
    wanted = conflicts.c.pairing == pairing, unsettled, conflicts.c.state == "open"
    chosen = select(*ends, *values).where(*wanted).order_by(conflicts.c.number).limit(most)
    rows = connection.execute(chosen)
    return [OpenConflict(*row[:3], read_json(row[3]), read_json(row[4])) for row in rows]


def letters_of(connection: Connection, place: PairingSide, ids: Sequence[str]) -> dict[str, str]:
    """Return why records of a side came to nothing, by their ids; those without a dead letter are left out."""
    found: dict[str, str] = {}
    for part in parts(ids):
        own = dead_letters.c.pairing == place[0], dead_letters.c.side == place[1]
        chosen = select(dead_letters.c.id, dead_letters.c.reason).where(*own)
        rows = connection.execute(chosen.where(among(dead_letters.c.id, part)))
        found.update((id_, reason) for id_, reason in rows)
    return found
