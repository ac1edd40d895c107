"""The `specbridge` command: finds each subcommand in its module only when it is called.

Importing docutils, jinja2, black, httpx or SQLAlchemy costs more than most commands take, so the
group knows where its commands live and a short help for each, and loads no more than one.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import partial
from importlib import import_module
from typing import Any

import click

from specbridge.cli.completing import VARIABLE
from specbridge.cli.ending import describe, told_faults
from specbridge.cli.streams import calm_streams
from specbridge.errors import SurroundingsError

COMMANDS: Mapping[str, tuple[str, str]] = {
    "generate": ("specbridge.cli.documents.generate", "Turn documents into typed modules."),
    "check": ("specbridge.cli.documents.check", "Report drift between documents and modules."),
    "diff": (
        "specbridge.cli.documents.diff",
        "Show what changed in meaning between two documents.",
    ),
    "inspect": ("specbridge.cli.documents.inspect", "Show documents as they are read."),
    "docs": ("specbridge.cli.documents.docs", "Write pages about documents for a browser."),
    "lint": ("specbridge.cli.documents.lint", "Check documents against themselves and the APIs."),
    "profile": ("specbridge.cli.profiles.commands", "Check and show what is known of an API."),
    "new": ("specbridge.cli.profiles.new", "Make a profile and a document to start from."),
    "login": ("specbridge.cli.profiles.login", "Sign in to a system in a browser, once."),
    "explain": ("specbridge.cli.documents.explain", "Print the page of a problem's code."),
    "plan": ("specbridge.cli.runs.plan", "Show what sync would do; write nothing."),
    "sync": ("specbridge.cli.runs.sync", "Bring both systems in sync."),
    "serve": (
        "specbridge.cli.service.serve",
        "Take webhooks in, so that an edit arrives in seconds.",
    ),
    "worker": (
        "specbridge.cli.service.worker",
        "Run companies when they are due, on many machines.",
    ),
    "jobs": ("specbridge.cli.service.jobs", "List what is queued for workers, and change it."),
    "console": (
        "specbridge.cli.service.console",
        "Look at what runs left open in a browser, and act on it.",
    ),
    "audit": ("specbridge.cli.runs.audit", "Check each statement of the document on both systems."),
    "status": ("specbridge.cli.stores.status", "Show what the store knows of a package."),
    "runs": (
        "specbridge.cli.stores.runs",
        "List the last runs: when, how they ended, what they wrote.",
    ),
    "duplicates": ("specbridge.cli.stores.duplicates", "List what was created twice."),
    "links": ("specbridge.cli.stores.links", "List, split and pin links."),
    "conflicts": ("specbridge.cli.stores.conflicts", "List and settle conflicts."),
    "dead-letters": ("specbridge.cli.stores.dead_letters", "List and retry dead letters."),
    "pause": ("specbridge.cli.stores.pausing", "Have sync leave a package or company alone."),
    "resume": ("specbridge.cli.stores.pausing", "Let a package or company go on."),
    "companies": (
        "specbridge.cli.service.companies",
        "List companies; add, pause, remove them, change their keys.",
    ),
    "undo": ("specbridge.cli.stores.undo", "Restore what a run overwrote."),
    "sandbox": ("specbridge.cli.sandbox.serve", "Serve both APIs on loopback."),
    "demo": ("specbridge.cli.sandbox.demo", "Watch the main job from document to synced records."),
    "doctor": (
        "specbridge.cli.runs.doctor",
        "Check credentials, reachability, privileges and clock.",
    ),
    "completion": (
        "specbridge.cli.completing.command",
        "Have a shell complete commands, options and values.",
    ),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are needed, in the order of COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the documentation."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return the command, None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name][0])
        command = getattr(module, cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any of them."""
        with formatter.section("Commands"):
            # click would import each command to ask it for its help.
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of the first word; an unknown one is answered with those that are close."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            close = get_close_matches(args[0], COMMANDS)
            meant = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
            raise click.UsageError(f"No such command {args[0]!r}.{meant}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what the system refuses is told before Click takes it for a closed pipe."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            raise SurroundingsError(describe(error)) from error

    # Click's own signature, whatever it becomes: nothing of it is looked at.
    def main(self, *words: Any, standalone_mode: bool = True, **options: Any) -> Any:
        """Run the command line; whatever ends it becomes one line and an exit code."""
        calm_streams()
        if standalone_mode and (asked := os.environ.get(VARIABLE)):
            raise SystemExit(_answer(asked))
        # Without Click's own endings, of which all are 1: that means drift.
        run: Callable[..., Any] = partial(super().main, standalone_mode=False)
        if not standalone_mode:
            return run(*words, **options)
        with told_faults():
            status = run(*words, **options)
        raise SystemExit(status if isinstance(status, int) else 0)


def _answer(asked: str) -> int:
    """Answer a shell that completes a command line."""
    from specbridge.cli.completing.answer import answer

    # Whoever is typing a command line is to read no traceback in it.
    with suppress(Exception):
        return answer(asked)
    return 1


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `specbridge demo`. Settings: [tool.specbridge] in pyproject.toml.",
)
@click.version_option(package_name="specbridge", message="%(prog)s %(version)s")
def main() -> None:
    """Dataflow documents become typed Python; two systems stay in sync with them."""
