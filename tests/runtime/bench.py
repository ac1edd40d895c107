"""A bench of two worlds and a store, on which tests run the real engine."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.engine.run import Task, run_plan, run_sync
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.flow import AnyFlow
from specbridge.runtime.reports.report import Report
from specbridge.runtime.store.engine import Store, open_store

from tests.runtime.kept import KeptStore
from tests.runtime.people import PROFILES, firm_flow, person_flow
from tests.runtime.worlds import Clock, World, WorldConnector

FLOWS = (firm_flow(), person_flow())


@dataclass
class Bench:
    """Two systems, a store, and the flows between them; a run opens everything anew.

    `kept` is a store that is not opened anew.
    """

    url: str
    flows: Sequence[AnyFlow] = FLOWS
    options: RunOptions = field(default_factory=RunOptions)
    clock: Clock = field(default_factory=Clock)
    kept: KeptStore | None = None
    ledgerly: World = field(init=False)
    acme: World = field(init=False)

    def __post_init__(self) -> None:
        self.ledgerly = World("ledgerly", clock=self.clock, fraction=7)
        self.acme = World("acme", clock=self.clock, unique={"companies": ("name",)})
        self.acme.last_id = 1000

    @property
    def task(self) -> Task:
        return Task(package="ledgerly_acme", flows=self.flows, profiles=PROFILES)

    def open(self, *, scratch: bool = False) -> AbstractContextManager[Store]:
        if self.kept is not None:
            return self.kept.open(scratch=scratch)
        return open_store(self.url, scratch=scratch)

    def edges(self) -> Edges:
        worlds = (self.ledgerly, self.acme)
        return Edges(
            connectors={world.system: WorldConnector(world) for world in worlds}, clock=self.clock
        )

    def sync(
        self, *, actions: bool = True, only: frozenset[str] = frozenset(), **more: object
    ) -> Report:
        self.clock.advance()
        options = replace(self.options, **more)  # type: ignore[arg-type]  # options' own fields
        task = replace(self.task, only=only)
        with self.open() as store:
            return run_sync(task, store, self.edges(), options, actions=actions)

    def plan(self, **more: object) -> Report:
        options = replace(self.options, **more)  # type: ignore[arg-type]  # options' own fields
        with self.open(scratch=True) as store:
            return run_plan(self.task, store, self.edges(), options)

    def writes(self) -> int:
        return self.ledgerly.writes + self.acme.writes

    def state(self) -> Mapping[str, object]:
        worlds = {"ledgerly": ("Persons", "Firms", "Branches"), "acme": ("users", "companies")}
        return {
            name: getattr(self, system).rows(name)
            for system, names in worlds.items()
            for name in names
        }
