"""`lint`: documents against themselves, their mirrors and the APIs."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from specbridge.api import Task
from specbridge.cli.documents.following import after_lint
from specbridge.cli.documents.problems import exit_code, print_problems
from specbridge.cli.documents.task import plan_documents
from specbridge.cli.next_steps import print_next, quiet_option
from specbridge.cli.printing import print_json
from specbridge.errors import Location, Problem
from specbridge.settings import Settings
from specbridge.tasks import from_here
from specbridge.telling import tell, unmatched_ignores, without_ignored

if TYPE_CHECKING:
    from specbridge.model.document import Document
    from specbridge.resolve.lint import HeldRow


@click.command(epilog="Examples: `specbridge lint`, `specbridge lint specs/a-b.rst --strict`.")
@click.argument("documents", nargs=-1, type=click.Path(), metavar="[DOC]...")
@click.option("--source", metavar="LABEL", help="System that a blank source label means.")
@click.option("--target", metavar="LABEL", help="System that a blank target label means.")
@click.option("--strict", is_flag=True, help="End with 1 where there are warnings.")
@click.option("--json", "as_json", is_flag=True, help="Print problems and held rows as JSON.")
@quiet_option
@click.pass_context
def lint(
    context: click.Context, /, *, strict: bool, as_json: bool, quiet: bool, **where: object
) -> None:
    """Check documents against themselves, their mirrors and the APIs."""
    from specbridge.api import read_task
    from specbridge.profiles.load import load_profiles
    from specbridge.resolve.lint import held_rows, lint_packages

    task = plan_documents(**where)  # type: ignore[arg-type]  # click gives what the options say
    reading = read_task(task)
    packages = reading.packages
    profiles = load_profiles(task.settings.profile_paths)
    found = lint_packages(packages, profiles, task.settings)
    problems = _told(found, reading.documents, task)
    held = held_rows(packages)
    _print_lint(problems, held, as_json=as_json)
    if not (as_json or quiet):
        print_next(*after_lint(problems, where))
    context.exit(exit_code(problems) or int(strict and bool(problems)))


def _told(
    found: Sequence[Problem], documents: Sequence["Document"], task: Task
) -> tuple[Problem, ...]:
    """Return the problems that are told, and what is ignored for nothing."""
    settings = task.settings
    # Of some documents alone nobody can say what the others need the settings for.
    known = settings if task.whole else replace(settings, ignore=(), per_document_ignores={})
    unmatched = unmatched_ignores(found, documents, known, _settings_line(settings))
    return tell((*without_ignored(found, documents), *unmatched), settings)


def _settings_line(settings: Settings) -> Callable[[str], Location]:
    path = settings.root / "pyproject.toml"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []

    def place(text: str) -> Location:
        found = (number for number, line in enumerate(lines, 1) if f'"{text}"' in line)
        return Location(str(from_here(path)), next(found, 1))

    return place


def _print_lint(problems: Sequence[Problem], held: Sequence["HeldRow"], *, as_json: bool) -> None:
    from specbridge.drift.report import problem_json

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
        print_json({"problems": [problem_json(one) for one in problems], "held": rows})
        return
    print_problems(problems)
    click.echo(f"{len(problems)} problems, {len(held)} rows held")
    for row in held:
        where = row.direction.value.replace("_", " ")
        click.echo(f"  held ({where}): {row.flow}: {row.source} | {row.target} ({row.code})")
