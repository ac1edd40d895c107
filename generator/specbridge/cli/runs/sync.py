"""`sync`: once, or again and again."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import click

from specbridge.cli.logs import configure_logs
from specbridge.cli.running import (
    Setup,
    load_setup,
    logging_requests,
    open_connectors,
    run_options,
    stopped_by_signals,
)
from specbridge.cli.runs.options import (
    Printing,
    flow_option,
    guard_options,
    package_options,
    print_run,
    print_steps,
    report_options,
    tell_runs,
)
from specbridge.cli.runs.progress import Progress
from specbridge.cli.runs.run_names import name_records
from specbridge.cli.runs.run_next import Call
from specbridge.cli.runs.waking import Pauses
from specbridge.errors import StoreBusyError, StoreError
from specbridge.runtime.engine.run import run_sync
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.records import Connector
from specbridge.runtime.reports.observing import (
    Observer,
    build_observer,
    observe_run,
    serve_metrics,
)
from specbridge.runtime.reports.report import Report
from specbridge.runtime.store.engine import open_store


@click.command(epilog="""\b
Examples:
  specbridge sync
  specbridge sync generated/powerofficego_zendesk
  specbridge sync generated/powerofficego_zendesk --store postgresql://sync@db/sync --watch 60
  specbridge sync generated/powerofficego_zendesk --watch 60 --metrics-port 9464
""")
@package_options
@flow_option
@guard_options
@report_options
@click.option(
    "--watch", type=click.FloatRange(min=0), metavar="SECONDS", help="Run again and again."
)
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Wait this long for another process on the same package.",
)
@click.option("--actions", is_flag=True, help="List every action.")
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65_535),
    metavar="PORT",
    help="Serve Prometheus metrics on this port of this machine (docs/observability.md).",
)
@click.option("--traces", is_flag=True, help="Trace runs and requests with OpenTelemetry.")
def sync(
    package: str | None,
    store: str | None,
    as_json: bool,
    only: tuple[str, ...],
    log_format: str,
    **flags: float | None,
) -> None:
    """Bring the systems of PACKAGE in sync, once or, with --watch, until SIGTERM.

    PACKAGE is a directory or an import path; without it all packages of the output folder run, as one
    run. Exit code 0: clean; 3: dead letters or conflicts are left; 4: a guard stopped the run before
    its first write; 5: an API or the store failed; 130 and 143: SIGINT and SIGTERM (docs/exit-codes.md).
    """
    configure_logs(int(flags["verbose"] or 0), log_format)
    setup = load_setup(package, store)
    progress = Progress(setup.labels, quiet=bool(flags["quiet"]))
    with (
        stopped_by_signals() as stop,
        _observed(flags) as observer,
        open_connectors(setup, progress.observing(observer)) as connectors,
    ):
        syncs = _Syncs(setup, only, flags, _Surroundings(connectors, stop, observer, progress))
        report = syncs.run_once_free(float(flags["wait"] or 0))
        call = Call(package=package, store=store, only=only, full=bool(flags["full"]))
        how = tell_runs(setup, call, flags, as_json=as_json)
        print_run(report, how)
        status = report.outcome.exit_code
        if flags["watch"] is None:
            print_steps(report, how)
            # Who asked for one run got less than that; whoever ends a watch gets what was asked for.
            status = 128 + stop.number if report.error is not None and stop.number else status
        # Not a sleep: SIGTERM ends the pause at once, and so does what webhooks tell of.
        while flags["watch"] is not None:
            unpolled = syncs.pauses.wait(float(flags["watch"]))
            if unpolled is None:
                break
            status = _run_again(syncs, how, unpolled)
    raise SystemExit(status)


def _run_again(syncs: "_Syncs", how: Printing, unpolled: frozenset[str]) -> int:
    """Sync and print once more, and return the exit code; a store that fails may be back next time."""
    try:
        # For ever: a service must not end because somebody else works on the package.
        report = syncs.run_once_free(float("inf"), unpolled)
    except StoreError as error:
        syncs.pauses.note_failure()
        click.echo(f"specbridge: {error}", err=True)
        return error.exit_code
    print_run(report, how)
    return report.outcome.exit_code


@contextmanager
def _observed(flags: dict[str, float | None]) -> Iterator[Observer]:
    """Give the observer that the flags ask for; its metrics are served as long as the block runs."""
    port = flags["metrics_port"]
    verbose = int(flags["verbose"] or 0)
    if port is None and not flags["traces"]:
        yield logging_requests(verbose)
        return
    observer = logging_requests(verbose, build_observer())
    if port is None:
        yield observer
        return
    with serve_metrics(observer, int(port)) as served:
        # The port that was found: 0 asks for any.
        click.echo(f"metrics on http://127.0.0.1:{served}/metrics", err=True)
        yield observer


_OTHER = "another run", "it works on the same systems"


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What all syncs of a command share: connectors, the wish to stop, who measures, who looks on."""

    connectors: Mapping[str, Connector]
    stop: threading.Event
    observer: Observer
    progress: Progress


class _Syncs:
    """One sync after the other, with the same connectors; each opens the store anew."""

    def __init__(
        self,
        setup: Setup,
        only: tuple[str, ...],
        flags: dict[str, float | None],
        around: _Surroundings,
    ) -> None:
        self._task = setup.task(only)
        self._url = setup.url
        # What runs: those that only help out are not named.
        self._names = [setup.package] if setup.alone else list(setup.packages)
        self._options = run_options(setup, force=bool(flags["force"]), full=bool(flags["full"]))
        self._actions = bool(flags["actions"])
        self._profiles = setup.profiles
        self._named = not flags["no_names"]
        self._around = around
        self.pauses = Pauses(self._url, self._task.company, around.stop)

    def run(self, unpolled: frozenset[str]) -> Report:
        around, progress = self._around, self._around.progress
        edges = Edges(
            connectors=around.connectors,
            progress=progress.advance,
            expect=progress.expect,
            stop=around.stop,
        )
        options = replace(self._options, unpolled=unpolled)
        self.pauses.note_run(unpolled)
        # Between runs nobody holds the database, and no connection is there that it could drop.
        with open_store(self._url) as opened:
            report = run_sync(self._task, opened, edges, options, actions=self._actions)
            if report.error is not None:
                self.pauses.note_failure()
            return name_records(report, opened, self._profiles, shown=self._named)

    def run_once_free(self, seconds: float, unpolled: frozenset[str] = frozenset()) -> Report:
        """Run once no other process works on the package; raises StoreBusyError after some seconds.

        `unpolled` are systems of which only those records are read that webhooks told of.
        """
        around = self._around
        with (
            observe_run(around.observer, ", ".join(self._names)) as observed,
            around.progress.shown(),
        ):
            observed.report = report = _wait_for(partial(self.run, unpolled), seconds, around)
        return report


def _wait_for(run: Callable[[], Report], seconds: float, around: _Surroundings) -> Report:
    """Run once no other process works on the package; raises StoreBusyError after some seconds."""
    end = time.monotonic() + seconds
    while True:
        try:
            return run()
        except StoreBusyError:
            left = end - time.monotonic()
            around.progress.wait(*_OTHER, left)
            if left <= 0 or around.stop.wait(1.0):
                raise
            around.progress.wait(*_OTHER, 0.0)
