"""Planning: a pair of linked records, or a record to be created, to edits and new bases; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from generator.model.values import Json
from generator.runtime.binding import BoundFlow, place_of
from generator.runtime.conversions import ConversionError
from generator.runtime.equality import MISSING, Value, is_empty
from generator.runtime.instants import compare_instants
from generator.runtime.mapping import map_record
from generator.runtime.merge import (
    SOURCE,
    TARGET,
    Base,
    Decision,
    Terms,
    Verdict,
    View,
    merge_unit,
)
from generator.runtime.options import FlowPolicy
from generator.runtime.paths import Place, read_place, set_place
from generator.runtime.records import Record
from generator.runtime.references import References
from generator.runtime.units import Unit, alone, concerns, read_sources, supplier

StoredBase = Mapping[str, Json]
"""A link's base as the store keeps it: for each unit `[[source values], target value]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link as the store has it; `number` is the store's."""

    number: int
    source_id: str
    target_id: str
    base: StoredBase
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A linked pair of records; `chosen` says for units in conflict which side a person chose."""

    link: Link
    source: Record
    target: Record
    chosen: Mapping[str, int] = field(default_factory=dict)

    def record(self, side: int) -> Record:
        """Return the record of one side."""
        return self.source if side == SOURCE else self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A value to be written to one side; `unit` is what it belongs to."""

    side: int
    place: Place
    value: Json
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A property that changed on both sides; `loser` is the side that loses, None: undecided."""

    unit: str
    source_value: Json
    target_value: Json
    loser: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A unit's reference on `side` to the record `id` of `resource`, which is not linked yet."""

    unit: str
    side: int
    resource: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairPlan:
    """What is to be done about a pair: edits, units that agree now, clashes and what waits.

    `concerned` are the units that are about this pair.
    `failure` is the reason where a value cannot be converted; then nothing is done about the pair.
    """

    edits: tuple[Edit, ...] = ()
    concerned: tuple[Unit, ...] = ()
    agreed: Mapping[str, Base] = field(default_factory=dict)
    clashes: tuple[Clash, ...] = ()
    waits: tuple[Wait, ...] = ()
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """Both references of a batch: those to the target and those to the source."""

    to_target: References
    to_source: References


def plan_pair(
    flow: BoundFlow, pair: Pair, translation: Translation, policy: FlowPolicy
) -> PairPlan:
    """Plan a pair of linked records, unit by unit."""
    try:
        return _Planner(flow, pair, translation, policy).plan()
    except ConversionError as error:
        return PairPlan(failure=str(error))


