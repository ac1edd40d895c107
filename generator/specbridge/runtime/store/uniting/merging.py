"""Links of which a record is gone because its system has merged it into another one."""

from typing import NamedTuple

from sqlalchemy import Connection, select, update

from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.merge import SOURCE
from specbridge.runtime.records import Record
from specbridge.runtime.store.tables.rows import read_object
from specbridge.runtime.store.tables.schema import links, records


class LostLink(NamedTuple):
    """A link by its number, the record of one side that is gone, and the id of the other side's."""

    number: int
    lost: Record
    other: str


def lost_links(connection: Connection, flow: BoundFlow, side: int) -> list[LostLink]:
    """Return the links whose record of one side is gone, and that are not marked as vanished yet."""
    near, far = (links.c.source_id, links.c.target_id)[:: 1 if side == SOURCE else -1]
    gone = (
        records.c.resource == flow.resources[side],
        records.c.id == near,
        records.c.gone.is_(True),
    )
    chosen = (
        select(links.c.number, near, far, records.c.modified_at, records.c.properties)
        .join(records, gone[0] & gone[1] & gone[2])
        .where(links.c.pairing == flow.number, links.c.vanished.is_(False))
        .order_by(links.c.number)
    )
    return [
        LostLink(number, Record(lost, instant, read_object(properties)), other)
        for number, lost, other, instant, properties in connection.execute(chosen)
    ]


def move_link(connection: Connection, number: int, side: int, id_: str) -> None:
    """Have a link lead to another record of one side; what was last agreed on stays."""
    name = "source_id" if side == SOURCE else "target_id"
    connection.execute(update(links).where(links.c.number == number).values({name: id_}))
