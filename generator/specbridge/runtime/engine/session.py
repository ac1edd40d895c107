"""What a run works with: the store, the connectors, the bound package, its options and its tally."""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from specbridge.model.conversion import ValueType
from specbridge.runtime.conversions.scalars import as_text
from specbridge.runtime.decide.binding import (
    BoundCompany,
    BoundFlow,
    BoundResource,
    PairingSide,
)
from specbridge.runtime.decide.feeding.ranks import Kept, Ranks, Spot
from specbridge.runtime.decide.linked import Translation, make_references
from specbridge.runtime.decide.merge import SOURCE, TARGET
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.decide.paths import read_place
from specbridge.runtime.decide.units import Unit
from specbridge.runtime.records import Connector, Record, Tombstone
from specbridge.runtime.reports.report import SIDES, Action, Tally
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.leftover.leftovers import (
    DeadLetter,
    Seen,
    drop_dead_letters,
    letters_about,
    save_dead_letters,
    seen_letters,
)
from specbridge.runtime.store.linking.links import find_links
from specbridge.runtime.store.seen.queue import queue_records
from specbridge.runtime.store.seen.records import load_records
from specbridge.runtime.store.tables.rows import storable

log = structlog.get_logger("specbridge")


class StoppedError(Exception):
    """Somebody asked the run to stop; what is done is stored, the rest waits in the queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Where a run touches the world outside: systems, clock, progress, and a wish to stop.

    `clock` gives seconds since 1970. `progress` is told what is being done and how far it has got;
    `expect` that it begins, and what would count how much more of it is to come (0: nobody knows).
    """

    connectors: Mapping[str, Connector]
    clock: Callable[[], float] = time.time
    progress: Callable[[str, int], None] = lambda _subject, _count: None
    # Not a number: to count costs a query, which is for those alone who look on.
    expect: Callable[[str, Callable[[], int]], None] = lambda _subject, _count: None
    stop: threading.Event = field(default_factory=threading.Event)


