"""In which direction each row of a flow is generated, once rows that share a property are weighed.

Several rows may read or write one property; their order is the order of preference (format.md 4).
Forward, every row is written. On the way back a target property goes only to the first of the
source properties that feed it: the others keep their own values, as nothing says that they differ
by mistake.
"""

from collections.abc import Sequence
from dataclasses import replace

from generator.emit.access import Place, place_of
from generator.emit.mapping import Row
from generator.emit.shapes import SideTypes
from generator.model.resolved import ResolvedMapping
from generator.model.values import Direction

FORWARD = frozenset({Direction.BOTH, Direction.TO_TARGET})
BACKWARD = frozenset({Direction.BOTH, Direction.TO_SOURCE})


def weigh_rows(
    mappings: Sequence[ResolvedMapping], source: SideTypes, target: SideTypes
) -> tuple[ResolvedMapping, ...]:
    """Return the rows, each without the way back that a row before it takes."""
    seen: set[object] = set()
    weighed = []
    for mapping in mappings:
        guards = place_of(mapping.source, source).guards
        key = (place_of(mapping.target, target), repr(guards) if guards else "")
        weighed.append(_without_way_back(mapping) if key in seen else mapping)
        seen.add(key)
    return tuple(weighed)


def is_mapped(mapping: ResolvedMapping, *, forward: bool) -> bool:
    """Return whether the mapper gives the row's value in a direction, if only for creation."""
    wanted = FORWARD if forward else BACKWARD
    return mapping.direction in wanted or mapping.create_only in wanted


def _without_way_back(mapping: ResolvedMapping) -> ResolvedMapping:
    return replace(
        mapping,
        direction=_forward_part(mapping.direction),
        create_only=_forward_part(mapping.create_only),
    )


def _forward_part(direction: Direction) -> Direction:
    return Direction.TO_TARGET if direction in FORWARD else Direction.NONE


def direct_rows(
    mappings: Sequence[ResolvedMapping],
    sides: tuple[SideTypes, SideTypes],
    *,
    forward: bool,
) -> tuple[Row, ...]:
    """Return the rows of one direction, ranked; a row that is stated twice counts once."""
    source, target = sides
    rows: dict[tuple[Place, Place], tuple[ResolvedMapping, Place]] = {}
    for mapping in mappings:
        if not is_mapped(mapping, forward=forward):
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