class _Planner:
    """Plans one pair; maps each record once, and back only where the sides differ."""

    def __init__(
        self, flow: BoundFlow, pair: Pair, translation: Translation, policy: FlowPolicy
    ) -> None:
        self._flow = flow
        self._pair = pair
        self._translation = translation
        self._policy = policy
        self._source = pair.source.properties
        self._target = pair.target.properties
        self._forward = map_record(flow.flow.to_target, self._source, translation.to_target)
        self._backward: Mapping[str, Json] | None = None
        self._edits: list[Edit] = []
        self._agreed: dict[str, Base] = {}
        self._clashes: list[Clash] = []
        self._waits: list[Wait] = []

    def plan(self) -> PairPlan:
        units = tuple(u for u in self._flow.units if concerns(u, self._source, self._target))
        for unit in units:
            self._plan_unit(unit)
        return PairPlan(
            edits=tuple(self._edits),
            concerned=units,
            agreed=self._agreed,
            clashes=tuple(self._clashes),
            waits=tuple(self._waits),
        )

    def _plan_unit(self, unit: Unit) -> None:
        sources = read_sources(unit, self._source)
        target = read_place(self._target, unit.target)
        forward = read_place(self._forward, unit.target) if unit.to_target else MISSING
        if forward is not MISSING and unit.same(forward, target):
            self._agreed[unit.key] = (sources, target)
            return
        chosen = supplier(unit, self._source, sources)
        view = View(
            sources=sources,
            target=target,
            supplied=sources[chosen or 0],
            forward=forward,
            backward=MISSING if chosen is None else self._look_back(unit, unit.sources[chosen]),
            base=_read_base(self._pair.link.base.get(unit.key)),
        )
        decision = merge_unit(view, self._terms(unit))
        self._note(unit, view, decision, chosen or 0)

    def _terms(self, unit: Unit) -> Terms:
        later = compare_instants(self._pair.source.modified_at, self._pair.target.modified_at)
        return Terms(
            same=unit.same,
            to_target=unit.to_target,
            to_source=unit.to_source,
            policy=self._policy.conflict_policy(unit.names),
            later=TARGET if later < 0 else SOURCE,
            empty_wins=self._policy.empty_wins,
            chosen=self._pair.chosen.get(unit.key),
            reference=unit.reference is not None,
        )

    def _look_back(self, unit: Unit, place: Place) -> Value:
        flow, references = self._flow.flow, self._translation.to_source
        if unit.shared:
            return read_place(
                map_record(flow.to_source, alone(unit, self._target), references), place
            )
        if self._backward is None:
            self._backward = map_record(flow.to_source, self._target, references)
        return read_place(self._backward, place)

    def _note(self, unit: Unit, view: View, decision: Decision, chosen: int) -> None:
        match decision.verdict:
            case Verdict.AGREED:
                self._agreed[unit.key] = (view.sources, view.target)
            case Verdict.TO_TARGET:
                self._edit(unit, TARGET, unit.target, view.forward)
            case Verdict.TO_SOURCE:
                self._edit(unit, SOURCE, unit.sources[chosen], view.backward)
            case Verdict.WAIT:
                self._wait(unit, view)
            case Verdict.OPEN | Verdict.NOTHING:
                pass
        if decision.loser is not None or decision.verdict is Verdict.OPEN:
            clash = Clash(
                unit=unit.key,
                source_value=_json(view.supplied),
                target_value=_json(view.target),
                loser=decision.loser,
            )
            self._clashes.append(clash)

    def _edit(self, unit: Unit, side: int, place: Place, value: Value) -> None:
        self._edits.append(Edit(side=side, place=place, value=_json(value), unit=unit))

    def _wait(self, unit: Unit, view: View) -> None:
        assert unit.reference is not None
        if not is_empty(view.supplied) and view.forward is MISSING and unit.to_target:
            side, value = SOURCE, view.supplied
        else:
            side, value = TARGET, view.target
        self._waits.append(
            Wait(unit=unit.key, side=side, resource=unit.reference[side], id=str(value))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
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
        if side == TARGET:
            mapped = map_record(flow.flow.to_target, origin.properties, translation.to_target)
        else:
            mapped = map_record(flow.flow.to_source, origin.properties, translation.to_source)
    except ConversionError as error:
        return Creation(side=side, origin=origin, properties={}, failure=str(error))
    properties = _without_empty(mapped)
    waiting = list(_waits_of_creation(flow, side, origin, mapped))
    late = {place_of(unit, side).path for unit, _ in waiting}
    absent = [p for p in flow.required[side] if is_empty(read_place(properties, p))]
    missing = [place for place in absent if place.path not in late]
    return Creation(
        side=side,
        origin=origin,
        properties=properties,
        waits=tuple(wait for _, wait in waiting),
        missing=str(missing[0]) if missing else None,
        held_back=bool(absent) or any(unit.once[side] for unit, _ in waiting),
    )


def _waits_of_creation(
    flow: BoundFlow, side: int, origin: Record, mapped: Mapping[str, Json]
) -> Iterator[tuple[Unit, Wait]]:
    for unit in (*flow.units, *flow.fixed):
        given = unit.to_target if side == TARGET else unit.back[0]
        if unit.reference is None or not (given or unit.once[side]):
            continue
        here, there = unit.sources[0], unit.target
        if side == SOURCE:
            here, there = there, here
        value = read_place(origin.properties, here)
        if not is_empty(value) and read_place(mapped, there) is MISSING:
            resource = unit.reference[1 - side]
            yield unit, Wait(unit=unit.key, side=1 - side, resource=resource, id=str(value))


def _without_empty(properties: Mapping[str, Json]) -> dict[str, Json]:
    kept: dict[str, Json] = {}
    for name, value in properties.items():
        inner = _without_empty(value) if isinstance(value, dict) else value
        if not is_empty(inner):
            kept[name] = inner
    return kept


def base_of_creation(flow: BoundFlow, plan: Creation, created: Record) -> dict[str, Json]:
    """Return the base of what was sent; what the server set by itself is yet to be merged."""
    near, far = plan.origin.properties, created.properties
    source, target = (near, far) if plan.side == TARGET else (far, near)
    kept: dict[str, Json] = {}
    for unit in flow.units:
        if not concerns(unit, source, target):
            continue
        values, held = read_sources(unit, source), read_place(target, unit.target)
        sent = read_place(plan.properties, place_of(unit, plan.side))
        if not is_empty(sent) or (is_empty(held) and all(map(is_empty, values))):
            kept[unit.key] = write_base((values, held))
    return kept


def write_base(base: Base) -> Json:
    """Return a unit's base as the store keeps it."""
    sources, target = base
    return [[_json(value) for value in sources], _json(target)]


def apply_edits(properties: Mapping[str, Json], edits: Sequence[Edit]) -> dict[str, Json]:
    """Return a record with the edits applied, in order."""
    changed = dict(properties)
    for edit in edits:
        changed = set_place(changed, edit.place, edit.value)
    return changed


def _read_base(stored: Json) -> Base | None:
    match stored:
        case [list() as sources, target]:
            return sources, target
        case _:
            return None


def _json(value: Value) -> Json:
    return None if value is MISSING else value
