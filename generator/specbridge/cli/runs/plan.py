"""`plan`: what `sync` would do."""

import click

from specbridge.cli.logs import configure_logs
from specbridge.cli.running import (
    load_setup,
    logging_requests,
    open_connectors,
    run_options,
)
from specbridge.cli.runs.options import (
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
from specbridge.runtime.engine.run import run_plan
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.store.engine import open_store


@click.command(epilog="""\b
Examples:
  specbridge plan
  specbridge plan generated/powerofficego_zendesk
  specbridge plan generated.powerofficego_zendesk --json --flow customers_to_organizations
""")
@package_options
@flow_option
@guard_options
@report_options
def plan(  # noqa: PLR0913  # one parameter per option
    *,
    package: str | None,
    store: str | None,
    company: str | None,
    as_json: bool,
    only: tuple[str, ...],
    log_format: str,
    **flags: int,
) -> None:
    """Show exactly what `sync` would do to PACKAGE's systems; write nothing, nowhere.

    PACKAGE is a directory or an import path; without it all packages of the output folder are
    planned, as one run. Exit codes are those of `sync`.
    """
    configure_logs(flags["verbose"], log_format)
    setup = load_setup(package, store, company)
    options = run_options(setup, force=bool(flags["force"]), full=bool(flags["full"]))
    progress = Progress(setup.labels, quiet=bool(flags["quiet"]), planned=True)
    observer = progress.observing(logging_requests(flags["verbose"]))
    with (
        open_connectors(setup, observer) as connectors,
        # Scratch: the same run as a sync's, of which nothing is kept.
        open_store(setup.url, scratch=True) as scratch,
        progress.shown(),
    ):
        edges = Edges(connectors=connectors, progress=progress.advance, expect=progress.expect)
        report = run_plan(setup.task(only), scratch, edges, options)
        shown = not flags["no_names"]
        report = name_records(report, scratch, setup.profiles, shown=shown)
    full = bool(flags["full"])
    call = Call(package=package, store=store, company=company, only=only, full=full, planned=True)
    how = tell_runs(setup, call, flags, as_json=as_json)
    print_run(report, how)
    print_steps(report, how)
    raise SystemExit(report.outcome.exit_code)
