"""Planning: a pair of linked records, or a record to be created, to edits and new bases; pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from msgspec import Struct

from specbridge.model.values import Json
from specbridge.runtime.conversions import ConversionError
from specbridge.runtime.conversions.scalars import as_text
from specbridge.runtime.decide.bases import StoredBase, bare, read_base, stored_base, write_base
from specbridge.runtime.decide.binding import BoundFlow, map_across, place_of
from specbridge.runtime.decide.equality import MISSING, Value, alike, is_empty
from specbridge.runtime.decide.feeding.ranks import (
    Kept,
    PairRanks,
    Rank,
    Ranked,
    Ranks,
    Spot,
)
from specbridge.runtime.decide.instants import compare_instants
from specbridge.runtime.decide.linked import Translation
from specbridge.runtime.decide.merge import (
    SOURCE,
    TARGET,
    Decision,
    Terms,
    Verdict,
    View,
    merge_unit,
)
from specbridge.runtime.decide.options import FlowPolicy, turn_policy
from specbridge.runtime.decide.paths import Place, read_place
from specbridge.runtime.decide.units import (
    Unit,
    alone,
    cut_source,
    fitting_rows,
    heard_rows,
    read_sources,
    supplier,
)
from specbridge.runtime.records import Record

_NOBODY: Mapping[str, int] = {}
_NOTHING: StoredBase = {}
_UNMARKED: Mapping[str, Unit] = {}


class Link(Struct, frozen=True, gc=False):
    """A link as the store has it; `number` is the store's."""

    number: int
    source_id: str
    target_id: str
    base: StoredBase
    pinned: bool = False


class Pair(Struct, frozen=True, gc=False):
    """A linked pair of records; `chosen` says for units in conflict which side a person chose."""

    link: Link
    source: Record
    target: Record
    chosen: Mapping[str, int] = _NOBODY

    def record(self, side: int) -> Record:
        """Return the record of one side."""
        return self.source if side == SOURCE else self.target


class Edit(Struct, frozen=True, gc=False):
    """A value to be written to one side; `unit` is what it belongs to.

    `rank` is how late the value is, where it may come back round a circle.
    """

    side: int
    place: Place
    value: Json
    unit: Unit
    rank: Rank | None = None


class Clash(Struct, frozen=True, gc=False):
    """A property that changed on both sides; `loser` is the side that loses, None: undecided."""

    unit: str
    source_value: Json
    target_value: Json
    loser: int | None


class Wait(Struct, frozen=True, gc=False):
    """A unit's reference on `side` to the record `id` of `resource`, which is not linked yet."""

    unit: str
    side: int
    resource: str
    id: str


class PairPlan(Struct, frozen=True, gc=False):
    """What is to be done about a pair: edits, units that agree now with their bases, clashes, waits.

    `concerned` are the units that are about this pair, `alike` those left as they are whose one side
    holds what its system made of the other's value, `ranked` what is known by now of how late values are, `kept` what is to
    come round to the other side.
    `goes_round`: a value differs that may go round a circle, if the records' thing has all of it.
    `failure` is the reason where a value cannot be converted; then nothing is done about the pair.
    """

    edits: tuple[Edit, ...] = ()
    concerned: tuple[Unit, ...] = ()
    agreed: StoredBase = _NOTHING
    clashes: tuple[Clash, ...] = ()
    waits: tuple[Wait, ...] = ()
    alike: tuple[str, ...] = ()
    ranked: tuple[tuple[Spot, Ranked], ...] = ()
    kept: tuple[Kept, ...] = ()
    goes_round: bool = False
    failure: str | None = None


