"""What `plan`, `sync`, `audit` and the store's commands need before they can start."""

import os
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from specbridge.cli.store_place import store_url
from specbridge.companies.environment import environment_of
from specbridge.companies.finding import (
    NAMELESS,
    Company,
    check_runs,
    choose_company,
    packages_of,
)
from specbridge.errors import PackageError
from specbridge.model.profile import Profile
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connectors
from specbridge.runtime.connectors.connector import RestConnector
from specbridge.runtime.connectors.transport.access import ConnectorOptions
from specbridge.runtime.decide.identity.pairings import ResourceKey, ends_of
from specbridge.runtime.decide.options import DAY, ConflictPolicy, FlowPolicy, RunOptions
from specbridge.runtime.engine.beginning import Task
from specbridge.runtime.flow import AnyFlow
from specbridge.runtime.package import load_package, package_folders
from specbridge.runtime.records import Connector
from specbridge.runtime.reports.observing import SILENT, Observer
from specbridge.runtime.store.limits.turns import StoreTurns
from specbridge.runtime.store.opening.choosing import sqlite_file
from specbridge.runtime.store.sharing import find_sharing
from specbridge.settings import (
    PackageSettings,
    Policies,
    Propagation,
    Settings,
    flow_policies,
    load_settings_for,
)

HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Packages with all that settings and environment say about them; `url` is the store's.

    `flows` are those of `package`; `others` hold more packages, which run as well, or with `alone` help
    out where they share a pairing. `company` is whose systems they are, `environment` its variables.
    """

    package: str
    flows: Sequence[AnyFlow]
    profiles: Mapping[str, Profile]
    settings: Settings
    url: str
    others: Mapping[str, Sequence[AnyFlow]] = field(default_factory=dict)
    alone: bool = False
    company: Company = NAMELESS
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    @property
    def packages(self) -> Mapping[str, Sequence[AnyFlow]]:
        """Return the flows of all packages, by the packages' names."""
        return {self.package: self.flows, **self.others}

    @property
    def labels(self) -> Mapping[str, str]:
        """Return what documents call the systems, by the profiles' names."""
        return {name: one.labels[0] for name, one in self.profiles.items() if one.labels}

    def task(self, only: Sequence[str] = ()) -> Task:
        """Return what is to be run, restricted to some flows."""
        return Task(
            package=self.package,
            flows=self.flows,
            profiles=self.profiles,
            only=frozenset(only),
            others=self.others,
            alone=self.alone,
            company=self.company.name,
        )


def load_setup(place: str | None, store: str | None, company: str | None = None) -> Setup:
    """Load a package (None: all of the output folder), the settings of this directory, the profiles.

    `company` is a company's name, None: the one of the environment or the one without a name. Raises
    PackageError where a package cannot be loaded, or where no package of the folder can run, SettingsError
    for a company that there is not.
    """
    settings = load_settings_for(place)
    return load_setup_of(choose_company(company, settings, os.environ), settings, place, store)


def load_setup_of(
    company: Company, settings: Settings, place: str | None, store: str | None
) -> Setup:
    """Load what a company runs: a package, or (None) all of its own. Raises as load_setup does."""
    profiles = load_profiles(settings.profile_paths)
    environment = environment_of(company, profiles, os.environ)
    url = store_url(store, settings)
    folders = _folders_of(company, settings)
    if place is None:
        more = dict(load_runnable(settings.root / settings.output, folders))
        name = min(more)
        flows = more.pop(name)
    else:
        name, flows = load_package(place, settings.root)
        check_runs(company, name)
        more = _load_sharing(folders, url, name, flows)
    return Setup(
        package=name,
        flows=flows,
        profiles=profiles,
        settings=settings,
        url=url,
        others=more,
        alone=place is not None,
        company=company,
        environment=environment,
    )


def _folders_of(company: Company, settings: Settings) -> Sequence[Path]:
    """Return where the packages of the output folder are that a company runs."""
    folders = {one.name: one for one in package_folders(settings.root / settings.output)}
    return [folders[name] for name in packages_of(company, folders)]


def load_runnable(folder: Path, places: Sequence[Path]) -> Mapping[str, Sequence[AnyFlow]]:
    """Load those of an output folder's packages that have a flow which can run, by name.

    Raises PackageError where there is none.
    """
    found: dict[str, Sequence[AnyFlow]] = {}
    found.update(load_package(str(place)) for place in places)
    runnable = {name: flows for name, flows in found.items() if any(f.runnable for f in flows)}
    if not runnable:
        raise PackageError(
            f"{folder} has no package with a flow that can run: see `specbridge lint`"
        )
    return runnable


