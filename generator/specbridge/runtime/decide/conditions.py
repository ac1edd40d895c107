"""Rows about some records only, where a record is to be created: its kind is what the mapper gives it; pure."""

from collections.abc import Iterator, Mapping, Sequence

from specbridge.model.values import Json
from specbridge.runtime.decide.binding import BoundFlow, map_across
from specbridge.runtime.decide.equality import MISSING, Value, is_empty
from specbridge.runtime.decide.linked import Translation
from specbridge.runtime.decide.mapping import Properties
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.paths import (
    Place,
    drop_place,
    holds,
    read_path,
    read_place,
    set_place,
)
from specbridge.runtime.decide.units import Unit, alone, cut_source
from specbridge.runtime.flow import AnyFlow, Condition

Feed = tuple[Unit, Place]
"""A unit, and one of its source places."""


def suit_conditions(
    flow: BoundFlow, side: int, origin: Properties, mapped: Properties, translation: Translation
) -> Properties:
    """Return a record as mapped for creation, without what its rows say of records of another kind.

    Conditions on properties that the mapper does not give are taken to hold, except where rows with
    other conditions want the same place.
    """
    if not flow.guarded:
        return mapped
    parts = flow.parts_about(1 - side, origin)
    if side == TARGET:
        for unit in (*flow.units, *flow.fixed):
            rows = _rows_met(unit, mapped)
            if len(rows) < len(unit.sources):
                value = _map_rows(parts, unit, origin, rows, translation)
                mapped = _put(mapped, unit.target, value)
        return mapped
    for feeds in _conditional_sources(flow):
        met = [feed for feed in feeds if _is_met(feed[1].guards, mapped, certain=_differ(feeds))]
        if len(met) < len(feeds):
            mapped = _put(mapped, feeds[0][1], _map_back(parts, origin, met, translation))
    return mapped


def may_be_about(unit: Unit, side: int, mapped: Properties) -> bool:
    """Return whether any row of a unit may be about the record that is created as mapped."""
    if side == TARGET:
        return bool(_rows_met(unit, mapped))
    return any(_is_met(place.guards, mapped, certain=False) for place in unit.sources)


def _rows_met(unit: Unit, mapped: Properties) -> list[int]:
    return [
        index
        for index, wanted in enumerate(unit.wanted)
        if _is_met(wanted, mapped, certain=unit.divided)
    ]


def _is_met(conditions: Sequence[Condition], mapped: Properties, *, certain: bool) -> bool:
    return all(
        holds(condition, mapped) or (not certain and read_path(mapped, condition.path) is MISSING)
        for condition in conditions
    )


def _map_rows(
    parts: Sequence[AnyFlow],
    unit: Unit,
    origin: Properties,
    rows: Sequence[int],
    translation: Translation,
) -> Value:
    if not rows:
        return MISSING
    source = cut_source(unit, origin, rows)
    return read_place(map_across(parts, SOURCE, source, translation.to_target), unit.target)


def _map_back(
    parts: Sequence[AnyFlow], origin: Properties, met: Sequence[Feed], translation: Translation
) -> Value:
    found: list[Value] = [MISSING]
    for unit, place in met:
        mapped = map_across(parts, TARGET, alone(unit, origin), translation.to_source)
        found.append(read_place(mapped, place))
    # In the order of the rows, as everywhere: the first with a value has the place.
    return next((value for value in found if not is_empty(value)), found[-1])


def _conditional_sources(flow: BoundFlow) -> Iterator[list[Feed]]:
    """Yield the source places about some records only, each with all the units that it feeds."""
    groups: dict[str, list[Feed]] = {}
    for unit in (*flow.units, *flow.fixed):
        for place in unit.sources:
            groups.setdefault(str(place), []).append((unit, place))
    yield from (feeds for feeds in groups.values() if any(place.guards for _, place in feeds))


def _differ(feeds: Sequence[Feed]) -> bool:
    return len({repr(place.guards) for _, place in feeds}) > 1


def _put(mapped: Mapping[str, Json], place: Place, value: Value) -> Mapping[str, Json]:
    return drop_place(mapped, place) if value is MISSING else set_place(mapped, place, value)