class Session:
    """One run's means and its memory; nothing in it outlives the run."""

    def __init__(
        self, store: Store, company: BoundCompany, edges: Edges, options: RunOptions, run: int
    ) -> None:
        """Take over an open store, in which the run has been begun."""
        self.store = store
        self.connection = store.connection
        self.company = company
        self.edges = edges
        self.options = options
        self.run = run
        self.flows: tuple[BoundFlow, ...] = company.flows
        self.tallies = {flow.number: Tally() for flow in company.flows}
        self.actions: list[Action] | None = None
        self.lettered: set[PairingSide] = set()
        # What people have acknowledged of the sides that letters were dropped of.
        self._seen: dict[PairingSide, set[Seen]] = {}
        self.generations: dict[int, int] = {}
        # How many records resources hold at least.
        self.held: dict[int, int] = {}
        self.retried: set[tuple[int, str]] = set()
        # How late the values are that go round a circle, as far as this run has met them.
        self.ranks = Ranks()
        # What pairs keep that is to come round to the other side, by pairing and source; and what was sent.
        self.kept: dict[tuple[int, str], Sequence[Kept]] = {}
        self.sent: set[Spot] = set()
        # Links and units in conflict that are to be written.
        self.unsettled: set[tuple[int, str]] = set()
        self._committed = time.monotonic()

    def connector(self, resource: BoundResource) -> Connector:
        """Return the connector of a resource's system."""
        return self.edges.connectors[resource.key[0]]

    def look_again(
        self, resource: BoundResource, ids: Sequence[str], *, listed: bool = False
    ) -> tuple[list[Record], list[str]]:
        """Return those of the records that are there, as they are now, and the ids of those gone.

        Of the others nothing is known. `listed`: all were listed just now.
        """
        stored = load_records(self.connection, resource.number, ids)
        # Its address may need more than the id: what was last seen of it has that.
        known = [stored.get(id_) or Record(id_, "", {}) for id_ in ids]
        changes = list(
            self.connector(resource).look_again(resource.name, known, resource.names, listed=listed)
        )
        there = [change for change in changes if isinstance(change, Record)]
        return there, [change.id for change in changes if isinstance(change, Tombstone)]

    def resource(self, flow: BoundFlow, side: int) -> BoundResource:
        """Return the resource of one side of a flow."""
        return self.company.resources[flow.resources[side]]

    def follows_deletions(self, flow: BoundFlow) -> bool:
        """Return whether a record whose counterpart is gone is deleted too: where all its flows say so."""
        return all(self.options.flow_policy(*name).delete for name in flow.full_names)

    def checkpoint(self, *, lazy: bool = False) -> None:
        """Commit, and stop here if somebody asked for it.

        A lazy one commits once a second: where no system is waited for, the store may stay locked
        for that long, and what is lost in a crash is worked out again. Raises StoreBusyError where
        another run has taken over.
        """
        now = time.monotonic()
        if not lazy or self.edges.stop.is_set() or now - self._committed > 1.0:
            self.store.commit()
            self._committed = now
        if self.edges.stop.is_set():
            raise StoppedError

    def keep_lease(self) -> None:
        """Raise StoreBusyError where another run has taken over; cheap, for before each write."""
        self.store.check()

    def note(self, flow: BoundFlow, kind: str, side: int, id_: str | None, **more: object) -> None:
        """Keep an action for the report, where actions are asked for."""
        if self.actions is not None:
            action = Action(flow=flow.name, kind=kind, side=SIDES[side], id=id_, **more)  # type: ignore[arg-type]  # before, after, reason
            self.actions.append(action)

    def add_letters(self, letters: Sequence[DeadLetter]) -> None:
        """Keep dead letters."""
        # A letter is dropped while its record is dealt with: what was said of it then still holds.
        places = {(letter.pairing, letter.side) for letter in letters}
        seen = set().union(*map(self._seen_of, places))
        save_dead_letters(self.connection, self.run, letters, seen)
        names = {flow.number: flow for flow in self.company.flows}
        for letter in letters:
            self.lettered.add((letter.pairing, letter.side))
            flow = names[letter.pairing]
            self.note(flow, "dead_letter", letter.side, letter.id, reason=letter.reason)
            name = flow.name
            log.warning("dead letter", flow=name, side=SIDES[letter.side], record=letter.id)
            # A server's words may name a person.
            log.debug("reason of the dead letter", record=letter.id, reason=letter.reason)

    def drop_letters(self, flow: BoundFlow, side: int, ids: Iterable[str]) -> None:
        """Forget the dead letters of records that are being dealt with again."""
        if (flow.number, side) in self.lettered:
            self._seen_of((flow.number, side))
            drop_dead_letters(self.connection, (flow.number, side), ids)

    def _seen_of(self, place: PairingSide) -> set[Seen]:
        """Return what was acknowledged of a side when the run first came to it."""
        if place not in self._seen:
            self._seen[place] = seen_letters(self.connection, place)
        return self._seen[place]

    def wake_letters(self, resource: BoundResource, changed: Sequence[str]) -> None:
        """Queue the records whose dead letters are about records that have just been written."""
        for pairing, side in resource.sides:
            there = pairing, 1 - side
            queue_records(self.connection, [there], letters_about(self.connection, there, changed))

    def translation(
        self, flow: BoundFlow, sources: Sequence[Record], targets: Sequence[Record]
    ) -> Translation:
        """Return the references that these records need."""
        links: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for unit in flow.referring:
            assert unit.reference is not None
            found = links.setdefault(unit.reference, set())
            # Added to: several units may refer to the same pair of resources.
            found |= self._links_of(flow, unit, (sources, targets))
        kinds = {
            pair: (self._kind(flow, SOURCE, pair), self._kind(flow, TARGET, pair)) for pair in links
        }
        forward, backward = make_references(links, kinds)
        return Translation(to_target=forward, to_source=backward)

    def _links_of(
        self, flow: BoundFlow, unit: Unit, records: tuple[Sequence[Record], Sequence[Record]]
    ) -> set[tuple[str, str]]:
        assert unit.reference is not None
        sources = set(_values(unit, SOURCE, records[SOURCE]))
        targets = set(_values(unit, TARGET, records[TARGET]))
        # Of this batch's ids alone, from both sides: all links of a flow would not fit into memory.
        ahead = self.links_between(flow, unit.reference, SOURCE, sources)
        back = self.links_between(flow, unit.reference, TARGET, targets)
        return {*ahead.items(), *((source, target) for target, source in back.items())}

    def links_between(
        self, flow: BoundFlow, pair: tuple[str, str], side: int, ids: Collection[str]
    ) -> dict[str, str]:
        """Return what records of one side are linked with, for a pair of resources of both systems.

        `side` is that of the flow, whichever way round the two resources are linked.
        """
        systems = flow.flow.source.system, flow.flow.target.system
        wanted = (systems[SOURCE], pair[SOURCE]), (systems[TARGET], pair[TARGET])
        # Of all pairings, those that do not run this time included: their links hold all the same.
        found = self.company.between(*wanted)
        if found is None:
            return {}
        ahead = found.resources[SOURCE] == self.company.numbers[wanted[SOURCE]]
        near = side if ahead else 1 - side
        return find_links(self.connection, [found.number], near, sorted(ids))

    def _kind(self, flow: BoundFlow, side: int, pair: tuple[str, str]) -> ValueType:
        key = flow.side(side).system, pair[side]
        for resource in self.company.resources.values():
            if resource.key == key and resource.definition is not None:
                return resource.definition.id_type
        return ValueType.ANY


def _values(unit: Unit, side: int, records: Sequence[Record]) -> Iterable[str]:
    places = unit.sources if side == SOURCE else (unit.target,)
    for record in records:
        for place in places:
            value = read_place(record.properties, place)
            if isinstance(value, int | float | str) and value != "":
                yield storable(as_text(value))
