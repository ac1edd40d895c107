"""`diff`: what changed in meaning."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specbridge.cli.documents.problems import exit_code, find_repository, print_problems
from specbridge.cli.next_steps import Step, print_next, quiet_option
from specbridge.cli.printing import print_json
from specbridge.settings import load_settings
from specbridge.telling import tell, without_ignored

if TYPE_CHECKING:
    from specbridge.drift.meaning.change import Change
    from specbridge.model.document import Document

_FORMATS = ("text", "markdown", "github", "json")


@click.command(
    epilog="Examples: `specbridge diff old/a-b.rst specs/a-b.rst`, "
    "`specbridge diff git:origin/main:specs specs --format markdown --fail-on breaking`."
)
@click.argument("old")
@click.argument("new")
@click.option(
    "--format",
    "format_",
    type=click.Choice(_FORMATS),
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
@quiet_option
@click.pass_context
def diff(
    context: click.Context, /, *, format_: str, fail_on: str, quiet: bool, **sides: str
) -> None:
    """Show what changed in meaning from OLD to NEW, each change breaking (!) or not.

    OLD and NEW are documents, folders of documents, or `git:REV:PATH` of either.
    """
    from specbridge.api import resolve
    from specbridge.cli.documents.revisions import read_revision
    from specbridge.drift.meaning.code import code_of
    from specbridge.drift.meaning.packages import compare_packages
    from specbridge.drift.warm import templates_of

    settings = load_settings(Path.cwd())
    old, new = sides["old"], sides["new"]
    versions = _as_versions(read_revision(old), read_revision(new))
    before, after = (resolve(documents, settings) for documents in versions)
    found = [problem for package in after for problem in package.problems]
    problems = tell(without_ignored(found, versions[1]), settings)
    print_problems(problems, spans=not new.startswith("git:"))
    changes = compare_packages(before, after, code_of(templates_of(settings)))
    _print_changes(changes, format_)
    if changes and format_ == "text" and not quiet and not new.startswith("git:"):
        print_next(Step("bring the modules up to date", ("generate", new)))
    # Not printed, for nobody mends what is past; yet what was not read whole cannot be compared.
    broken = [problem for package in before for problem in package.problems]
    failing = [change for change in changes if change.breaking or fail_on == "any"]
    context.exit(exit_code([*broken, *problems]) or int(bool(failing)))


def _as_versions(
    old: Sequence["Document"], new: Sequence["Document"]
) -> tuple[Sequence["Document"], Sequence["Document"]]:
    """Return both sides; two documents alone are versions of one, however their files are called."""
    if len(old) == len(new) == 1:
        old = (replace(old[0], path=str(Path(old[0].path).with_name(Path(new[0].path).name))),)
    return old, new


def _print_changes(changes: Sequence["Change"], format_: str) -> None:
    from specbridge.drift.meaning.render import render_github, render_markdown, render_text

    if format_ == "json":
        print_json({"changes": [change.as_json() for change in changes]})
    elif format_ == "github":
        click.echo(render_github(changes, find_repository(Path.cwd())), nl=False)
    else:
        render = render_markdown if format_ == "markdown" else render_text
        click.echo(render(changes), nl=False)
