"""Which documents a command means, and where their packages are."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from specbridge.api import Task, plan_task
from specbridge.settings import load_settings

if TYPE_CHECKING:
    pass


CommandT = TypeVar("CommandT", bound=Callable[..., object])


def task_options(command: CommandT) -> CommandT:
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
    # Backwards: what is added last stands first in the help.
    for option in reversed(options):
        command = option(command)
    return command


def plan_documents(
    documents: Sequence[str],
    output: Path | None = None,
    *,
    none_left: bool = False,
    **overrides: str | Path | None,
) -> Task:
    """Return the task for the documents and what the options say; `overrides` are texts of settings."""
    settings = load_settings(Path.cwd())
    given = {name: str(value) for name, value in overrides.items() if value is not None}
    if "templates" in given:
        # Relative to where the command runs; what the settings say is relative to their own folder.
        given["templates"] = str(Path(given["templates"]).resolve())
    changed = replace(settings, **given)  # type: ignore[arg-type]  # texts all
    return plan_task(documents, changed, output, none_left=none_left)
