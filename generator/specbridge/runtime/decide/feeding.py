"""Properties that several pairings write one way only: none of them is their master; pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.units import Unit

_Fed = tuple[int, str]
"""A resource's number, and a place in its records."""


def mark_fed(flows: Sequence[BoundFlow]) -> list[BoundFlow]:
    """Return pairings whose units say where others feed the same property one way only, as they do."""
    feeders: defaultdict[_Fed, set[int]] = defaultdict(set)
    for flow in flows:
        for unit in flow.units:
            for fed in _fed_places(flow, unit):
                feeders[fed].add(flow.number)
    several = {fed for fed, numbers in feeders.items() if len(numbers) > 1}
    return [_mark(flow, several) for flow in flows] if several else list(flows)


def _fed_places(flow: BoundFlow, unit: Unit) -> Iterator[_Fed]:
    """Yield what a unit writes, where it writes one way only."""
    if unit.to_target and not unit.to_source:
        yield flow.resources[TARGET], str(unit.target)
    elif unit.to_source and not unit.to_target:
        for place, back in zip(unit.sources, unit.back, strict=True):
            if back:
                yield flow.resources[SOURCE], str(place)


def _mark(flow: BoundFlow, several: set[_Fed]) -> BoundFlow:
    units = [
        replace(unit, fed=True) if several.intersection(_fed_places(flow, unit)) else unit
        for unit in flow.units
    ]
    if units == list(flow.units):
        return flow
    # Those that refer are among the units, and must be the same ones.
    marked = {unit.key: unit for unit in units}
    referring = tuple(marked.get(unit.key, unit) for unit in flow.referring)
    return replace(flow, units=tuple(units), referring=referring)
