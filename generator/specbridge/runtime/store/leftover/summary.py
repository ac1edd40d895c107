"""How a flow stands, counted, for `status` and the audit."""

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from specbridge.model.values import Json
from specbridge.runtime.store.leftover.leftovers import (
    count_dead_letters,
    count_open_conflicts,
    count_waiting,
)
from specbridge.runtime.store.linking.links import count_links
from specbridge.runtime.store.linking.matching import count_candidates
from specbridge.runtime.store.packages import KnownFlow
from specbridge.runtime.store.tables.schema import links, records, vanished_links


def summarise_flow(connection: Connection, flow: KnownFlow) -> dict[str, Json]:
    """Return how many links a flow has, and how much of each kind is left over."""
    return {
        "links": count_links(connection, flow.number),
        "ambiguous": count_candidates(connection, flow.number),
        "waiting": count_waiting(connection, flow.number),
        "dead_letters": count_dead_letters(connection, flow.number),
        "open_conflicts": count_open_conflicts(connection, flow.number),
    }


def count_all_links(connection: Connection, pairing: int) -> int:
    """Return how many links a pairing has, those of records that are gone included."""
    chosen = select(func.count()).select_from(links).where(links.c.pairing == pairing)
    return int(connection.execute(chosen).scalar_one())


def count_vanished(connection: Connection, pairing: int, resources: tuple[int, int]) -> int:
    """Return how many links of a pairing have a record that is gone, noted as vanished or not yet."""
    there = and_(*map(_is_there, resources, (links.c.source_id, links.c.target_id)))
    wanted = links.c.pairing == pairing, or_(links.c.vanished.is_(True), ~there)
    chosen = select(func.count()).select_from(links).where(*wanted)
    return int(connection.execute(chosen).scalar_one())


def count_noted(connection: Connection, pairing: int) -> int:
    """Return how many links of a pairing a run has noted as vanished."""
    wanted = links.c.pairing == pairing, vanished_links
    chosen = select(func.count()).select_from(links).where(*wanted)
    return int(connection.execute(chosen).scalar_one())


def _is_there(resource: int, id_: ColumnElement[str]) -> ColumnElement[bool]:
    own = records.c.resource == resource, records.c.id == id_
    return exists().where(*own, records.c.gone.is_(False))
