"""Plays a company on the real engine: its systems in memory, a store, and runs between them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from random import Random

from specbridge.errors import PackageError
from specbridge.model.values import Json
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.engine.beginning import bind
from specbridge.runtime.engine.run import Task, run_sync
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.reports.report import Report, RunOutcome

from tests.runtime.identities.drawing import FIELDS, RUNS, VALUES, Company
from tests.runtime.identities.matching import check_keys
from tests.runtime.identities.stating import make_profiles, property_name, state_documents
from tests.runtime.identities.things import Place, State, Things, read_links, read_state
from tests.runtime.kept import KeptStore
from tests.runtime.worlds import Clock, Stored, World, WorldConnector

FIRST_CREATED = 1000
"""Records that people add have ids below."""


class Player:
    """The systems of a company, a store, and what people have done so far.

    `order` shuffles flows and packages, and has some flows stated from the other side; records are
    listed in another order, and by pages of another size. `names` are the people's names of records,
    `edits` what they last said, `makers` where each value was said first, `ever` the things that there
    have ever been, `splits` and `pinned` what hands have taken apart and joined; `awaited` is the
    package whose document is still to come, `tied` whether instants of edits were found to be equal.
    """

    def __init__(
        self, kept: KeptStore, company: Company, order: Random | None = None, awaited: str = ""
    ) -> None:
        """Begin with empty systems and an empty store."""
        kept.empty()
        self.kept = kept
        self.company = company
        self.order = order
        self.awaited = awaited
        self.clock = Clock()
        self.documents = state_documents(company, order)
        self.profiles = make_profiles(company)
        self.worlds = {name: self._make_world(name) for name in self.profiles}
        self.names: dict[Place, str] = {}
        self._called: dict[Place, str] = {}
        self.edits: dict[tuple[Place, str], Json] = {}
        self.makers: dict[str, Place] = {}
        self.splits: list[tuple[Place, Place]] = []
        self.pinned: frozenset[Place] = frozenset()
        self.ever = Things(())
        self.deleted = False
        self.tied = False
        self._serial = 0
        # Ids never come again: what a record is called stands for it to the end.
        self._free = list(range(1, 100))
        if order is not None:
            order.shuffle(self._free)

    def _make_world(self, system: str) -> World:
        unique = {
            name: (property_name("name", name),)
            for name in self.company.unique
            if self.company.system(name) == system
        }
        return World(
            system,
            clock=self.clock,
            unique=unique,
            page_size=100 if self.order is None else self.order.choice((1, 2, 3, 100)),
            last_id=FIRST_CREATED,
            announce_deletes=system != "west",
        )

    # Runs

    def sync(self, of: int = 0, *, full: bool = False) -> Report:
        """Run what RUNS says at `of`; raises PackageError where nothing of it can run."""
        self.clock.advance(60)
        self._shuffle_listings()
        edges = Edges(
            connectors={name: WorldConnector(world) for name, world in self.worlds.items()},
            clock=self.clock,
        )
        try:
            with self.kept.open() as store:
                return run_sync(self._task(RUNS[of]), store, edges, RunOptions(full=full))
        finally:
            with self.kept.open() as store:
                self.ever = self.ever.joined(read_links(store.connection))
            self._call_what_is_new()

    def _task(self, of: str) -> Task:
        known = {name: flows for name, flows in self.documents if name != self.awaited}
        alone = of.endswith("package")
        first = (
            next(iter(known)) if not alone else max(known) if of == "last package" else min(known)
        )
        names = sorted(flow.name for flows in known.values() for flow in flows)
        return Task(
            package=first,
            flows=known.pop(first),
            profiles=self.profiles,
            others=known,
            alone=alone,
            only=frozenset({"first flow": names[:1], "second flow": names[1:2]}.get(of, ())),
        )

    def settle(self) -> None:
        """Run twice; then neither a run nor one that reads everything has anything to write."""
        self.awaited = ""
        self._sync_well()
        # What a system does not tell of deletions is seen by who reads everything.
        self._sync_well(full=self.deleted)
        for full in (False, True):
            before = self.writes()
            self._sync_well(full=full)
            assert self.writes() == before, f"a third run writes (full: {full})"

    def _sync_well(self, *, full: bool = False) -> None:
        report = self.sync(full=full)
        assert report.outcome in (RunOutcome.CLEAN, RunOutcome.LEFT_OVER), report.error

    def _shuffle_listings(self) -> None:
        if self.order is None:
            return
        for world in self.worlds.values():
            for resource, records in world.resources.items():
                items = list(records.items())
                self.order.shuffle(items)
                world.resources[resource] = dict(items)

    # What people say

    def add(self, resource: str, values: Mapping[str, Json]) -> Place:
        """Have somebody add a record."""
        world = self.world(resource)
        created, world.last_id = world.last_id, self._free.pop() - 1
        id_ = world.put(resource, {property_name(f, resource): v for f, v in values.items()})
        world.last_id = created
        self._serial += 1
        self.names[resource, id_] = f"{resource}{self._serial}"
        return resource, id_

    def edit(self, place: Place, field: str, value: Json) -> None:
        """Have somebody edit a record."""
        resource, id_ = place
        self.world(resource).edit(resource, id_, **{property_name(field, resource): value})
        self.remember(place, field, value)

    def say_something(self) -> str:
        """Return a value that nobody else has said."""
        self._serial += 1
        return f"v{self._serial}"

    def remember(self, place: Place, field: str, value: Json) -> None:
        """Keep what somebody has said of a record."""
        self.edits[place, field] = value
        if field in VALUES and isinstance(value, str):
            self.makers[value] = place

    # What there is

    def world(self, resource: str) -> World:
        """Return the system that a resource is in."""
        return self.worlds[self.company.system(resource)]

    def stored(self, place: Place) -> Stored | None:
        """Return a record as its system holds it, None where it is gone."""
        resource, id_ = place
        return self.world(resource).records(resource).get(id_)

    def value(self, place: Place, field: str) -> Json:
        """Return what a record that is there holds."""
        stored = self.stored(place)
        assert stored is not None
        return stored.properties.get(property_name(field, place[0]))

    def writes(self) -> int:
        return sum(world.writes for world in self.worlds.values())

    def state(self) -> State:
        """Return what the store knows of links, and of what is left undone."""
        with self.kept.open() as store:
            return read_state(store.connection)

    def check_keys(self) -> None:
        """Check that records match by what they hold."""
        with self.kept.open() as store, suppress(PackageError):
            # Where nothing of it can run, nothing was read.
            check_keys(store.connection, bind(self._task("all"), store).flows)

    def places(self) -> list[Place]:
        """Return all records that are there."""
        return [
            (resource, id_)
            for resource in self.company.resources
            for id_ in self.world(resource).records(resource)
        ]

    def labels(self) -> Mapping[Place, str]:
        """Return what to call each record, dead ones too: created ones after the first of their thing.

        After that which they were created in: what becomes of it later, each keeps its name.
        """
        found = {**self.names, **self._called}
        linked = [place for link in self.state().links for place in link.places]
        for place in [*self.places(), *linked]:
            found.setdefault(place, f"{place[0]} for nobody")
        return found

    def _call_what_is_new(self) -> None:
        """Give records that were created a name, once it is known whose they are."""
        things, known = self.state().things, {**self.names, **self._called}
        new = {
            place: self._named(things.of(place)) for place in self.places() if place not in known
        }
        for place, named in sorted(new.items(), key=lambda item: (item[0][0], item[1])):
            if named:
                name = f"{place[0]} for {named[0]}"
                # Another one may have been made since hands have parted the first from it.
                again = sum(f"{other} ".startswith(f"{name} ") for other in self._called.values())
                self._called[place] = name + " again" * again

    def _named(self, places: Iterable[Place]) -> list[str]:
        return sorted(self.names[place] for place in places if place in self.names)

    def shape(self) -> list[str]:
        """Return the things and what their records hold, ids aside."""
        labels, things = self.labels(), self.state().things
        shown = {place: self._show(place, labels[place]) for place in self.places()}
        groups = {frozenset(things.of(place)) for place in shown}
        return sorted(
            "; ".join(sorted(shown.get(place) or f"{labels[place]}: gone" for place in group))
            for group in groups
        )

    def _show(self, place: Place, label: str) -> str:
        return f"{label}: " + ", ".join(f"{f}={self.value(place, f) or ''}" for f in FIELDS)
