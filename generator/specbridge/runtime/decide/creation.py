"""Planning a creation: what the counterpart of a record is to hold, and its first base; pure."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from specbridge.model.values import Json
from specbridge.runtime.conversions import ConversionError
from specbridge.runtime.conversions.scalars import as_text
from specbridge.runtime.decide.bases import stored_base
from specbridge.runtime.decide.binding import BoundFlow, map_across, place_of
from specbridge.runtime.decide.conditions import may_be_about, suit_conditions
from specbridge.runtime.decide.equality import MISSING, equal_values, is_empty
from specbridge.runtime.decide.linked import Translation
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.paths import Place, drop_place, make_place, read_place
from specbridge.runtime.decide.plan import Wait
from specbridge.runtime.decide.units import Unit, fitting_rows, has_no_source
from specbridge.runtime.records import Record


class Creation(Struct, frozen=True, gc=False):
    """A record to be created on side `side` for `origin`; None properties are left out.

    `missing` names a property that the API requires and the origin does not supply. `held_back`: a
    reference waits which the record can only be given on creation, or must have.
    """

    side: int
    origin: Record
    properties: Mapping[str, Json]
    waits: tuple[Wait, ...] = ()
    missing: str | None = None
    failure: str | None = None
    held_back: bool = False


def plan_creation(flow: BoundFlow, side: int, origin: Record, translation: Translation) -> Creation:
    """Plan the counterpart on `side` of a record of the other side."""
    try:
        references = translation.to_target if side == TARGET else translation.to_source
        parts = flow.parts_about(1 - side, origin.properties)
        mapped = map_across(parts, 1 - side, origin.properties, references)
    except ConversionError as error:
        return Creation(side=side, origin=origin, properties={}, failure=str(error))
    for place in flow.closing[side]:
        # The mapper knows nothing of other pairings, by which the value comes.
        mapped = drop_place(mapped, place)
    mapped = suit_conditions(flow, side, origin.properties, mapped, translation)
    properties = _without_empty(mapped)
    if not flow.referring and not flow.required[side]:
        return Creation(side, origin, properties)
    waiting = list(_waits_of_creation(flow, side, origin, mapped))
    late = {place_of(unit, side).path for unit, _ in waiting}
    absent = [place for place in flow.required[side] if _is_absent(properties, place)]
    # What waits for a link is not missing for good: the creation waits, and is no dead letter.
    missing = [place for place in absent if place.path not in late]
    return Creation(
        side=side,
        origin=origin,
        properties=properties,
        waits=tuple(wait for _, wait in waiting),
        missing=str(missing[0]) if missing else None,
        held_back=bool(absent) or any(unit.once[side] for unit, _ in waiting),
    )


def _is_absent(properties: Mapping[str, Json], place: Place) -> bool:
    """Return whether a required property has no value; a part of an object is due once another part is sent."""
    if not is_empty(read_place(properties, place)):
        return False
    whole = make_place(place.path[:-1]) if place.path[1:] else None
    return whole is None or not is_empty(read_place(properties, whole))


def _waits_of_creation(
    flow: BoundFlow, side: int, origin: Record, mapped: Mapping[str, Json]
) -> Iterator[tuple[Unit, Wait]]:
    # Held rows count where creation gives them: after it, such a property could never be set.
    for unit in flow.referring:
        given = unit.to_target if side == TARGET else unit.back[0]
        if not (given or unit.once[side]) or not may_be_about(unit, side, mapped):
            continue
        assert unit.reference is not None
        here, there = unit.sources[0], unit.target
        if side == SOURCE:
            here, there = there, here
        value = read_place(origin.properties, here)
        if not is_empty(value) and read_place(mapped, there) is MISSING:
            resource = unit.reference[1 - side]
            yield unit, Wait(unit=unit.key, side=1 - side, resource=resource, id=as_text(value))


def _without_empty(properties: Mapping[str, Json]) -> dict[str, Json]:
    kept: dict[str, Json] = {}
    for name, value in properties.items():
        # Most values are texts with something in them.
        if type(value) is str:
            if value and not value.isspace():
                kept[name] = value
            continue
        inner = _without_empty(value) if type(value) is dict else value
        if not is_empty(inner):
            kept[name] = inner
    return kept


class Bases:
    """The first bases of records that are created on one side of a pairing."""

    def __init__(self, flow: BoundFlow, side: int) -> None:
        """Create records on `side`."""
        self._flow = flow
        self._side = side
        # Asked for once: a first sync makes as many bases as there are records.
        self._names = {
            unit.key: (unit.only, unit.target.name)
            for unit in flow.units
            if unit.only and unit.target.name
        }

    def base_of(self, plan: Creation, created: Record, *, found: bool = False) -> dict[str, Json]:
        """Return the base of what was sent; what the server set by itself is yet to be merged.

        So is what a record that was `found` holds otherwise than it was sent: nobody has agreed to that.
        """
        near, far, given = plan.origin.properties, created.properties, plan.properties
        to_target = self._side == TARGET
        source, target = (near, far) if to_target else (far, near)
        kept: dict[str, Json] = {}
        names = {} if found else self._names
        for unit in self._flow.concerned(source, target):
            # Most properties are the records' own, and most of them were sent and taken.
            if unit.key in names:
                here, there = names[unit.key]
                name = there if to_target else here
                if given.get(name) and far.get(name):
                    kept[unit.key] = [[source.get(here)], target.get(there)]
                    continue
            base = self._base(unit, plan, (source, target), found=found)
            if base is not None:
                kept[unit.key] = base
        return kept

    def _base(
        self,
        unit: Unit,
        plan: Creation,
        sides: tuple[Mapping[str, Json], Mapping[str, Json]],
        *,
        found: bool,
    ) -> Json:
        """Return a unit's base, None where it is yet to be merged."""
        source, target = sides
        held, place = read_place(target, unit.target), place_of(unit, self._side)
        sent, made = read_place(plan.properties, place), read_place(sides[self._side], place)
        if not is_empty(sent) and made is not MISSING and is_empty(made):
            # It was not taken: it is written once more, and its loss is then said.
            return None
        if found and not equal_values(sent, made):
            return None
        # A value that the server chose has never agreed with anything: it is merged like one at first
        # contact.
        rows = fitting_rows(unit, source, target)
        if not is_empty(sent) or (is_empty(held) and has_no_source(unit, source, rows)):
            return stored_base(unit, source, held, rows)
        return None
