"""The commands that run a package: `plan`, `sync` and `audit`."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from generator.cli.run_text import print_audit, print_report
from generator.cli.running import (
    Setup,
    configure_logs,
    load_setup,
    open_connectors,
    run_options,
    stopped_by_signals,
)
from generator.errors import StoreBusyError
from generator.runtime.audit import run_audit
from generator.runtime.audit_report import AuditReport, write_html, write_junit
from generator.runtime.observing import SILENT, Observer, build_observer, observe_run, serve_metrics
from generator.runtime.report import Report, RunOutcome
from generator.runtime.run import run_plan, run_sync
from generator.runtime.session import Edges
from generator.runtime.store.engine import open_store

Command = TypeVar("Command", bound=Callable[..., None])


def _package_options(command: Command) -> Command:
    for add in (
        click.option("-v", "--verbose", count=True, help="Log what is done (-vv: everything)."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON (docs/json.md)."),
        click.option("--store", metavar="URL", help="Store; default $SPECBRIDGE_STORE, settings."),
        click.argument("package"),
    ):
        command = add(command)
    return command


def _flow_option(command: Command) -> Command:
    return click.option("--flow", "only", multiple=True, metavar="NAME", help="Only this flow.")(
        command
    )


def _run_options(command: Command) -> Command:
    for add in (
        click.option("--force", is_flag=True, help="Go on where a guard would stop."),
        click.option("--full", is_flag=True, help="Read everything, not only what changed."),
    ):
        command = add(command)
    return command


@click.command(epilog="""\b
Examples:
  specbridge plan generated/powerofficego_zendesk
  specbridge plan generated.powerofficego_zendesk --json --flow customers_to_organizations
""")
@_package_options
@_flow_option
@_run_options
def plan(
    package: str, store: str | None, as_json: bool, only: tuple[str, ...], **flags: int
) -> None:
    """Show exactly what `sync` would do to PACKAGE's systems; write nothing, nowhere.

    PACKAGE is a directory or an import path. Exit codes are those of `sync`.
    """
    configure_logs(flags["verbose"])
    setup = load_setup(package, store)
    options = run_options(setup, force=bool(flags["force"]), full=bool(flags["full"]))
    with (
        open_connectors(setup) as connectors,
        open_store(setup.url, scratch=True) as scratch,
        _progress() as progress,
    ):
        edges = Edges(connectors=connectors, progress=progress)
        report = run_plan(setup.task(only), scratch, edges, options)
    _print(report, as_json=as_json)
    raise SystemExit(report.outcome.exit_code)


@click.command(epilog="""\b
Examples:
  specbridge sync generated/powerofficego_zendesk
  specbridge sync generated/powerofficego_zendesk --store postgresql://sync@db/sync --watch 60
  specbridge sync generated/powerofficego_zendesk --watch 60 --metrics-port 9464
""")
@_package_options
@_flow_option
@_run_options
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
    package: str, store: str | None, as_json: bool, only: tuple[str, ...], **flags: float | None
) -> None:
    """Bring the systems of PACKAGE in sync, once or, with --watch, until SIGTERM.

    PACKAGE is a directory or an import path. Exit code 0: clean; 3: dead letters or conflicts are
    left; 4: a guard stopped the run before its first write; 5: an API or the store failed.
    """
    configure_logs(int(flags["verbose"] or 0))
    setup = load_setup(package, store)
    with stopped_by_signals() as stop, _observed(flags) as observer:
        once = _Sync(setup, only, flags, _Surroundings(stop, observer))
        report = once.run_once_free(float(flags["wait"] or 0))
        _print(report, as_json=as_json)
        while flags["watch"] is not None and not stop.wait(float(flags["watch"])):
            report = once.run_once_free(float("inf"))
            _print(report, as_json=as_json)
    raise SystemExit(report.outcome.exit_code)


@contextmanager
def _observed(flags: dict[str, float | None]) -> Iterator[Observer]:
    """Give the observer that the flags ask for; its metrics are served as long as the block runs."""
    port = flags["metrics_port"]
    if port is None and not flags["traces"]:
        yield SILENT
        return
    observer = build_observer()
    if port is None:
        yield observer
        return
    with serve_metrics(observer, int(port)) as served:
        click.echo(f"metrics on http://127.0.0.1:{served}/metrics", err=True)
        yield observer


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What all syncs of a command share: the wish to stop, and who watches."""

    stop: threading.Event
    observer: Observer


