"""`audit`: each statement of the document on both systems."""

from pathlib import Path

import click

from specbridge.cli.logs import configure_logs
from specbridge.cli.next_steps import Step, given, print_next
from specbridge.cli.printing import print_json_line
from specbridge.cli.running import (
    Setup,
    load_setup,
    logging_requests,
    open_connectors,
    run_options,
)
from specbridge.cli.runs.auditing.keeping import Past, keep_counts
from specbridge.cli.runs.auditing.text import print_audit
from specbridge.cli.runs.options import flow_option, package_options
from specbridge.cli.runs.progress import Progress
from specbridge.runtime.engine.audit import MOST_EXAMPLES, run_audit
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.reports.audit_junit import write_junit
from specbridge.runtime.reports.audit_report import AuditReport
from specbridge.runtime.reports.observing import Observer
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.engine import open_store

ON_A_PAGE = 500
"""Records that a page lists of each statement, unless another number is asked for."""


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
@click.option(
    "--examples",
    type=click.IntRange(0, 100_000),
    metavar="N",
    help=f"Records to list of each statement; default {MOST_EXAMPLES}, {ON_A_PAGE} on a page.",
)
@click.option("--no-names", is_flag=True, help="List records by their ids alone, without values.")
def audit(  # noqa: PLR0913  # one parameter per option
    *,
    package: str | None,
    store: str | None,
    company: str | None,
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
    setup = load_setup(package, store, company)
    page, junit, asked = flags["html"], flags["junit"], flags["examples"]
    for path in (page, junit):
        if isinstance(path, Path):
            # Before minutes of reading: a folder that is not there is told at once.
            path.parent.stat()
    progress = Progress(setup.labels, quiet=bool(flags["quiet"]))
    observer = progress.observing(logging_requests(verbose))
    examples = asked if isinstance(asked, int) else _examples(page)
    report = _run(setup, only, (progress, observer), examples)
    past = keep_counts(setup, only, report)
    if flags["no_names"]:
        from specbridge.cli.runs.auditing.page import without_names

        report = without_names(report)
    if isinstance(page, Path):
        _write(page, _page(setup, package, report, past))
    if isinstance(junit, Path):
        _write(junit, write_junit(report))
    most = asked if isinstance(asked, int) else MOST_EXAMPLES
    if as_json:
        print_json_line(report.as_json(most))
    else:
        print_audit(report, most)
        if not flags["quiet"]:
            print_next(*_steps(report, given(package, store, company), page), err=True)
    raise SystemExit(0 if report.holds else RunOutcome.LEFT_OVER.exit_code)


def _examples(page: object) -> int:
    return MOST_EXAMPLES if page is None else ON_A_PAGE


def _run(
    setup: Setup, only: tuple[str, ...], shown: tuple[Progress, Observer], examples: int
) -> AuditReport:
    progress, observer = shown
    with (
        open_connectors(setup, observer) as connectors,
        # Scratch: what an audit reads must not count as seen by the next sync.
        open_store(setup.url, scratch=True) as scratch,
        progress.shown(),
    ):
        edges = Edges(connectors=connectors, progress=progress.advance, expect=progress.expect)
        return run_audit(setup.task(only), scratch, edges, run_options(setup), examples)


def _page(setup: Setup, place: str | None, report: AuditReport, past: Past) -> str:
    # Jinja2 and the reader are loaded for a page alone.
    from specbridge.cli.runs.auditing.page import look_around, with_addresses
    from specbridge.pages.audit.page import write_audit_page

    around = look_around(setup, place, report, past)
    return write_audit_page(with_addresses(setup, report), around)


def _write(path: Path, text: str) -> None:
    # JSON may hold half a surrogate pair, which UTF-8 cannot say.
    path.write_text(text, encoding="utf-8", errors="backslashreplace")


def _steps(report: AuditReport, words: tuple[str, ...], page: object) -> list[Step]:
    """Return what to do next: to look at the page, and to synchronize where something does not hold."""
    steps = []
    if isinstance(page, Path):
        steps.append(Step(f"open {page} in a browser"))
    elif not report.holds:
        command = ("audit", *words, "--html", "audit.html")
        steps.append(Step("a page lists each record, with the reason and the mend", command))
    if not report.holds:
        steps.append(Step("most of what does not hold, a sync mends", ("sync", *words)))
    return steps
