"""How commands about documents print problems and JSON, and end."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from specbridge.cli.documents.spans import read_lines, show_span
from specbridge.errors import Problem, Severity
from specbridge.printable import printable


def exit_code(problems: Iterable[Problem]) -> int:
    """Return 2 where a problem is an error, else 0."""
    return 2 if any(problem.severity is Severity.ERROR for problem in problems) else 0


def print_problems(problems: Iterable[Problem], *, spans: bool = True) -> None:
    """Print each problem to stderr, coloured by severity: the fault, the line that has it, the mend.

    Without `spans` the lines are left out: those on disk are not those that were read.
    """
    sources: dict[str, Sequence[str]] = {}
    for problem in problems:
        path = problem.where.path
        if spans and path not in sources:
            sources[path] = read_lines(path)
        colour = "red" if problem.severity is Severity.ERROR else "yellow"
        first, rest = printable(str(problem)).split("\n", 1)
        shown = show_span(problem, sources.get(path, ()))
        lines = (click.style(first, fg=colour), *filter(None, (shown, rest)))
        click.echo("\n".join(lines), err=True)


def find_repository(folder: Path) -> Path | None:
    """Return the root of the Git repository that a folder is in, None outside of any."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)
