"""What the commands that run a package share: options, progress, and printing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from specbridge.cli.printing import print_json_line
from specbridge.cli.runs.progress import Progress
from specbridge.cli.runs.run_text import print_report
from specbridge.runtime.reports.report import Report

Command = TypeVar("Command", bound=Callable[..., None])


def package_options(command: Command) -> Command:
    """Add PACKAGE (left out: all of the output folder), --store, --json, -v, -q and --log-format."""
    # Backwards: what is added last stands first in the help.
    for add in (
        click.option(
            "--log-format", type=click.Choice(("text", "json")), default="text", show_default=True
        ),
        click.option(
            "-q", "--quiet", is_flag=True, help="No progress, and no word on what is next."
        ),
        click.option("-v", "--verbose", count=True, help="Log what is done (-vv: requests, too)."),
        click.option("--json", "as_json", is_flag=True, help="Print JSON (docs/json.md)."),
        click.option("--store", metavar="URL", help="Store; default $SPECBRIDGE_STORE, settings."),
        click.argument("package", required=False),
    ):
        command = add(command)
    return command


def flow_option(command: Command) -> Command:
    """Add --flow, which may be given several times."""
    return click.option("--flow", "only", multiple=True, metavar="NAME", help="Only this flow.")(
        command
    )


def guard_options(command: Command) -> Command:
    """Add --full and --force."""
    for add in (
        click.option("--force", is_flag=True, help="Go on where a guard would stop."),
        click.option(
            "--full",
            is_flag=True,
            help="Read everything, not only what changed, and try dead letters again.",
        ),
    ):
        command = add(command)
    return command


def print_run(report: Report, *, as_json: bool, planned: bool = False) -> None:
    """Print a run, or a plan of one, as JSON or as text, and to stderr the error that ended it."""
    if as_json:
        # A line for each run: with --watch a program reads them as they come.
        print_json_line(report.as_json())
    else:
        print_report(report, planned=planned)
    if report.error is not None:
        click.echo(f"specbridge: {report.error}", err=True)


@contextmanager
def show_progress() -> Iterator[Callable[[str, int], None]]:
    """Show what is being done and how far it has got, on a terminal only."""
    progress = Progress({})
    with progress.shown():
        yield progress.advance
