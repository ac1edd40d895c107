"""What the commands that run a package share: options, and printing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import click

from specbridge.cli.company import company_option
from specbridge.cli.next_steps import print_next
from specbridge.cli.printing import print_json_line
from specbridge.cli.running import Setup
from specbridge.cli.runs.run_next import Call, next_steps
from specbridge.cli.runs.run_tables import screen_lines
from specbridge.cli.runs.run_text import report_lines
from specbridge.cli.runs.run_words import Telling, colour, summary
from specbridge.cli.store_place import store_option
from specbridge.cli.tables import on_terminal, show_lines
from specbridge.printable import printable
from specbridge.runtime.reports.report import Report, RunOutcome

Command = TypeVar("Command", bound=Callable[..., None])


def package_options(command: Command) -> Command:
    """Add PACKAGE (left out: all of the output folder), --store, --company, --json, -v, -q and --log-format."""
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
        company_option,
        store_option,
        click.argument("package", required=False),
    ):
        command = add(command)
    return command


def flow_option(command: Command) -> Command:
    """Add --flow, which may be given several times."""
    return click.option("--flow", "only", multiple=True, metavar="NAME", help="Only this flow.")(
        command
    )


def report_options(command: Command) -> Command:
    """Add --no-names and --no-pager."""
    for add in (
        click.option("--no-pager", is_flag=True, help="Print long reports at once."),
        click.option("--no-names", is_flag=True, help="Show ids, not what records are called."),
    ):
        command = add(command)
    return command


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Printing:
    """How the runs of a command are told: in which words, after which call, and for whom."""

    telling: Telling
    call: Call
    as_json: bool = False
    pager: bool = True
    quiet: bool = False


def tell_runs(setup: Setup, call: Call, flags: Mapping[str, object], *, as_json: bool) -> Printing:
    """Return how a command tells its runs, by its options."""
    return Printing(
        telling=Telling(systems=setup.labels, planned=call.planned),
        call=call,
        as_json=as_json,
        pager=not flags["no_pager"],
        quiet=bool(flags["quiet"]),
    )


def print_run(report: Report, how: Printing) -> None:
    """Print a run, or a plan of one, as JSON or as text, and to stderr the error that ended it."""
    if how.as_json:
        # A line for each run: with --watch a program reads them as they come.
        print_json_line(report.as_json())
    else:
        _print_text(report, how)
    if report.error is not None:
        click.echo(f"specbridge: {printable(report.error)}", err=True)


def print_steps(report: Report, how: Printing) -> None:
    """Print what may be done after a run."""
    if not (how.as_json or how.quiet):
        print_next(*next_steps(report, how.call))


def _print_text(report: Report, how: Printing) -> None:
    for item in report.paused:
        click.secho(printable(item.told()), fg="yellow")
    if report.outcome is RunOutcome.PAUSED:
        # Nothing was done: there is nothing else to tell.
        return
    if on_terminal():
        # A sync that ends by itself must not wait for a key, unless it was asked to list all it did.
        pager = how.pager and report.actions is not None
        show_lines(screen_lines(report, how.telling), pager=pager)
    else:
        show_lines(report_lines(report, how.telling), pager=False)
    # Not in the pager, which takes with it what it showed.
    click.secho(summary(report, how.telling), fg=colour(report))
