"""What a run begins with: its task, the company's lease, flows bound to the store, a session."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from structlog.contextvars import bind_contextvars

from specbridge.errors import PackageError
from specbridge.model.profile import Profile
from specbridge.runtime.connectors.transport.leave import writing_by
from specbridge.runtime.decide.bind import bind_company
from specbridge.runtime.decide.binding import BoundCompany, BoundFlow
from specbridge.runtime.decide.identity.pairings import ends_of
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.engine.accounts import join_own_accounts
from specbridge.runtime.engine.holding import held
from specbridge.runtime.engine.session import Edges, Session
from specbridge.runtime.flow import AnyFlow
from specbridge.runtime.store.accounts import number_company
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.history.journal import start_run
from specbridge.runtime.store.leasing.leases import Lease
from specbridge.runtime.store.packages import register_packages
from specbridge.suggesting import suggest


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be run: a package's flows, with the profiles of their systems.

    `others` are the flows of more packages, which run in the same run; with `alone` only the pairings
    run that `package` states, and the others help out where they share one. `only` names the flows to
    run; empty: all. `company` is whose systems they are.
    """

    package: str
    flows: Sequence[AnyFlow]
    profiles: Mapping[str, Profile]
    only: frozenset[str] = frozenset()
    others: Mapping[str, Sequence[AnyFlow]] = field(default_factory=dict)
    alone: bool = False
    company: str = ""

    @property
    def packages(self) -> Mapping[str, Sequence[AnyFlow]]:
        """Return the flows of all packages, by the packages' names."""
        return {self.package: self.flows, **self.others}

    def runs(self, flow: BoundFlow) -> bool:
        """Return whether a pairing is to be run."""
        if self.alone and self.package not in flow.packages:
            return False
        # Flows between the same resources are one: whoever names one of them runs all.
        return not self.only or not self.only.isdisjoint(flow.names)


def bind(task: Task, store: Store) -> BoundCompany:
    """Bind the runnable flows of a task to the store's numbers, by pairing.

    Raises PackageError where a flow is not there or nothing can run.
    """
    stated = {name: list(map_runnable(flows)) for name, flows in task.packages.items()}
    own = [flow for flows in task.packages.values() for flow in flows]
    names = ", ".join(task.packages)
    if unknown := task.only - {flow.name for flow in own}:
        meant = suggest(min(unknown), [flow.name for flow in own])
        raise PackageError(f"{names} has no flow {', '.join(sorted(unknown))}; {meant}")
    found = {flow.name for flows in stated.values() for flow in flows}
    if not found or (task.only and not task.only & found):
        raise PackageError(f"{names} has no flow that can run: see `specbridge lint`")
    numbers = register_packages(store.connection, task.company, stated)
    return bind_company(task.company, sorted(stated), task.profiles, numbers)


def map_runnable(flows: Sequence[AnyFlow]) -> Iterator[AnyFlow]:
    """Yield the flows that a run can deal with."""
    # One of a resource to itself has nothing to keep equal, and would link records to themselves.
    return (flow for flow in flows if flow.runnable and len(set(ends_of(flow))) > 1)


@contextmanager
def leased(task: Task, store: Store, options: RunOptions) -> Iterator[None]:
    """Hold the company's lease as long as the block runs, and leave nothing half done in the store.

    Raises StoreBusyError where another run works on the company.
    """
    company = number_company(store.connection, task.company)
    lease = Lease(company=company, seconds=options.lease, drain=options.drain)
    with held(store, lease) as hold, writing_by(hold.check):
        yield


def begin_session(
    task: Task, store: Store, edges: Edges, options: RunOptions, kind: str
) -> Session:
    """Bind a task and begin a run of some kind (sync, plan, audit, undo) in the store.

    Raises PackageError as `bind` does.
    """
    number = number_company(store.connection, task.company)
    join_own_accounts(store.connection, number, task.packages, edges)
    company = bind(task, store)
    run = start_run(store.connection, company.number, company.packages, kind, edges.clock())
    store.commit()
    bind_contextvars(run=run, packages=", ".join(company.packages))
    return Session(store, company, edges, options, run)
