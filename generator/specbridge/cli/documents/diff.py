"""`diff`: what changed in meaning."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specbridge.settings import load_settings

if TYPE_CHECKING:
    from specbridge.drift.changes import Change
from specbridge.cli.documents.problems import exit_code, print_json, print_problems


@click.command(
    epilog="Examples: `specbridge diff old/a-b.rst specs/a-b.rst`, "
    "`specbridge diff git:origin/main:specs specs --format markdown --fail-on breaking`."
)
@click.argument("old")
@click.argument("new")
@click.option(
    "--format",
    "format_",
    type=click.Choice(("text", "markdown", "json")),
    default="text",
    show_default=True,
)
@click.option("--json", "format_", flag_value="json", help="The same as --format json.")
@click.option(
    "--fail-on",
    type=click.Choice(("any", "breaking")),
    default="any",
    show_default=True,
    help="Which changes end the command with 1.",
)
@click.pass_context
def diff(context: click.Context, /, *, old: str, new: str, format_: str, fail_on: str) -> None:
    """Show what changed in meaning from OLD to NEW, each change breaking (!) or not.

    OLD and NEW are documents, folders of documents, or `git:REV:PATH` of either.
    """
    from specbridge.api import resolve
    from specbridge.cli.documents.revisions import read_revision
    from specbridge.drift.changes import compare_packages

    settings = load_settings(Path.cwd())
    before, after = (resolve(read_revision(place), settings) for place in (old, new))
    problems = [problem for package in after for problem in package.problems]
    print_problems(problems)
    changes = compare_packages(before, after)
    _print_changes(changes, format_)
    # Not printed, for nobody mends what is past; yet what was not read whole cannot be compared.
    broken = [problem for package in before for problem in package.problems]
    failing = [change for change in changes if change.breaking or fail_on == "any"]
    context.exit(exit_code([*broken, *problems]) or int(bool(failing)))


def _print_changes(changes: Sequence["Change"], format_: str) -> None:
    from specbridge.drift.changes import render_markdown, render_text

    if format_ == "json":
        print_json({"changes": [change.as_json() for change in changes]})
        return
    render = render_markdown if format_ == "markdown" else render_text
    click.echo(render(changes), nl=False)
