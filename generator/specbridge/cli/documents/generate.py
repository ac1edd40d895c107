"""`generate`: documents become packages."""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from specbridge.api import Task
from specbridge.errors import SpecbridgeError

if TYPE_CHECKING:
    from specbridge.api import WriteResult
from specbridge.cli.documents.problems import exit_code, print_json, print_problems
from specbridge.cli.documents.task import plan_documents, task_options


@click.command(
    epilog="Examples: `specbridge generate`, "
    "`specbridge generate specs/a-b.rst -o out --target Zendesk`, `specbridge generate --watch`."
)
@task_options
@click.option(
    "--force", is_flag=True, help="Render all anew, and overwrite files that were edited by hand."
)
@click.option("--prune", is_flag=True, help="Remove packages that have no document.")
@click.option("--watch", is_flag=True, help="Generate again whenever a file changes.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@click.pass_context
def generate(
    context: click.Context,
    /,
    *,
    force: bool,
    prune: bool,
    watch: bool,
    as_json: bool,
    **where: object,
) -> None:
    """Turn documents into typed modules: DOC, or all that the settings name.

    Each package is replaced all at once. Documents with errors are reported and left out (exit 2).
    """
    from specbridge.api import regenerate

    def run() -> "WriteResult":
        # No document at all is an answer only where packages without one are to go.
        task = plan_documents(**where, none_left=prune)  # type: ignore[arg-type]  # click gives what they say
        result = regenerate(task, force=force, prune=prune)
        _print_written(result, as_json=as_json)
        return result

    if not watch:
        context.exit(exit_code(run().problems))
    from specbridge.cli.documents.watching import watch_files
    from specbridge.cli.running import stopped_by_signals

    known: list[Path] = []

    def look() -> Sequence[Path]:
        # Settings that cannot be read now will be mended; until then the files are those known.
        with suppress(SpecbridgeError):
            known[:] = _watched(plan_documents(**where, none_left=True))  # type: ignore[arg-type]  # as above
        return known

    with stopped_by_signals() as stop:
        watch_files(look, lambda: _swallow(run), stop)


def _print_written(result: "WriteResult", *, as_json: bool) -> None:
    from specbridge.drift.report import problem_json

    if as_json:
        problems = [problem_json(problem) for problem in result.problems]
        print_json({"written": result.written, "removed": result.removed, "problems": problems})
        return
    print_problems(result.problems)
    for word, folders in (("wrote", result.written), ("removed", result.removed)):
        for folder in folders:
            click.echo(f"{word} {folder}")
    if not result.written and not result.removed:
        click.echo("nothing to write: the modules are what the documents say")


def _watched(task: Task) -> list[Path]:
    """Return the files that decide what is generated."""
    settings = task.settings
    paths = [Path(path) for path in task.documents]
    paths += [settings.root / "pyproject.toml", *(settings.root / p for p in settings.profiles)]
    if settings.templates:
        paths += (settings.root / settings.templates).glob("*.jinja")
    return paths


def _swallow(run: Callable[[], object]) -> None:
    """Run once while watching: a fault is shown, and mended by the next change."""
    try:
        run()
    except SpecbridgeError as error:
        click.echo(f"specbridge: {error}", err=True)
    # A watch has no end at which a pipe would get what is buffered.
    sys.stdout.flush()
