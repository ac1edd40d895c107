"""What `plan`, `sync`, `audit` and the store's commands need before they can start."""

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import structlog

from specbridge.errors import PackageError
from specbridge.model.profile import Profile
from specbridge.profiles.load import load_profiles
from specbridge.runtime.connectors.build import build_connectors
from specbridge.runtime.connectors.transport.access import ConnectorOptions
from specbridge.runtime.decide.options import DAY, ConflictPolicy, FlowPolicy, RunOptions
from specbridge.runtime.engine.run import Task
from specbridge.runtime.flow import AnyFlow
from specbridge.runtime.package import load_package
from specbridge.runtime.records import Connector
from specbridge.runtime.reports.observing import SILENT, Observer
from specbridge.runtime.store.addresses import choose_store
from specbridge.settings import (
    PackageSettings,
    Policies,
    Propagation,
    Settings,
    flow_policies,
    load_settings,
)

HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A package with all that settings and environment say about it; `url` is the store's."""

    package: str
    flows: Sequence[AnyFlow]
    profiles: Mapping[str, Profile]
    settings: Settings
    url: str

    def task(self, only: Sequence[str] = ()) -> Task:
        """Return what is to be run, restricted to some flows."""
        return Task(
            package=self.package, flows=self.flows, profiles=self.profiles, only=frozenset(only)
        )


def load_setup(place: str, store: str | None) -> Setup:
    """Load a package, the settings of this directory, and the profiles."""
    settings = load_settings(Path.cwd())
    name, flows = load_package(place, settings.root)
    profiles = load_profiles([settings.root / path for path in settings.profiles])
    url = choose_store(store, os.environ, settings.store, settings.root)
    return Setup(package=name, flows=flows, profiles=profiles, settings=settings, url=url)


@contextmanager
def open_connectors(setup: Setup, observer: Observer = SILENT) -> Iterator[Mapping[str, Connector]]:
    """Open connectors to the systems of the runnable flows, and close them at the end.

    `observer` is told of their requests. Raises PackageError for a system without a profile.
    """
    # A flow that cannot run needs no system: that there is no profile may be the reason, and is told
    # where none can run.
    systems = _systems_of([flow for flow in setup.flows if flow.runnable])
    if missing := sorted((systems or _systems_of(setup.flows)) - set(setup.profiles)):
        names = ", ".join(missing)
        raise PackageError(f"there is no profile of {names}: see `profiles` in docs/settings.md")
    profiles = [setup.profiles[system] for system in sorted(systems)]
    connectors = build_connectors(profiles, os.environ, ConnectorOptions(observer=observer))
    try:
        yield connectors
    finally:
        for connector in connectors.values():
            connector.close()


def _systems_of(flows: Sequence[AnyFlow]) -> set[str]:
    return {side.system for flow in flows for side in (flow.source, flow.target)}


def run_options(setup: Setup, *, force: bool = False, full: bool = False) -> RunOptions:
    """Return the options of a run: the settings, and what the command line adds."""
    settings = setup.settings
    own = settings.packages.get(setup.package, PackageSettings())
    guard = own.guard or settings.guard
    hours = own.reconcile_hours or settings.reconcile_hours
    return RunOptions(
        flows={
            flow.name: _flow_policy(flow_policies(settings, setup.package, flow.name))
            for flow in setup.flows
        },
        guard_share=guard.share,
        guard_floor=guard.floor,
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


def configure_logs(verbose: int) -> None:
    """Send logs to stderr: warnings, with -v what a run does, with -vv everything."""
    # logging's numbers for warning, info and debug.
    level = {0: 30, 1: 20}.get(verbose, 10)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # stdout is the answer's alone: with --json a program reads it.
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
    )


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """Give an event that SIGTERM and SIGINT set; a second signal ends the process at once."""
    stop = threading.Event()

    def ask(number: int, _frame: object) -> None:
        if stop.is_set():
            # What a shell says of a process that a signal ended.
            raise SystemExit(128 + number)
        stop.set()
        click.echo("stopping after what is under way (again to stop at once)", err=True)

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
