"""Whose value a property takes, over all pairings: where one has a master, and where none has; pure.

Rows that go both ways, or round a circle, join properties into a group, in which each takes over the others'
values. What a row writes one way into a group, from outside, is the master's value, unless several write there.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from specbridge.runtime.decide.binding import BoundFlow
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.units import Unit

_Spot = tuple[int, str]
"""A resource's number, and a place in its records."""


def mark_returning(flow: BoundFlow, keys: Collection[str]) -> BoundFlow:
    """Return a pairing with these of its units marked: values that they carry can come back."""
    return _mark(flow, [replace(unit, returning=unit.key in keys) for unit in flow.units])


def mark_fed(flows: Sequence[BoundFlow]) -> list[BoundFlow]:
    """Return pairings whose units say which of them have no master, and which lead into circles.

    Units that are returning must be marked; those that share a circle's group are marked so too.
    """
    groups = _Groups(flows)
    return [_mark(flow, [groups.mark(flow, unit) for unit in flow.units]) for flow in flows]


def mark_thing(flows: Sequence[BoundFlow]) -> list[BoundFlow]:
    """Return the pairings that link one thing's records, marked by what goes round there.

    Their units are those that are about these records: a circle may lack a link, or a row, of this thing.
    """
    ways = [
        (flow.number, *way) for flow in flows for unit in flow.units for way in _ways(flow, unit)
    ]
    return mark_fed([mark_returning(flow, _find_returning(flow, ways)) for flow in flows])


def _find_returning(flow: BoundFlow, ways: Sequence[tuple[int, _Spot, _Spot]]) -> set[str]:
    """Return the units whose values the other pairings bring back to where they came from."""
    others: defaultdict[_Spot, set[_Spot]] = defaultdict(set)
    for pairing, giver, given in ways:
        if pairing != flow.number:
            others[giver].add(given)
    return {
        unit.key
        for unit in flow.units
        if any(giver in _reached(others, given) for giver, given in _ways(flow, unit))
    }


def _reached(ways: Mapping[_Spot, Collection[_Spot]], start: _Spot) -> set[_Spot]:
    found, waiting = {start}, [start]
    while waiting:
        fresh = set(ways.get(waiting.pop(), ())) - found
        found |= fresh
        waiting += fresh
    return found


def _ways(flow: BoundFlow, unit: Unit) -> Iterator[tuple[_Spot, _Spot]]:
    """Yield from which property to which a unit carries values."""
    target = _target(flow, unit)
    if unit.to_target:
        yield from ((source, target) for source in _sources(flow, unit, back=False))
    yield from ((target, source) for source in _sources(flow, unit, back=True))


class _Groups:
    """The groups of a company's properties, each known by one of them, its leader."""

    def __init__(self, flows: Sequence[BoundFlow]) -> None:
        self._leaders: dict[_Spot, _Spot] = {}
        each = [(flow, unit) for flow in flows for unit in flow.units]
        for flow, unit in each:
            for source in _sources(flow, unit, back=not _is_one_way(unit)):
                if unit.returning or not _is_one_way(unit):
                    self._leaders[self._of(source)] = self._of(_target(flow, unit))
        self._circles = {self._of(_target(flow, unit)) for flow, unit in each if unit.returning}
        self._led, self._fed = self._find_led(each)

    def mark(self, flow: BoundFlow, unit: Unit) -> Unit:
        """Return a unit that says what it is to the groups of its properties."""
        if not _is_one_way(unit):
            returning = self._of(_target(flow, unit)) in self._circles
            return replace(unit, returning=True) if returning else unit
        into = {self._of(spot) for spot in _written(flow, unit)}
        # Whoever goes round is led by the master of the circle, if it has one.
        fed = not into.isdisjoint(self._fed) or (unit.returning and into.isdisjoint(self._led))
        entering = not unit.returning and not into.isdisjoint(self._circles)
        return replace(unit, fed=fed, entering=entering)

    def _of(self, spot: _Spot) -> _Spot:
        while (leader := self._leaders.get(spot, spot)) != spot:
            spot = leader
        return spot

    def _find_led(
        self, each: Sequence[tuple[BoundFlow, Unit]]
    ) -> tuple[Collection[_Spot], Collection[_Spot]]:
        """Return the groups that are written into one way, from a master, and those from several others."""
        givers: defaultdict[_Spot, dict[int, set[_Spot]]] = defaultdict(lambda: defaultdict(set))
        for flow, unit in each:
            if _is_one_way(unit) and not unit.returning:
                for spot in _written(flow, unit):
                    givers[self._of(spot)][flow.number].update(_giving(flow, unit))
        several = {
            group
            for group, found in givers.items()
            if len(found) > 1 and len({frozenset(spots) for spots in found.values()}) > 1
        }
        return givers.keys() - several, several


def _is_one_way(unit: Unit) -> bool:
    return unit.to_target is not unit.to_source


def _target(flow: BoundFlow, unit: Unit) -> _Spot:
    return flow.resources[TARGET], str(unit.target)


def _sources(flow: BoundFlow, unit: Unit, *, back: bool) -> Iterator[_Spot]:
    """Yield the properties of a unit's source; `back`: those alone that are written."""
    for place, written in zip(unit.sources, unit.back, strict=True):
        if written or not back:
            yield flow.resources[SOURCE], str(place)


def _written(flow: BoundFlow, unit: Unit) -> Sequence[_Spot]:
    """Return what a unit writes that goes one way only."""
    return [_target(flow, unit)] if unit.to_target else list(_sources(flow, unit, back=True))


def _giving(flow: BoundFlow, unit: Unit) -> Sequence[_Spot]:
    """Return what a unit reads that goes one way only."""
    return list(_sources(flow, unit, back=False)) if unit.to_target else [_target(flow, unit)]


def _mark(flow: BoundFlow, units: Sequence[Unit]) -> BoundFlow:
    if units == list(flow.units):
        return flow
    # Those that refer are among the units, and must be the same ones.
    marked = {unit.key: unit for unit in units}
    referring = tuple(marked.get(unit.key, unit) for unit in flow.referring)
    return replace(flow, units=tuple(units), referring=referring)