class _Sync:
    """One sync after the other, each with connections of its own."""

    def __init__(
        self,
        setup: Setup,
        only: tuple[str, ...],
        flags: dict[str, float | None],
        around: _Surroundings,
    ) -> None:
        self._setup = setup
        self._only = only
        self._flags = flags
        self._around = around

    def run(self) -> Report:
        setup, flags = self._setup, self._flags
        options = run_options(setup, force=bool(flags["force"]), full=bool(flags["full"]))
        with (
            open_connectors(setup, self._around.observer) as connectors,
            open_store(setup.url) as opened,
            _progress() as progress,
        ):
            edges = Edges(connectors=connectors, progress=progress, stop=self._around.stop)
            task = setup.task(self._only)
            return run_sync(task, opened, edges, options, actions=bool(flags["actions"]))

    def run_once_free(self, seconds: float) -> Report:
        """Run once no other process works on the package; raises StoreBusyError after some seconds."""
        around = self._around
        with observe_run(around.observer, self._setup.package) as observed:
            observed.report = report = _wait_for(self.run, seconds, around.stop)
        return report


def _wait_for(run: Callable[[], Report], seconds: float, stop: threading.Event) -> Report:
    """Run once no other process works on the package; raises StoreBusyError after some seconds."""
    end = time.monotonic() + seconds
    while True:
        try:
            return run()
        except StoreBusyError:
            if time.monotonic() >= end or stop.wait(1.0):
                raise


@click.command(epilog="""\b
Examples:
  specbridge audit generated/powerofficego_zendesk
  specbridge audit generated/powerofficego_zendesk --html audit.html --junit audit.xml
""")
@_package_options
@_flow_option
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write JUnit XML.")
def audit(
    package: str,
    store: str | None,
    as_json: bool,
    only: tuple[str, ...],
    **flags: Path | int | None,
) -> None:
    """Check each statement of PACKAGE's document on both systems; write to neither.

    Exit code 0: every statement holds, held ones aside; 3: some fail.
    """
    configure_logs(int(flags["verbose"] or 0))  # type: ignore[arg-type]  # a count
    setup = load_setup(package, store)
    with (
        open_connectors(setup) as connectors,
        open_store(setup.url, scratch=True) as scratch,
        _progress() as progress,
    ):
        edges = Edges(connectors=connectors, progress=progress)
        report = run_audit(setup.task(only), scratch, edges, run_options(setup))
    for flag, write in (("html", write_html), ("junit", write_junit)):
        if isinstance(path := flags[flag], Path):
            path.write_text(write(report), encoding="utf-8", errors="backslashreplace")
    _print_audit(report, as_json=as_json)
    raise SystemExit(0 if report.holds else RunOutcome.LEFT_OVER.exit_code)


def _print(report: Report, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        print_report(report)
    if report.error is not None:
        click.echo(f"specbridge: {report.error}", err=True)


def _print_audit(report: AuditReport, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
    else:
        print_audit(report)


@contextmanager
def _progress() -> Iterator[Callable[[str, int], None]]:
    """Show what is being done and how far it has got, on a terminal only."""
    console = Console(stderr=True)
    if not console.is_terminal or os.environ.get("TERM") == "dumb":
        yield lambda _subject, _count: None
        return
    columns = SpinnerColumn(), TextColumn("{task.description} {task.completed:.0f}")
    with Progress(*columns, console=console, transient=True) as shown:
        tasks: dict[str, int] = {}

        def advance(subject: str, count: int) -> None:
            if subject not in tasks:
                tasks[subject] = shown.add_task(subject, total=None)
            shown.advance(tasks[subject], count)  # type: ignore[arg-type]  # rich's TaskID is an int

        yield advance
