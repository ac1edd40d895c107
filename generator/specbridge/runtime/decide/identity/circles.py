"""Circles of rows over several pairings: which row of one a run holds, and which carry values round; pure.

A value that is converted on its way round comes back as another one, and would go round again.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from specbridge.circles import (
    ResourceKey,
    Tie,
    Want,
    circles_of,
    find_closing_ties,
    find_returning_ties,
    make_end,
    on_circles,
)
from specbridge.model.values import Direction
from specbridge.runtime.flow import AnyFlow, Condition, PropertyMapping

__all__ = [
    "RowKey",
    "Stated",
    "circles_of",
    "find_closing_rows",
    "find_returning_rows",
    "on_circles",
    "state_rows",
]

RowKey = tuple[int, int]
"""The index of a pairing, and of one of its rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What a pairing states: its two resources, its rows, and which records all rows are about.

    `ends` and `subsets` are the source's and the target's, as the rows have them.
    """

    ends: tuple[ResourceKey, ResourceKey]
    rows: Sequence[PropertyMapping]
    subsets: tuple[Condition | None, Condition | None] = (None, None)


def state_rows(flow: AnyFlow) -> Stated:
    """Return what a pairing's joined flow states."""
    source, target = flow.source, flow.target
    return Stated(
        ends=((source.system, source.resource), (target.system, target.resource)),
        rows=flow.properties,
        subsets=(source.subset, target.subset),
    )


def find_closing_rows(pairings: Sequence[Stated]) -> Mapping[RowKey, tuple[RowKey, ...]]:
    """Return the rows that must be held, each with the others of a circle that it would close.

    The circles, and which row of one is held, are those of specbridge.circles.find_closing_ties: the
    order of pairings and rows decides nothing. Rows that are held both ways close none; ids that are
    translated count as copied.
    """
    ties = _all_ties(pairings)
    keys = list(ties)
    closing = find_closing_ties(list(ties.values()))
    return {keys[one]: tuple(keys[other] for other in circle) for one, circle in closing.items()}


def find_returning_rows(pairings: Sequence[Stated], held: Collection[RowKey]) -> frozenset[RowKey]:
    """Return the rows by which a value can come back, others than those that are held."""
    ties = {key: tie for key, tie in _all_ties(pairings).items() if key not in held}
    keys = list(ties)
    return frozenset(keys[one] for one in find_returning_ties(list(ties.values())))


def _all_ties(pairings: Sequence[Stated]) -> dict[RowKey, Tie]:
    return {
        (pairing, row): tie for pairing, stated in enumerate(pairings) for row, tie in _ties(stated)
    }


def _ties(stated: Stated) -> Iterator[tuple[int, Tie]]:
    here, there = stated.ends
    some, others = ((subset,) if subset else () for subset in stated.subsets)
    for index, row in enumerate(stated.rows):
        if row.direction is not Direction.NONE:
            ends = (
                make_end(here, row.source, _wants((*row.source_conditions, *some))),
                make_end(there, row.target, _wants((*row.target_conditions, *others))),
            )
            ways = (
                row.direction is not Direction.TO_SOURCE,
                row.direction is not Direction.TO_TARGET,
            )
            yield index, Tie(ends, row.converts and row.reference is None, ways)


def _wants(conditions: Sequence[Condition]) -> tuple[Want, ...]:
    return tuple(Want(one.path, one.value, one.negate) for one in conditions)
