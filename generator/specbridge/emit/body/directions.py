"""Which rows a mapper's function is about, and the order of preference of those that share a property.

Several rows may read or write one property; their order is the order of preference (format.md 4). All
are written in both directions: where several source properties feed one target property, the runtime
takes the value back to the one that supplies it.
"""

from collections.abc import Hashable, Sequence

from specbridge.emit.body.access import Place
from specbridge.emit.body.mapping import Row
from specbridge.model.resolved import ResolvedMapping
from specbridge.model.values import Direction

Places = Sequence[tuple[Place, Place]]
"""The places of each row, in the rows' order: the source's and the target's."""


def is_mapped(mapping: ResolvedMapping, *, forward: bool) -> bool:
    """Return whether the mapper gives the row's value in a direction, if only for creation."""
    wanted = Direction.TO_TARGET if forward else Direction.TO_SOURCE
    both, changes, creates = Direction.BOTH, mapping.direction, mapping.create_only
    return changes is both or changes is wanted or creates is both or creates is wanted


def direct_rows(
    mappings: Sequence[ResolvedMapping], places: Places, *, forward: bool
) -> tuple[Row, ...]:
    """Return the rows of one direction, ranked; a row that is stated twice counts once."""
    rows: dict[tuple[Hashable, Hashable], tuple[Place, Place, ResolvedMapping]] = {}
    for mapping, (here, there) in zip(mappings, places, strict=True):
        if is_mapped(mapping, forward=forward):
            read, write = (here, there) if forward else (there, here)
            # A condition about the whole record says when a row applies, not where it writes.
            slot = Place(write.path, write.tests) if write.guards else write
            rows.setdefault((read.key, slot.key), (read, slot, mapping))
    ranks = _ranks([slot for _, slot in rows])
    return tuple(
        Row(
            read=read,
            write=slot,
            conversion=mapping.forward if forward else mapping.backward,
            reference=mapping.reference,
            rank=rank,
        )
        for (read, slot, mapping), rank in zip(rows.values(), ranks, strict=True)
    )


def _ranks(slots: Sequence[Hashable]) -> list[int]:
    if len(set(slots)) == len(slots):
        return [0] * len(slots)
    total: dict[Hashable, int] = {}
    for slot in slots:
        total[slot] = total.get(slot, 0) + 1
    count: dict[Hashable, int] = {}
    ranks = []
    for slot in slots:
        count[slot] = count.get(slot, 0) + 1
        ranks.append(count[slot] if total[slot] > 1 else 0)
    return ranks
