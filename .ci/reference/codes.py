"""Pages of the codes: of problems, from their own pages, and of exits, from what ends a command."""

import inspect
from collections.abc import Iterator
from pathlib import Path

from specbridge.cli.ending import FAULT, USAGE
from specbridge.errors import SpecbridgeError
from specbridge.runtime.reports.report import RunOutcome
from texts import plain, table, toctree

_DEPTH = 2
_CODES = """\
# Codes of problems

What `lint`, `generate` and `check` tell of a document. E is an error: nothing of its document, or of its flow, is generated. W is a
warning. `specbridge explain W427` prints the page of a code.

"""
_EXITS = """\
# What ends with which exit code

What the codes mean is told [on a page of their own](../../exit-codes.md). Here is each failure that specbridge knows by a name of its
own, with the code that a command then ends with, and each way that a run ends.

## Runs

"""
_OUTCOMES = {
    RunOutcome.CLEAN: "nothing is left to do",
    RunOutcome.LEFT_OVER: "dead letters, conflicts that wait for a person, something paused",
    RunOutcome.PAUSED: "all that was asked for is paused: nothing was read, nothing written",
    RunOutcome.GUARD: "a guard stopped it before its first write",
    RunOutcome.FAILED: "an API could not be worked with; the next run goes on",
}


def codes_page(problems: Path) -> str:
    """Return the page that lists all pages of problems in a folder."""
    titles = {
        page.stem: page.read_text("utf-8").split("\n")[0] for page in sorted(problems.glob("*.md"))
    }
    rows = (
        (f"[{code}](../../problems/{code}.md)", plain(title.removeprefix(f"# {code}"), _DEPTH))
        for code, title in titles.items()
    )
    listed = toctree(f"../../problems/{code}" for code in titles)
    return _CODES + table(("code", "what"), rows) + "\n" + listed


def exit_codes_page() -> str:
    """Return the page of failures and outcomes with their exit codes."""
    outcomes = ((f"`{one.value}`", str(one.exit_code), _OUTCOMES[one]) for one in RunOutcome)
    rows = ((f"`{error.__name__}`", str(error.exit_code), _meaning(error)) for error in failures())
    return (
        _EXITS
        + table(("outcome", "code", "what"), outcomes)
        + "\n## Failures\n\n"
        + table(("failure", "code", "what"), rows)
        + f"\nA wrong option or argument ends with {USAGE}, a fault of specbridge itself with {FAULT}, a signal with 128 and"
        " its number: 130 or 143.\n"
    )


def failures() -> Iterator[type[SpecbridgeError]]:
    """Yield every kind of failure below the root, each before those that are kinds of it."""
    yield from _below(SpecbridgeError)


def _below(root: type[SpecbridgeError]) -> Iterator[type[SpecbridgeError]]:
    for kind in root.__subclasses__():
        yield kind
        yield from _below(kind)


def _meaning(error: type[SpecbridgeError]) -> str:
    return plain((inspect.getdoc(error) or "").split("\n\n")[0], _DEPTH)
