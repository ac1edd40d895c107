"""How commands about documents print problems and JSON, and end."""

import json
from collections.abc import Iterable
from pathlib import Path

import click

from specbridge.errors import Problem, Severity


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
    """Print a value as indented JSON, what does not print escaped: no terminal obeys a document."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    click.echo("".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in text))


def find_repository(folder: Path) -> Path | None:
    """Return the root of the Git repository that a folder is in, None outside of any."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1]
