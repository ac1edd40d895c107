"""Units: what is kept equal as one; each target property with the source properties that feed it.

Several rows of a document may name the same target property. Their order is the order of
preference: the first source property that has a value supplies it, and takes it back. Rows with
conditions count for the pairs that fulfil them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from specbridge.model.values import Direction, Json, Path
from specbridge.runtime.decide.equality import (
    MISSING,
    Value,
    equal_identifiers,
    equal_values,
    is_empty,
)
from specbridge.runtime.decide.paths import (
    Place,
    applies,
    dotted,
    drop_place,
    holds,
    make_place,
    plain,
    read_place,
)
from specbridge.runtime.flow import AnyFlow, Condition, PropertyMapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A target property, and the source properties that feed it in order of preference.

    `key` names it in the base, in conflicts and in settings. `back` says for each source property
    whether the target's value may be written to it, `wanted` what the target record must fulfil for
    the source property to be about it. A source property that feeds several units is `shared`: its way
    back must be worked out for one unit alone. `guarded`: some of its rows are about records that
    fulfil a condition only; `divided`: its rows want different things of the target record. `only` is
    the name of its source property where that is the only one and the record's own, else empty.
    `returning`: its properties are of a group in which values go round by rows of other pairings;
    `entering`: it writes one way into such a group. `fed`: it is written one way only, and yet its giver
    is no master: what it gives comes back to it, or others give as well.
    """

    key: str
    sources: tuple[Place, ...]
    target: Place
    to_target: bool
    back: tuple[bool, ...]
    wanted: tuple[tuple[Condition, ...], ...]
    fold: bool
    reference: tuple[str, str] | None
    shared: bool
    guarded: bool
    divided: bool
    only: str = ""
    once: tuple[bool, bool] = (False, False)
    returning: bool = False
    entering: bool = False
    fed: bool = False

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
    # The place is the same in all rows; what they want of the record as a whole may differ.
    targets = [make_place(row.target, row.target_conditions) for row in rows]
    wanted = tuple(target.guards for target in targets)
    forward = (Direction.BOTH, Direction.TO_TARGET)
    return Unit(
        key=key,
        sources=sources,
        target=replace(targets[0], guards=()),
        to_target=any(row.direction in forward for row in rows),
        back=tuple(row.direction in (Direction.BOTH, Direction.TO_SOURCE) for row in rows),
        wanted=wanted,
        fold=any(row.case_insensitive for row in rows),
        reference=next((row.reference for row in rows if row.reference), None),
        shared=any(feeds[str(source)] > 1 for source in sources),
        only=sources[0].name if len(sources) == 1 else "",
        guarded=any(wanted) or any(place.guards for place in sources),
        # In whatever order they are stated; values may be lists, which no set takes.
        divided=len({repr(sorted(map(repr, guards))) for guards in wanted}) > 1,
        once=(
            any(row.create_only in (Direction.BOTH, Direction.TO_SOURCE) for row in rows),
            any(row.create_only in forward for row in rows),
        ),
    )


def concerns(unit: Unit, source: Mapping[str, Json], target: Mapping[str, Json]) -> bool:
    """Return whether the unit is about this pair of records: one of its rows is."""
    return not unit.guarded or bool(fitting_rows(unit, source, target))


def fitting_rows(
    unit: Unit, source: Mapping[str, Json], target: Mapping[str, Json]
) -> tuple[int, ...] | None:
    """Return the rows of which both records fulfil the conditions; None where there are none."""
    if not unit.guarded:
        return None
    return tuple(
        index
        for index, (place, wanted) in enumerate(zip(unit.sources, unit.wanted, strict=True))
        if applies(place, source) and all(holds(condition, target) for condition in wanted)
    )


def has_no_source(unit: Unit, source: Mapping[str, Json], rows: Sequence[int] | None) -> bool:
    """Return whether all source properties of a unit are empty; of these rows, None: of all."""
    if unit.only:
        return is_empty(source.get(unit.only))
    return all(map(is_empty, read_sources(unit, source, rows)))


def supplier(unit: Unit, values: Sequence[Value], rows: Sequence[int] | None) -> int | None:
    """Return which source property takes the target's value back, None where none may.

    It is the one that supplies the value now, the first with a value; else the first of all. Only
    `rows` count, None: all.
    """
    if unit.only:
        return 0 if unit.back[0] else None
    fit = range(len(unit.sources)) if rows is None else rows
    chosen = next((index for index in fit if not is_empty(values[index])), None)
    # Not the first that may be written: what supplies the value would still be read before it.
    if chosen is not None:
        return chosen if unit.back[chosen] else None
    return next((index for index in fit if unit.back[index]), None)


def read_sources(unit: Unit, source: Mapping[str, Json], rows: Sequence[int] | None) -> list[Value]:
    """Return the values of the unit's source properties, in order; MISSING for all but `rows`.

    What a row is not about has never agreed with anything: it is news once the row is about it.
    """
    if unit.only:
        return [source.get(unit.only, MISSING)]
    return [
        read_place(source, place) if rows is None or index in rows else MISSING
        for index, place in enumerate(unit.sources)
    ]


def heard_rows(
    unit: Unit, source: Mapping[str, Json], rows: Sequence[int] | None
) -> Sequence[int] | None:
    """Return the rows by which the mapper is to give the target's value, None where all may be heard.

    Those are the ones about the pair (`rows`, None: all), but for blank texts, which the mapper takes
    for values; if nothing else is there, they are heard as well.
    """
    if len(unit.sources) == 1:
        return None
    values = [read_place(source, place) for place in unit.sources]
    blank = {n for n, value in enumerate(values) if isinstance(value, str) and value.isspace()}
    if not blank and (rows is None or not unit.divided):
        return None
    fit = range(len(values)) if rows is None else rows
    return [index for index in fit if index not in blank] or fit


def cut_source(unit: Unit, source: Mapping[str, Json], rows: Sequence[int]) -> Mapping[str, Json]:
    """Return the source record without what feeds the unit by other rows than these.

    The mapper knows nothing of the target record, and takes the first source property with a value.
    """
    kept = {str(unit.sources[index]) for index in rows}
    for place in unit.sources:
        # Two rows may have one source property, and want different things of the target.
        if str(place) not in kept:
            source = drop_place(source, place)
    return source


def alone(unit: Unit, target: Mapping[str, Json]) -> dict[str, Json]:
    """Return the target record cut to what this unit is about."""
    names = {plain(path[0]) for path in _paths_of(unit)}
    return {name: value for name, value in target.items() if name in names}


def _paths_of(unit: Unit) -> Iterator[Path]:
    yield unit.target.path
    # Without what the conditions ask for, the mapper would not find the element again.
    for condition in (*unit.target.conditions, *chain.from_iterable(unit.wanted)):
        yield condition.path
