"""`audit`: each statement of the document on both systems."""

from pathlib import Path

import click

from specbridge.cli.logs import configure_logs
from specbridge.cli.printing import print_json_line
from specbridge.cli.running import (
    load_setup,
    logging_requests,
    open_connectors,
    run_options,
)
from specbridge.cli.runs.options import (
    flow_option,
    package_options,
    show_progress,
)
from specbridge.cli.runs.run_text import print_audit
from specbridge.runtime.engine.audit import run_audit
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.reports.audit_report import AuditReport, write_html, write_junit
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.engine import open_store


@click.command(epilog="""\b
Examples:
  specbridge audit
  specbridge audit generated/powerofficego_zendesk
  specbridge audit generated/powerofficego_zendesk --html audit.html --junit audit.xml
""")
@package_options
@flow_option
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write JUnit XML.")
def audit(
    package: str | None,
    store: str | None,
    as_json: bool,
    only: tuple[str, ...],
    log_format: str,
    **flags: Path | int | None,
) -> None:
    """Check each statement of PACKAGE's document on both systems; write to neither.

    Without PACKAGE all packages of the output folder are audited. Exit code 0: every statement holds, held ones aside; 3: some fail.
    """
    verbose = int(flags["verbose"] or 0)  # type: ignore[arg-type]  # a count
    configure_logs(verbose, log_format)
    setup = load_setup(package, store)
    with (
        open_connectors(setup, logging_requests(verbose)) as connectors,
        # Scratch: what an audit reads must not count as seen by the next sync.
        open_store(setup.url, scratch=True) as scratch,
        show_progress() as progress,
    ):
        edges = Edges(connectors=connectors, progress=progress)
        report = run_audit(setup.task(only), scratch, edges, run_options(setup))
    for flag, write in (("html", write_html), ("junit", write_junit)):
        if isinstance(path := flags[flag], Path):
            # JSON may hold half a surrogate pair, which UTF-8 cannot say.
            path.write_text(write(report), encoding="utf-8", errors="backslashreplace")
    _print_audit(report, as_json=as_json)
    raise SystemExit(0 if report.holds else RunOutcome.LEFT_OVER.exit_code)


def _print_audit(report: AuditReport, *, as_json: bool) -> None:
    if as_json:
        print_json_line(report.as_json())
    else:
        print_audit(report)
