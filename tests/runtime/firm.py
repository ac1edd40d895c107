"""A firm with three systems in memory, and packages about them that run together or alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from specbridge.model.values import Json
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.engine.run import Task, run_sync
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.records import Page
from specbridge.runtime.reports.report import Report

from tests.runtime.identities.drawing import FIELDS, RESOURCES, Company, Section
from tests.runtime.identities.stating import (
    make_flow,
    make_profiles,
    name_flow,
    property_name,
)
from tests.runtime.kept import KeptStore
from tests.runtime.worlds import Clock, World, WorldConnector

SYSTEMS = ("north", "south", "west", "west")
"""The system of each of the resources A, B, C and D."""

ALONE = tuple(f"package_{number}" for number in range(9))


@dataclass
class Reading:
    """What was asked of a system: a resource, whether all of it, and which properties."""

    resource: str
    whole: bool
    names: frozenset[str]


class NotedConnector(WorldConnector):
    """The connector of a world, which keeps what is read."""

    def __init__(self, world: World, readings: list[Reading]) -> None:
        super().__init__(world)
        self._readings = readings

    def read_changes(
        self, resource: str, cursor: str | None, names: frozenset[str]
    ) -> Iterator[Page]:
        self._readings.append(Reading(resource, cursor is None, names))
        return super().read_changes(resource, cursor, names)


@dataclass
class Firm:
    """Three systems, in which no two records have the same id, and what packages state of them."""

    kept: KeptStore
    sections: Mapping[str, Sequence[Section]]
    systems: tuple[str, ...] = SYSTEMS
    clock: Clock = field(default_factory=Clock)
    readings: list[Reading] = field(default_factory=list)
    worlds: dict[str, World] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for number, name in enumerate(("north", "south", "west"), start=1):
            self.worlds[name] = World(name, clock=self.clock, last_id=1000 * number)

    def state(self, *sections: Section) -> None:
        """Have documents say something else from now on: each section in a package of its own."""
        self.sections = {name: [one] for name, one in zip(ALONE, sections, strict=False)}

    # Records

    def world(self, resource: str) -> World:
        """Return the system that a resource is in."""
        return self.worlds[self.systems[RESOURCES.index(resource)]]

    def put(self, resource: str, **fields: Json) -> str:
        """Add a record as a person would; all its fields are there. Return its id."""
        values: dict[str, Json] = {**dict.fromkeys(FIELDS, ""), **fields}
        named = {property_name(name, resource): value for name, value in values.items()}
        return self.world(resource).put(resource, named)

    def edit(self, resource: str, id_: str, **fields: Json) -> None:
        """Change a record as a person would, ten seconds after what was before."""
        self.clock.advance(10)
        named = {property_name(name, resource): value for name, value in fields.items()}
        self.world(resource).edit(resource, id_, **named)

    def held(self, resource: str, name: str = "name") -> list[Json]:
        """Return what a resource's records hold in a field, in the order of their creation."""
        return [
            row.get(property_name(name, resource)) for row in self.world(resource).rows(resource)
        ]

    def writes(self) -> int:
        return sum(world.writes for world in self.worlds.values())

    # Runs

    def task(self, *names: str, alone: bool = False, only: frozenset[str] = frozenset()) -> Task:
        """Return what is to be run: these packages, all where none is named."""
        company = Company(
            systems=self.systems, packages=tuple(tuple(own) for own in self.sections.values())
        )
        # By their place among all: a flow is called the same whichever packages run.
        stated = {
            package: [
                make_flow(company, section, name_flow(section, number, index))
                for index, section in enumerate(own)
            ]
            for number, (package, own) in enumerate(self.sections.items())
        }
        first, *others = names or tuple(stated)
        return Task(
            package=first,
            flows=stated[first],
            profiles=make_profiles(company),
            others={name: stated[name] for name in others},
            alone=alone,
            only=only,
        )

    def edges(self) -> Edges:
        connectors = {n: NotedConnector(world, self.readings) for n, world in self.worlds.items()}
        return Edges(connectors=connectors, clock=self.clock)

    def sync(
        self,
        *names: str,
        alone: bool = False,
        only: frozenset[str] = frozenset(),
        options: RunOptions | None = None,
    ) -> Report:
        """Run packages, all where none is named, and list what is done; what was read is kept."""
        self.clock.advance(60)
        self.readings.clear()
        task, chosen = self.task(*names, alone=alone, only=only), options or RunOptions()
        with self.kept.open() as store:
            return run_sync(task, store, self.edges(), chosen, actions=True)
