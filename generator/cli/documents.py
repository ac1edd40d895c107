"""`generate`, `check`, `diff` and `lint`: the commands that work on documents and modules alone."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from generator.api import Task, plan_task
from generator.errors import Problem, Severity, SpecbridgeError
from generator.settings import load_settings

if TYPE_CHECKING:
    from generator.api import CheckResult, WriteResult
    from generator.drift.changes import Change
    from generator.resolve.lint import HeldRow

CommandT = TypeVar("CommandT", bound=Callable[..., object])

_FORMATS = ("text", "github", "sarif", "json")


def _task_options(command: CommandT) -> CommandT:
    """Add what says which documents are meant, and where their packages are."""
    options: Sequence[Callable[[CommandT], CommandT]] = (
        click.argument("documents", nargs=-1, type=click.Path(), metavar="[DOC]..."),
        click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder of packages."),
        click.option("--source", metavar="LABEL", help="System that a blank source label means."),
        click.option("--target", metavar="LABEL", help="System that a blank target label means."),
        click.option(
            "--templates",
            type=click.Path(path_type=Path, exists=True, file_okay=False),
            help="Folder of templates that replace ours.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _plan(
    documents: Sequence[str],
    output: Path | None = None,
    *,
    none_left: bool = False,
    **overrides: str | Path | None,
) -> Task:
    settings = load_settings(Path.cwd())
    given = {name: str(value) for name, value in overrides.items() if value is not None}
    if "templates" in given:
        given["templates"] = str(Path(given["templates"]).resolve())
    changed = replace(settings, **given)  # type: ignore[arg-type]  # texts all
    return plan_task(documents, changed, output, none_left=none_left)


@click.command(
    epilog="Examples: `specbridge generate`, "
    "`specbridge generate specs/a-b.rst -o out --target Zendesk`, `specbridge generate --watch`."
)
@_task_options
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
    from generator.api import regenerate

    def run() -> "WriteResult":
        task = _plan(**where, none_left=prune)  # type: ignore[arg-type]  # click gives what they say
        result = regenerate(task, force=force, prune=prune)
        _print_written(result, as_json=as_json)
        return result

    if not watch:
        context.exit(_exit_code(run().problems))
    from generator.cli.running import stopped_by_signals
    from generator.cli.watching import watch_files

    known: list[Path] = []

    def look() -> Sequence[Path]:
        # Settings that cannot be read now will be mended; until then the files are those known.
        with suppress(SpecbridgeError):
            known[:] = _watched(_plan(**where, none_left=True))  # type: ignore[arg-type]  # as above
        return known

    with stopped_by_signals() as stop:
        watch_files(look, lambda: _swallow(run), stop)


@click.command(
    epilog="Examples: `specbridge check`, `specbridge check --format github`, "
    "`specbridge check specs/a-b.rst -o out --format sarif > drift.sarif`."
)
@_task_options
@click.option("--format", "format_", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option("--json", "format_", flag_value="json", help="The same as --format json.")
@click.option("--fresh", is_flag=True, help="Regenerate even where no digest has moved.")
@click.pass_context
def check(context: click.Context, /, *, format_: str, fresh: bool, **where: object) -> None:
    """Report drift: what `generate` would change, as a diff.

    Ends with 0 where documents and modules agree, 1 where they do not, 2 where a document has errors.
    """
    from generator.api import check as find_drift

    task = _plan(**where)  # type: ignore[arg-type]  # click gives what the options say
    result = find_drift(task.given, task.settings, task.output, fresh=fresh)
    _print_drift(result, format_)
    context.exit(_exit_code(result.problems) or int(bool(result.drift)))


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
    from generator.api import resolve
    from generator.cli.revisions import read_revision
    from generator.drift.changes import compare_packages

    settings = load_settings(Path.cwd())
    before, after = (resolve(read_revision(place), settings) for place in (old, new))
    problems = [problem for package in after for problem in package.problems]
    _print_problems(problems)
    changes = compare_packages(before, after)
    _print_changes(changes, format_)
    broken = [problem for package in before for problem in package.problems]
    failing = [change for change in changes if change.breaking or fail_on == "any"]
    context.exit(_exit_code([*broken, *problems]) or int(bool(failing)))


@click.command(epilog="Examples: `specbridge lint`, `specbridge lint specs/a-b.rst --strict`.")
@click.argument("documents", nargs=-1, type=click.Path(), metavar="[DOC]...")
@click.option("--source", metavar="LABEL", help="System that a blank source label means.")
@click.option("--target", metavar="LABEL", help="System that a blank target label means.")
@click.option("--strict", is_flag=True, help="End with 1 where there are warnings.")
@click.option("--json", "as_json", is_flag=True, help="Print problems and held rows as JSON.")
@click.pass_context
def lint(context: click.Context, /, *, strict: bool, as_json: bool, **where: object) -> None:
    """Check documents against themselves, their mirrors and the APIs."""
    from generator.api import read_task
    from generator.profiles.load import load_profiles
    from generator.resolve.lint import held_rows, lint_package

    task = _plan(**where)  # type: ignore[arg-type]  # click gives what the options say
    packages = read_task(task).packages
    profiles = load_profiles([task.settings.root / path for path in task.settings.profiles])
    problems = [problem for one in packages for problem in lint_package(one, profiles)]
    held = [row for one in packages for row in held_rows(one)]
    _print_lint(problems, held, as_json=as_json)
    context.exit(_exit_code(problems) or int(strict and bool(problems)))


def _exit_code(problems: Iterable[Problem]) -> int:
    return 2 if any(problem.severity is Severity.ERROR for problem in problems) else 0


def _print_problems(problems: Iterable[Problem]) -> None:
    for problem in problems:
        colour = "red" if problem.severity is Severity.ERROR else "yellow"
        first, rest = str(problem).split("\n", 1)
        click.echo(f"{click.style(first, fg=colour)}\n{rest}", err=True)


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _print_written(result: "WriteResult", *, as_json: bool) -> None:
    from generator.drift.report import problem_json

    if as_json:
        problems = [problem_json(problem) for problem in result.problems]
        _print_json({"written": result.written, "removed": result.removed, "problems": problems})
        return
    _print_problems(result.problems)
    for word, folders in (("wrote", result.written), ("removed", result.removed)):
        for folder in folders:
            click.echo(f"{word} {folder}")
    if not result.written and not result.removed:
        click.echo("nothing to write: the modules are what the documents say")


def _print_drift(result: "CheckResult", format_: str) -> None:
    if format_ == "text":
        _print_problems(result.problems)
        if result.drift:
            from generator.drift.report import render_text

            click.echo(_colour_diff(render_text(result.drift)), nl=False)
        return
    from generator.drift.report import render_github, render_json, render_sarif

    if format_ == "json":
        click.echo(render_json(result.drift, result.problems), nl=False)
        return
    render = render_github if format_ == "github" else render_sarif
    click.echo(render(result.drift, result.problems, _repository(Path.cwd())), nl=False)


def _repository(folder: Path) -> Path | None:
    """Return the root of the Git repository that a folder is in, None outside of any."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)