class Planner:
    """Plans the pairs of a batch; what holds for all of them is worked out once."""

    def __init__(
        self,
        flow: BoundFlow,
        translation: Translation,
        policy: Callable[[str, str], FlowPolicy],
        ranks: Ranks,
    ) -> None:
        """Plan pairs with the references that they need.

        `policy` is what holds for a flow by name, `ranks` how late values are that go round circles.
        """
        self.flow = flow
        self.translation = translation
        self.ranks = ranks
        self._policy = policy
        self._terms: dict[tuple[str, int, bool], Terms] = {}

    def plan(self, pair: Pair, marked: Mapping[str, Unit] = _UNMARKED) -> PairPlan:
        """Plan a pair of linked records, unit by unit.

        `marked` are the units as they are in the pair's thing, where something may go round a circle.
        """
        try:
            return _PairPlanner(self, pair, marked).plan()
        except ConversionError as error:
            return PairPlan(failure=str(error))

    def terms(self, unit: Unit, order: int) -> Terms:
        """Return what decides about a unit by the order of its records' instants, as compare_instants gives it."""
        key = unit.key, order, unit.fed
        if key not in self._terms:
            owner = self.flow.owner(unit)
            later = TARGET if order < 0 else SOURCE if order > 0 else self.tie(unit)
            policy = self._policy(*owner)
            conflicts = policy.conflict_policy(unit.names)
            self._terms[key] = Terms(
                same=unit.same,
                to_target=unit.to_target,
                to_source=unit.to_source,
                # A flow's settings speak of its own sides.
                policy=turn_policy(conflicts) if owner in self.flow.turned else conflicts,
                later=later,
                empty_wins=policy.empty_wins,
                reference=unit.reference is not None,
                fed=unit.fed,
            )
        return self._terms[key]

    def tie(self, unit: Unit) -> int:
        """Return which side wins where both were modified at the same instant.

        Zendesk's instants are whole seconds, so ties are no rarity. A tie is the source's as the flow
        is stated; where several records feed one, it is the feeding side's.
        """
        if unit.fed:
            return SOURCE if unit.to_target else TARGET
        return TARGET if self.flow.owner(unit) in self.flow.turned else SOURCE


def _edited_at(record: Record) -> str:
    """Return when a person last edited a record: our own writes do not count."""
    return record.edited_at or record.modified_at


