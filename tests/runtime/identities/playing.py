"""Plays a story on the real engine: people's deeds in systems in memory, and runs between them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from random import Random

from specbridge.errors import PackageError
from specbridge.model.values import Json
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.engine.run import Task, run_sync
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.reports.report import Report, RunOutcome

from tests.runtime.identities.drawing import FIELDS, KEY_VALUES, KINDS, VALUES, Company, Deed, Story
from tests.runtime.identities.stating import make_profiles, property_name, state_documents
from tests.runtime.identities.things import Place, State, Things, read_state, split_places
from tests.runtime.kept import KeptStore
from tests.runtime.worlds import Clock, Crash, Stored, World, WorldConnector

FIRST_CREATED = 1000
"""Records that people add have ids below."""

SETTLING_RUNS = 2


class Player:
    """The systems of a company, a store, and what people have done so far.

    `order` shuffles flows and packages, and has some flows stated from the other side; records are
    listed in another order, and by pages of another size.
    """

    def __init__(self, kept: KeptStore, company: Company, order: Random | None = None) -> None:
        """Begin with empty systems and an empty store."""
        kept.empty()
        self.kept = kept
        self.company = company
        self.order = order
        self.clock = Clock()
        self.documents = state_documents(company, order)
        self.profiles = make_profiles(company)
        self.worlds = {name: self._make_world(name) for name in self.profiles}
        # By whom a record was made, and what people last said of it; ids may come again, never here.
        self.names: dict[Place, str] = {}
        self.edits: dict[tuple[Place, str], Json] = {}
        self.makers: dict[str, Place] = {}
        self.splits: list[tuple[Place, Place]] = []
        self.ever = Things(())
        self._serial = 0
        self._free = list(range(1, 100))
        if order is not None:
            order.shuffle(self._free)

    def _make_world(self, system: str) -> World:
        unique = {
            name: (property_name("name", name),)
            for name in self.company.unique
            if self.company.system(name) == system
        }
        size = 100 if self.order is None else self.order.choice((1, 2, 3, 100))
        return World(system, clock=self.clock, unique=unique, page_size=size, last_id=FIRST_CREATED)

    @property
    def task(self) -> Task:
        (name, flows), *others = self.documents
        return Task(package=name, flows=flows, profiles=self.profiles, others=dict(others))

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

    # Runs

    def sync(self, *, only: frozenset[str] = frozenset(), full: bool = False) -> Report:
        """Run all, or some flows; the report is of a run that came to its end."""
        self.clock.advance(60)
        self._shuffle_listings()
        task = replace(self.task, only=only)
        options = RunOptions(full=full)
        edges = Edges(
            connectors={name: WorldConnector(world) for name, world in self.worlds.items()},
            clock=self.clock,
        )
        try:
            with self.kept.open() as store:
                return run_sync(task, store, edges, options)
        finally:
            self.ever = self.ever.joined(self.state().links)

    def settle(self) -> None:
        """Run twice; then neither a run nor one that reads everything has anything to write."""
        for number in range(SETTLING_RUNS):
            # Once in full: some deletions are found by that alone, and make doubtful matches sure.
            self._sync_well(full=number == 0)
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

    # Deeds

    def play(self, deeds: Sequence[Deed]) -> None:
        """Have everything happen, a second apart."""
        for deed in deeds:
            self.clock.advance(1)
            getattr(self, f"_{deed.what}")(deed)

    def _run(self, deed: Deed) -> None:
        names = sorted(f.name for _, flows in self.documents for f in flows if f.source != f.target)
        only = frozenset({names[deed.index % len(names)]}) if deed.index and names else frozenset()
        with suppress(PackageError, Crash):
            self.sync(only=only)

    def _crash(self, deed: Deed) -> None:
        for world in self.worlds.values():
            world.crash_after = deed.index
        self._run(Deed("run"))
        for world in self.worlds.values():
            world.crash_after = None

    def _add(self, deed: Deed) -> None:
        world, resource = self.world(deed.resource), deed.resource
        created, world.last_id = world.last_id, self._free.pop() - 1
        self._serial += 1
        values: dict[str, Json] = dict(zip(("one", "two"), deed.keys, strict=True))
        values |= {"kind": deed.kind}
        values |= {field: None if deed.blank else self._token() for field in VALUES}
        id_ = world.put(resource, {property_name(f, resource): v for f, v in values.items()})
        world.last_id = created
        place = (resource, id_)
        self.names[place] = f"{resource}{self._serial}"
        for field, value in values.items():
            self._remember(place, field, value)

    def _token(self) -> str:
        """Return a value that nobody else has said."""
        self._serial += 1
        return f"v{self._serial}"

    def _remember(self, place: Place, field: str, value: Json) -> None:
        self.edits[place, field] = value
        if field in VALUES and isinstance(value, str):
            self.makers[value] = place

    def _edit(self, deed: Deed) -> None:
        if deed.field in VALUES:
            self._change(deed, self._token())
        else:
            choices = KINDS if deed.field == "kind" else KEY_VALUES[deed.field]
            self._change(deed, choices[deed.index % len(choices)])

    def _empty(self, deed: Deed) -> None:
        self._change(deed, None)

    def _change(self, deed: Deed, value: Json) -> None:
        place = self._pick(deed)
        if place is not None:
            resource, id_ = place
            change = {property_name(deed.field, resource): value}
            self.world(resource).edit(resource, id_, **change)
            self._remember(place, deed.field, value)

    def _delete(self, deed: Deed) -> None:
        place = self._pick(deed)
        # A system that lists nothing of what it had is a guard's business.
        if place is not None and len(self.world(place[0]).records(place[0])) > 1:
            self.world(place[0]).remove(*place)

    def _split(self, deed: Deed) -> None:
        place = self._pick(deed)
        pairs = [] if place is None else [x for x in self.state().links if place in x.places]
        names = self.labels()
        pairs.sort(key=lambda link: sorted(names[p] for p in link.places))
        if pairs:
            with self.kept.open() as store:
                taken = split_places(store, pairs[deed.index % len(pairs)])
                store.commit()
            self.splits += taken

    def _pick(self, deed: Deed) -> Place | None:
        """Choose a record that is there, by what people know it as."""
        labels = self.labels()
        places = [p for p in labels if p[0] == deed.resource and self.stored(p) is not None]
        places.sort(key=lambda place: labels[place])
        return places[deed.index % len(places)] if places else None

    # What there is

    def places(self) -> list[Place]:
        """Return all records that are there."""
        return [
            (resource, id_)
            for resource in self.company.resources
            for id_ in self.world(resource).records(resource)
        ]

    def labels(self) -> Mapping[Place, str]:
        """Return what to call each record, dead ones too: created ones after the first of their thing."""
        things, found = self.state().things, dict(self.names)
        for place in self.places():
            if place not in found:
                named = sorted(self.names[p] for p in things.of(place) if p in self.names)
                found[place] = f"{place[0]} for {named[0] if named else 'nobody'}"
        return found

    def shape(self) -> list[str]:
        """Return the things and what their records hold, ids aside."""
        labels, things = self.labels(), self.state().things
        shown = {place: self._show(place, labels[place]) for place in self.places()}
        groups = {frozenset(things.of(place)) for place in shown}
        return sorted(
            "; ".join(sorted(shown.get(p, labels.get(p, "gone")) for p in g)) for g in groups
        )

    def _show(self, place: Place, label: str) -> str:
        return f"{label}: " + ", ".join(f"{f}={self.value(place, f) or ''}" for f in FIELDS)


def play_story(kept: KeptStore, story: Story, order: Random | None = None) -> Player:
    """Play a story to its end, which is at rest."""
    player = Player(kept, story.company, order)
    player.play(story.deeds)
    player.settle()
    return player
