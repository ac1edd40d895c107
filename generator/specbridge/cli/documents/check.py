"""`check`: what `generate` would change."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from specbridge.cli.documents.following import after_check
from specbridge.cli.documents.problems import exit_code, find_repository, print_problems
from specbridge.cli.documents.task import plan_documents, task_options
from specbridge.cli.next_steps import print_next, quiet_option
from specbridge.cli.printing import escape_json, print_json
from specbridge.errors import Severity

if TYPE_CHECKING:
    from specbridge.api import CheckResult

_FORMATS = ("text", "github", "sarif", "json")


@click.command(
    epilog="Examples: `specbridge check`, `specbridge check --format github`, "
    "`specbridge check specs/a-b.rst -o out --format sarif > drift.sarif`."
)
@task_options
@click.option("--format", "format_", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option("--json", "format_", flag_value="json", help="The same as --format json.")
@click.option("--fresh", is_flag=True, help="Regenerate even where no digest has moved.")
@quiet_option
@click.pass_context
def check(
    context: click.Context, /, *, format_: str, fresh: bool, quiet: bool, **where: object
) -> None:
    """Report drift: what `generate` would change, as a diff.

    Ends with 0 where documents and modules agree, 1 where they do not, 2 where a document has errors.
    """
    from specbridge.api import check as find_drift

    task = plan_documents(**where)  # type: ignore[arg-type]  # click gives what the options say
    result = find_drift(task.given, task.settings, task.output, fresh=fresh)
    _print_drift(result, format_)
    if format_ == "text" and not quiet:
        print_next(*after_check(result.problems, bool(result.drift), where))
    # 2 before 1: what a document with an error would generate nobody knows.
    context.exit(exit_code(result.problems) or int(bool(result.drift)))


def _print_drift(result: "CheckResult", format_: str) -> None:
    if format_ == "text":
        print_problems(result.problems)
        if result.drift:
            from specbridge.drift.report import render_text

            click.echo(_colour_diff(render_text(result.drift)), nl=False)
        click.echo(_sum_up(result))
        return
    from specbridge.drift.report import encode_drift, render_github
    from specbridge.drift.sarif import render_sarif

    # GitHub looks for files from the root of the repository, wherever the command runs.
    root = find_repository(Path.cwd())
    if format_ == "github":
        click.echo(render_github(result.drift, result.problems, root), nl=False)
    elif format_ == "sarif":
        click.echo(escape_json(render_sarif(result.drift, result.problems, root)), nl=False)
    else:
        print_json(encode_drift(result.drift, result.problems))


def _sum_up(result: "CheckResult") -> str:
    """Return the last line: `3 packages, no drift`."""
    files = len(result.drift)
    drift = f"{files} file{'s' if files > 1 else ''} drifted" if files else "no drift"
    text = f"{result.packages} package{'' if result.packages == 1 else 's'}, {drift}"
    broken = {one.where.path for one in result.problems if one.severity is Severity.ERROR}
    if not broken:
        return text
    # What they would generate nobody knows: their packages are not among those that were compared.
    left = f"not compared, for their errors: {', '.join(sorted(broken))}"
    return f"{text}; {left}" if result.packages or result.drift else left


def _colour_diff(text: str) -> str:
    colours = {"+": "green", "-": "red", "@": "cyan"}
    lines = text.splitlines(keepends=True)
    return "".join(click.style(line, fg=colours.get(line[0])) for line in lines)
