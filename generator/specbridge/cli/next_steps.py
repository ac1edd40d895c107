"""What a command's end says to do next: why, and the command that can be pasted where this one was typed."""

import shlex
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from specbridge.printable import in_one_line

_NAME = "specbridge"

quiet_option = click.option("-q", "--quiet", is_flag=True, help="No word on what is next.")


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do next: `words` are the command's, without the program's name; none: no command."""

    why: str
    words: Sequence[str] = ()


def print_next(*steps: Step, err: bool = False) -> None:
    """Print what may be done next, the command of each step in a line of its own.

    Not for --json or --quiet; `err`: to stderr, where each line of stdout is a record.
    """
    for step in steps:
        click.secho(f"next: {in_one_line(step.why)}", dim=True, err=err)
        if step.words:
            click.echo(f"  {command_line(step.words)}", err=err)


def command_line(words: Sequence[str]) -> str:
    """Return a command as a shell takes it, with the program called as it was this time."""
    return in_one_line(f"{_program()} {shlex.join(words)}")


def given(
    package: str | None = None, store: str | None = None, company: str | None = None
) -> tuple[str, ...]:
    """Return PACKAGE, --company and --store as words of a next command, those that were given; passwords are hidden."""
    words = [package] if package is not None else []
    words += ["--company", company] if company else []
    words += ["--store", _without_password(store)] if store else []
    return tuple(words)


def counted(count: int, noun: str, more: str = "") -> str:
    """Return how many of a thing there are, in words: `1 pair`, `2 pairs`, and what follows."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}{more}"


def _without_password(store: str) -> str:
    # Imported here: most commands end without a store's address.
    from specbridge.runtime.hiding import Secrets, passwords_of

    return Secrets(passwords_of(store)).hide(store)


def _program() -> str:
    called = Path(sys.argv[0])
    if called.stem != _NAME:
        # As a module: only where nothing else is at hand must it be called so again.
        return _NAME if shutil.which(_NAME) else f"python -m {_NAME}"
    found = shutil.which(_NAME)
    if found and called.exists() and Path(found).resolve() == called.resolve():
        return _NAME
    return shlex.quote(sys.argv[0])
