"""How commands about documents print problems and JSON, and end."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from specbridge.errors import Problem, Severity

if TYPE_CHECKING:
    pass


def exit_code(problems: Iterable[Problem]) -> int:
    """Return 2 where a problem is an error, else 0."""
    return 2 if any(problem.severity is Severity.ERROR for problem in problems) else 0


def print_problems(problems: Iterable[Problem]) -> None:
    """Print each problem with its mend to stderr, coloured by severity."""
    for problem in problems:
        colour = "red" if problem.severity is Severity.ERROR else "yellow"
        first, rest = str(problem).split("\n", 1)
        click.echo(f"{click.style(first, fg=colour)}\n{rest}", err=True)


def print_json(value: object) -> None:
    """Print a value as indented JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
