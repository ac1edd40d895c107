"""`sync`: once, or again and again."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

from specbridge.cli.logs import configure_logs
from specbridge.cli.running import (
    load_setup,
    logging_requests,
    open_connectors,
    stopped_by_signals,
)
from specbridge.cli.runs.all_companies import sync_all_companies
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
from specbridge.cli.runs.run_next import Call
from specbridge.cli.runs.syncing import Surroundings, Syncs
from specbridge.errors import StoreError
from specbridge.runtime.reports.observing import (
    Observer,
    build_observer,
    serve_metrics,
)


@click.command(epilog="""\b
Examples:
  specbridge sync
  specbridge sync generated/powerofficego_zendesk
  specbridge sync generated/powerofficego_zendesk --store postgresql://sync@db/sync --watch 60
  specbridge sync generated/powerofficego_zendesk --watch 60 --metrics-port 9464
  specbridge sync --all-companies
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
@click.option(
    "--all-companies", is_flag=True, help="Run the settings' companies one after the other."
)
@click.option("--actions", is_flag=True, help="List every action.")
@click.option(
    "--metrics-port",
    type=click.IntRange(0, 65_535),
    metavar="PORT",
    help="Serve Prometheus metrics on this port of this machine (docs/observability.md).",
)
@click.option("--traces", is_flag=True, help="Trace runs and requests with OpenTelemetry.")
def sync(  # noqa: PLR0913  # one parameter per option
    *,
    package: str | None,
    store: str | None,
    company: str | None,
    as_json: bool,
    all_companies: bool,
    only: tuple[str, ...],
    log_format: str,
    **flags: float | None,
) -> None:
    """Bring the systems of PACKAGE in sync, once or, with --watch, until SIGTERM.

    PACKAGE is a directory or an import path; without it all packages of the output folder run, as one
    run. Exit code 0: clean; 3: dead letters or conflicts are left; 4: a guard stopped the run before
    its first write; 5: an API or the store failed; 130 and 143: SIGINT and SIGTERM (docs/exit-codes.md);
    of --all-companies the worst of all.
    """
    configure_logs(int(flags["verbose"] or 0), log_format)
    if all_companies:
        if package is not None or company is not None or only:
            raise click.UsageError("--all-companies stands without PACKAGE, --company and --flow")
        with stopped_by_signals() as stop, _observed(flags) as observer:
            status = sync_all_companies(store, flags, stop, observer, as_json=as_json)
        raise SystemExit(status)
    setup = load_setup(package, store, company)
    progress = Progress(setup.labels, quiet=bool(flags["quiet"]))
    with (
        stopped_by_signals() as stop,
        _observed(flags) as observer,
        open_connectors(setup, progress.observing(observer)) as connectors,
    ):
        syncs = Syncs(setup, only, flags, Surroundings(connectors, stop, observer, progress))
        report = syncs.run_once_free(float(flags["wait"] or 0))
        call = Call(
            package=package, store=store, company=company, only=only, full=bool(flags["full"])
        )
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


def _run_again(syncs: Syncs, how: Printing, unpolled: frozenset[str]) -> int:
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