def _colour_diff(text: str) -> str:
    colours = {"+": "green", "-": "red", "@": "cyan"}
    lines = text.splitlines(keepends=True)
    return "".join(click.style(line, fg=colours.get(line[0])) for line in lines)


def _print_changes(changes: Sequence["Change"], format_: str) -> None:
    from generator.drift.changes import render_markdown, render_text

    if format_ == "json":
        _print_json({"changes": [change.as_json() for change in changes]})
        return
    render = render_markdown if format_ == "markdown" else render_text
    click.echo(render(changes), nl=False)


def _print_lint(problems: Sequence[Problem], held: Sequence["HeldRow"], *, as_json: bool) -> None:
    from generator.drift.report import problem_json

    if as_json:
        rows = [
            {
                "flow": row.flow,
                "source": row.source,
                "target": row.target,
                "direction": row.direction.value,
                "code": row.code,
            }
            for row in held
        ]
        _print_json({"problems": [problem_json(one) for one in problems], "held": rows})
        return
    _print_problems(problems)
    click.echo(f"{len(problems)} problems, {len(held)} rows held")
    for row in held:
        where = row.direction.value.replace("_", " ")
        click.echo(f"  held ({where}): {row.flow}: {row.source} | {row.target} ({row.code})")


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
    sys.stdout.flush()