def _load_sharing(
    places: Sequence[Path], url: str, name: str, flows: Sequence[AnyFlow]
) -> dict[str, Sequence[AnyFlow]]:
    """Load the packages that state flows between the same resources: a pairing runs as a whole."""
    folders = [place for place in places if place.name != name]
    if not folders:
        return {}
    sharing = find_sharing(url, name)
    found: dict[str, Sequence[AnyFlow]] = {}
    found.update(load_package(str(f)) for f in folders if f.name in sharing.names)
    if not sharing.certain:
        ends = _pairings_of(flows)
        found = {other: own for other, own in found.items() if ends & _pairings_of(own)}
    return found


def _pairings_of(flows: Sequence[AnyFlow]) -> set[frozenset[ResourceKey]]:
    return {frozenset(ends_of(flow)) for flow in flows}


def logging_requests(verbose: int, observer: Observer = SILENT) -> Observer:
    """Return the observer, which logs each request from -vv on."""
    return replace(observer, logged=True) if verbose >= 2 else observer  # noqa: PLR2004  # -vv


@contextmanager
def open_connectors(setup: Setup, observer: Observer = SILENT) -> Iterator[Mapping[str, Connector]]:
    """Open connectors to the systems of the runnable flows, and close them at the end.

    `observer` is told of their requests. Raises PackageError for a system without a profile.
    """
    turns = StoreTurns(setup.url) if shares_limits(setup) else None
    connectors = make_connectors(setup, observer, turns)
    try:
        yield connectors
    finally:
        for connector in connectors.values():
            connector.close()
        if turns is not None:
            turns.disconnect()


def make_connectors(
    setup: Setup, observer: Observer, turns: StoreTurns | None
) -> Mapping[str, RestConnector]:
    """Make connectors to the systems of the runnable flows; the caller closes them.

    `turns` gives turns at the limits that others count against as well. Raises PackageError for a system
    without a profile.
    """
    # A flow that cannot run needs no system: that there is no profile may be the reason, and is told
    # where none can run.
    flows = [flow for own in setup.packages.values() for flow in own]
    systems = _systems_of([flow for flow in flows if flow.runnable])
    if missing := sorted((systems or _systems_of(flows)) - set(setup.profiles)):
        names = ", ".join(missing)
        raise PackageError(f"there is no profile of {names}: see `profiles` in docs/settings.md")
    profiles = [setup.profiles[system] for system in sorted(systems)]
    options = ConnectorOptions(observer=observer, turns=turns)
    return build_connectors(profiles, setup.environment, options)


def shares_limits(setup: Setup) -> bool:
    """Return whether other processes may count against the systems' limits: of workers, of other companies.

    A store in a file is mostly one company's, which one process works on; companies with names may have one key.
    """
    if setup.settings.share_limits is not None:
        return setup.settings.share_limits
    return bool(setup.company.name) or sqlite_file(setup.url) is None


def _systems_of(flows: Sequence[AnyFlow]) -> set[str]:
    return {side.system for flow in flows for side in (flow.source, flow.target)}


def run_options(setup: Setup, *, force: bool = False, full: bool = False) -> RunOptions:
    """Return the options of a run: the settings, and what the command line adds."""
    settings = setup.settings
    own = [settings.packages.get(name, PackageSettings()) for name in setup.packages]
    # The strictest of all: what one package's settings stop must not pass because another runs too.
    guards = [one.guard or settings.guard for one in own]
    hours = min(one.reconcile_hours or settings.reconcile_hours for one in own)
    return RunOptions(
        flows={
            f"{name}.{flow.name}": _flow_policy(flow_policies(settings, name, flow.name))
            for name, flows in setup.packages.items()
            for flow in flows
        },
        guard_share=min(guard.share for guard in guards),
        guard_floor=min(guard.floor for guard in guards),
        force=force,
        full=full,
        full_period=hours * HOUR,
        retention=settings.journal_days * DAY,
    )


def _flow_policy(policies: Policies) -> FlowPolicy:
    return FlowPolicy(
        conflicts=ConflictPolicy(policies.conflicts.value),
        properties={
            name: ConflictPolicy(policy.value) for name, policy in policies.properties.items()
        },
        empty_wins=policies.empty is Propagation.PROPAGATE,
        delete=policies.deletions is Propagation.PROPAGATE,
    )


class Stop(threading.Event):
    """The wish that a command stop; `number` is the signal that said so, 0 as long as there is none."""

    number = 0


@contextmanager
def stopped_by_signals() -> Iterator[Stop]:
    """Give an event that SIGTERM and SIGINT set; a second signal ends the process at once."""
    stop = Stop()

    def ask(number: int, _frame: object) -> None:
        if stop.is_set():
            # What a shell says of a process that a signal ended.
            raise SystemExit(128 + number)
        stop.number = number
        stop.set()
        click.echo("stopping after what is under way (again to stop at once)", err=True)

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
