"""`lint`: documents against themselves, their mirrors and the APIs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from specbridge.errors import Problem

if TYPE_CHECKING:
    from specbridge.resolve.lint import HeldRow
from specbridge.cli.documents.problems import exit_code, print_json, print_problems
from specbridge.cli.documents.task import plan_documents


@click.command(epilog="Examples: `specbridge lint`, `specbridge lint specs/a-b.rst --strict`.")
@click.argument("documents", nargs=-1, type=click.Path(), metavar="[DOC]...")
@click.option("--source", metavar="LABEL", help="System that a blank source label means.")
@click.option("--target", metavar="LABEL", help="System that a blank target label means.")
@click.option("--strict", is_flag=True, help="End with 1 where there are warnings.")
@click.option("--json", "as_json", is_flag=True, help="Print problems and held rows as JSON.")
@click.pass_context
def lint(context: click.Context, /, *, strict: bool, as_json: bool, **where: object) -> None:
    """Check documents against themselves, their mirrors and the APIs."""
    from specbridge.api import read_task
    from specbridge.profiles.load import load_profiles
    from specbridge.resolve.lint import held_rows, lint_packages

    task = plan_documents(**where)  # type: ignore[arg-type]  # click gives what the options say
    packages = read_task(task).packages
    profiles = load_profiles([task.settings.root / path for path in task.settings.profiles])
    problems = lint_packages(packages, profiles, task.settings)
    held = held_rows(packages)
    _print_lint(problems, held, as_json=as_json)
    context.exit(exit_code(problems) or int(strict and bool(problems)))


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
