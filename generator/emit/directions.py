"""In which direction each row of a flow is generated, once rows that share a property are weighed.

Several rows may read or write one property; their order is the order of preference (format.md 4).
Forward, every row is written. On the way back a target property goes only to the first of the
source properties that feed it: the others keep their own values, as nothing says that they differ
by mistake.
"""

from collections.abc import Sequence

from generator.emit.access import Place, place_of
from generator.emit.mapping import Row
from generator.emit.shapes import SideTypes
from generator.model.resolved import ResolvedMapping
from generator.model.values import Direction

FORWARD = frozenset({Direction.BOTH, Direction.TO_TARGET})
BACKWARD = frozenset({Direction.BOTH, Direction.TO_SOURCE})


def effective_directions(
    mappings: Sequence[ResolvedMapping], source: SideTypes, target: SideTypes
) -> tuple[Direction, ...]:
    """Return each row's direction without the ways back that a row before it takes."""
    seen: set[object] = set()
    directions = []
    for mapping in mappings:
        here, there = place_of(mapping.source, source), place_of(mapping.target, target)
        key = (there, repr(here.guards))
        directions.append(without_backward(mapping.direction) if key in seen else mapping.direction)
        seen.add(key)
    return tuple(directions)


def without_backward(direction: Direction) -> Direction:
    """Return the direction without the way back."""
    return Direction.TO_TARGET if direction in FORWARD else Direction.NONE


def direct_rows(
    mappings: Sequence[ResolvedMapping],
    directions: Sequence[Direction],
    sides: tuple[SideTypes, SideTypes],
    *,
    forward: bool,
) -> tuple[Row, ...]:
    """Return the rows of one direction, ranked; a row that is stated twice counts once."""
    source, target = sides
    wanted = FORWARD if forward else BACKWARD
    rows: dict[tuple[Place, Place], tuple[ResolvedMapping, Place]] = {}
    for mapping, direction in zip(mappings, directions, strict=True):
        if direction not in wanted:
            continue
        here, there = place_of(mapping.source, source), place_of(mapping.target, target)
        read, write = (here, there) if forward else (there, here)
        slot = Place(write.path, write.tests)
        rows.setdefault((read, slot), (mapping, slot))
    slots = [slot for _, slot in rows.values()]
    ranks = _ranks(slots)
    return tuple(
        Row(
            read=read,
            write=slot,
            conversion=mapping.forward if forward else mapping.backward,
            reference=mapping.reference,
            rank=rank,
        )
        for ((read, slot), (mapping, _)), rank in zip(rows.items(), ranks, strict=True)
    )


def _ranks(slots: Sequence[Place]) -> list[int]:
    total: dict[Place, int] = {}
    for slot in slots:
        total[slot] = total.get(slot, 0) + 1
    count: dict[Place, int] = {}
    ranks = []
    for slot in slots:
        count[slot] = count.get(slot, 0) + 1
        ranks.append(count[slot] if total[slot] > 1 else 0)
    return ranks