class _PairPlanner:
    """Plans one pair; maps each record once, and back only where the sides differ."""

    def __init__(self, batch: Planner, pair: Pair, marked: Mapping[str, Unit]) -> None:
        self._batch = batch
        self._flow = batch.flow
        self._pair = pair
        self._marked = marked
        self._source = pair.source.properties
        self._target = pair.target.properties
        self._parts = batch.flow.parts_of(self._source, self._target)
        self._forward = map_across(self._parts, SOURCE, self._source, batch.translation.to_target)
        self._backward: Mapping[str, Json] | None = None
        self._order: int | None = None
        self._edits: list[Edit] = []
        self._agreed: dict[str, Json] = {}
        self._clashes: list[Clash] = []
        self._waits: list[Wait] = []
        self._alike: list[str] = []
        self._ranked: list[tuple[Spot, Ranked]] = []
        self._kept: list[Kept] = []
        self._goes_round = False

    def plan(self) -> PairPlan:
        source, target, forward = self._source, self._target, self._forward
        units = self._flow.concerned(source, target)
        for unit in units:
            # Most properties are texts of the records' own that are equal: no more is asked of them.
            text = forward.get(unit.target.name) if unit.only and unit.to_target else None
            if type(text) is str and text == target.get(unit.target.name):
                self._agreed[unit.key] = [[source.get(unit.only)], text]
            else:
                self._plan_unit(unit)
        return PairPlan(
            edits=tuple(self._edits),
            concerned=units,
            agreed=self._agreed,
            clashes=tuple(self._clashes),
            waits=tuple(self._waits),
            alike=tuple(self._alike),
            ranked=tuple(self._ranked),
            kept=tuple(self._kept),
            goes_round=self._goes_round,
        )

    def _plan_unit(self, unit: Unit) -> None:
        target = read_place(self._target, unit.target)
        rows = fitting_rows(unit, self._source, self._target)
        forward = self._look_forward(unit, rows) if unit.to_target else MISSING
        # Most of what is left agrees so: a way back is worked out for the rest alone.
        if forward is not MISSING and unit.same(forward, target):
            self._agreed[unit.key] = stored_base(unit, self._source, target, rows)
            return
        sources = read_sources(unit, self._source, rows)
        chosen = supplier(unit, sources, rows)
        # Where none may take the value back, the first that is about the pair speaks for the source.
        shown = chosen if chosen is not None else (rows or (0,))[0]
        view = View(
            sources=sources,
            target=target,
            supplied=sources[shown],
            forward=forward,
            backward=MISSING if chosen is None else self._look_back(unit, unit.sources[chosen]),
            base=read_base(self._pair.link.base.get(unit.key)),
        )
        if unit.returning or unit.entering:
            self._goes_round = True
            unit = self._marked.get(unit.key, unit)
        terms = self._terms(unit)
        if unit.returning and self._batch.ranks:
            terms = replace(terms, stays=self._ranks().later_side(unit, view, shown))
        decision = merge_unit(view, terms)
        if unit.returning and decision.verdict is not Verdict.AGREED:
            self._ranked += self._ranks().find_new(unit, view, shown)
        self._note(unit, view, decision, shown)

    def _ranks(self) -> PairRanks:
        # On demand: of most pairs no value goes round a circle.
        return PairRanks(self._flow, (self._pair.source, self._pair.target), self._batch.ranks)

    def _look_forward(self, unit: Unit, rows: Sequence[int] | None) -> Value:
        heard = heard_rows(unit, self._source, rows)
        if heard is None:
            return read_place(self._forward, unit.target)
        # The mapper's way across takes the first source that is filled: one for other records, maybe.
        source = cut_source(unit, self._source, heard)
        references = self._batch.translation.to_target
        return read_place(map_across(self._parts, SOURCE, source, references), unit.target)

    def _terms(self, unit: Unit) -> Terms:
        # Once a pair, and only where its sides differ: most pairs never ask which is the later.
        if self._order is None:
            instants = _edited_at(self._pair.source), _edited_at(self._pair.target)
            self._order = compare_instants(*instants)
        terms = self._batch.terms(unit, self._order)
        chosen = self._pair.chosen.get(unit.key) if self._pair.chosen else None
        return terms if chosen is None else replace(terms, chosen=chosen)

    def _look_back(self, unit: Unit, place: Place) -> Value:
        references = self._batch.translation.to_source
        # The mapper's way back takes the first target that is filled: another unit's, maybe.
        if unit.shared:
            cut = alone(unit, self._target)
            return read_place(map_across(self._parts, TARGET, cut, references), place)
        if self._backward is None:
            self._backward = map_across(self._parts, TARGET, self._target, references)
        return read_place(self._backward, place)

    def _note(self, unit: Unit, view: View, decision: Decision, chosen: int) -> None:
        match decision.verdict:
            case Verdict.KEPT if unit.returning:
                # Until it has come round to the other side, nothing is agreed.
                self._kept.append(self._ranks().find_kept(unit, view, chosen))
            case Verdict.AGREED | Verdict.KEPT:
                self._agreed[unit.key] = write_base((view.sources, view.target))
            case Verdict.TO_TARGET:
                self._edit(unit, TARGET, view, chosen)
            case Verdict.TO_SOURCE:
                self._edit(unit, SOURCE, view, chosen)
            case Verdict.WAIT:
                self._wait(unit, view)
            case Verdict.OPEN | Verdict.NOTHING:
                ways = (view.target, view.forward), (view.supplied, view.backward)
                if any(sent is not MISSING and alike(held, sent) for held, sent in ways):
                    self._alike.append(unit.key)
        if decision.loser is not None or decision.verdict is Verdict.OPEN:
            clash = Clash(
                unit=unit.key,
                source_value=bare(view.supplied),
                target_value=bare(view.target),
                loser=decision.loser,
            )
            self._clashes.append(clash)

    def _edit(self, unit: Unit, side: int, view: View, chosen: int) -> None:
        value = view.backward if side == SOURCE else view.forward
        place, rank = place_of(unit, side, chosen), None
        if unit.returning or unit.entering:
            rank = self._ranks().rank_given(unit, view, chosen, 1 - side)
        self._edits.append(Edit(side=side, place=place, value=bare(value), unit=unit, rank=rank))

    def _wait(self, unit: Unit, view: View) -> None:
        assert unit.reference is not None
        if not is_empty(view.supplied) and view.forward is MISSING and unit.to_target:
            side, value = SOURCE, view.supplied
        else:
            side, value = TARGET, view.target
        self._waits.append(
            Wait(unit=unit.key, side=side, resource=unit.reference[side], id=as_text(value))
        )
