"""Units: what is kept equal as one; each target property with the source properties that feed it.

Several rows of a document may name the same target property. Their order is the order of
preference: the first source property that has a value supplies it, and takes it back.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from specbridge.model.values import Direction, Json
from specbridge.runtime.decide.equality import (
    MISSING,
    Value,
    equal_identifiers,
    equal_values,
    is_empty,
)
from specbridge.runtime.decide.paths import Place, applies, dotted, make_place, plain, read_place
from specbridge.runtime.flow import AnyFlow, PropertyMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A target property, and the source properties that feed it in order of preference.

    `key` names it in the base, in conflicts and in settings. `back` says for each source property
    whether the target's value may be written to it. A source property that feeds several units is
    `shared`: its way back must be worked out for one unit alone. `guarded`: some of its places are
    about records that fulfil a condition only. `only` is the name of its source property where that
    is the only one and the record's own, else empty.
    """

    key: str
    sources: tuple[Place, ...]
    target: Place
    to_target: bool
    back: tuple[bool, ...]
    fold: bool
    reference: tuple[str, str] | None
    shared: bool
    guarded: bool
    only: str = ""
    once: tuple[bool, bool] = (False, False)

    @property
    def names(self) -> Iterator[str]:
        """Yield what settings may call it: its key, and the dotted paths of both sides."""
        yield self.key
        yield dotted(self.target.path)
        yield from (dotted(place.path) for place in self.sources)

    @property
    def to_source(self) -> bool:
        """Return whether anything of it is written to the source."""
        return any(self.back)

    def same(self, left: Value, right: Value) -> bool:
        """Return whether two values of the property are equal."""
        if self.reference is not None:
            return equal_identifiers(left, right)
        return equal_values(left, right, fold=self.fold)


def make_units(flow: AnyFlow) -> tuple[Unit, ...]:
    """Group a flow's rows by target property; rows held both ways are left out."""
    return _group_rows([row for row in flow.properties if row.direction is not Direction.NONE])


def make_fixed_units(flow: AnyFlow) -> tuple[Unit, ...]:
    """Group the rows that are held both ways, but whose value a new record is given all the same."""
    held = [row for row in flow.properties if row.direction is Direction.NONE]
    return _group_rows([row for row in held if row.create_only is not Direction.NONE])


def _group_rows(rows: Sequence[PropertyMapping]) -> tuple[Unit, ...]:
    groups: dict[str, list[PropertyMapping]] = {}
    for row in rows:
        # By text, conditions included: the phone at home is another unit than the one at work.
        groups.setdefault(str(make_place(row.target, row.target_conditions)), []).append(row)
    feeds = Counter(
        str(make_place(group[index].source, group[index].source_conditions))
        for group in groups.values()
        for index in range(len(group))
    )
    return tuple(_make_unit(key, group, feeds) for key, group in groups.items())


def _make_unit(key: str, rows: Sequence[PropertyMapping], feeds: Mapping[str, int]) -> Unit:
    sources = tuple(make_place(row.source, row.source_conditions) for row in rows)
    target = make_place(rows[0].target, rows[0].target_conditions)
    forward = (Direction.BOTH, Direction.TO_TARGET)
    return Unit(
        key=key,
        sources=sources,
        target=target,
        to_target=any(row.direction in forward for row in rows),
        back=tuple(row.direction in (Direction.BOTH, Direction.TO_SOURCE) for row in rows),
        fold=any(row.case_insensitive for row in rows),
        reference=next((row.reference for row in rows if row.reference), None),
        shared=any(feeds[str(source)] > 1 for source in sources),
        only=sources[0].name if len(sources) == 1 else "",
        guarded=any(place.guards for place in (*sources, target)),
        once=(
            any(row.create_only in (Direction.BOTH, Direction.TO_SOURCE) for row in rows),
            any(row.create_only in forward for row in rows),
        ),
    )


def concerns(unit: Unit, source: Mapping[str, Json], target: Mapping[str, Json]) -> bool:
    """Return whether the unit is about this pair of records: their conditions are fulfilled."""
    if not unit.guarded:
        return True
    return applies(unit.target, target) and any(applies(place, source) for place in unit.sources)


def has_no_source(unit: Unit, source: Mapping[str, Json]) -> bool:
    """Return whether all source properties of a unit are empty."""
    if unit.only:
        return is_empty(source.get(unit.only))
    return all(map(is_empty, read_sources(unit, source)))


def supplier(unit: Unit, source: Mapping[str, Json], values: Sequence[Value]) -> int | None:
    """Return which source property takes the target's value back, None where none may.

    It is the one that supplies the value now, the first with a value; else the first of all.
    """
    if unit.only:
        return 0 if unit.back[0] else None
    fit = [index for index, place in enumerate(unit.sources) if applies(place, source)]
    chosen = next((index for index in fit if not is_empty(values[index])), None)
    # Not the first that may be written: what supplies the value would still be read before it.
    if chosen is not None:
        return chosen if unit.back[chosen] else None
    return next((index for index in fit if unit.back[index]), None)


def read_sources(unit: Unit, source: Mapping[str, Json]) -> list[Value]:
    """Return the values of the unit's source properties, in order."""
    if unit.only:
        return [source.get(unit.only, MISSING)]
    return [read_place(source, place) for place in unit.sources]


def alone(unit: Unit, target: Mapping[str, Json]) -> dict[str, Json]:
    """Return the target record cut to what this unit is about."""
    names = set(_names_of(unit.target))
    return {name: value for name, value in target.items() if name in names}


def _names_of(place: Place) -> Iterable[str]:
    yield plain(place.path[0])
    # Without what the conditions ask for, the mapper would not find the element again.
    for condition in (*place.conditions, *place.guards):
        yield plain(condition.path[0])
