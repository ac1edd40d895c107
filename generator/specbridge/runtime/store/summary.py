"""How a flow stands, counted, for `status`."""

from sqlalchemy import Connection

from specbridge.model.values import Json
from specbridge.runtime.store.leftovers import (
    count_dead_letters,
    count_open_conflicts,
    count_waiting,
)
from specbridge.runtime.store.links import count_links
from specbridge.runtime.store.matching import count_candidates
from specbridge.runtime.store.packages import KnownFlow


def summarise_flow(connection: Connection, flow: KnownFlow) -> dict[str, Json]:
    """Return how many links a flow has, and how much of each kind is left over."""
    return {
        "links": count_links(connection, flow.number),
        "ambiguous": count_candidates(connection, flow.number),
        "waiting": count_waiting(connection, flow.number),
        "dead_letters": count_dead_letters(connection, flow.number),
        "open_conflicts": count_open_conflicts(connection, flow.number),
    }
