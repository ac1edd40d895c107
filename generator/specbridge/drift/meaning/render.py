"""Changes as people and CI systems read them: text, a Markdown table, GitHub annotations.

Names and sentences are the document's: in none of the forms do they become anything but text.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from specbridge.drift.meaning.change import Change
from specbridge.drift.report import annotate, from_root
from specbridge.printable import in_one_line


def render_text(changes: Iterable[Change]) -> str:
    """Return a line per change, `!` before the breaking ones."""
    return "".join(
        f"{'!' if c.breaking else ' '} {c.kind:<18} {_place(c)}: {_plain(c)}\n" for c in changes
    )


def render_markdown(changes: Sequence[Change]) -> str:
    """Return a table for a pull request; a single sentence where nothing changed."""
    if not changes:
        return "No change in meaning.\n"
    rows = [
        f"| {'**breaking**' if c.breaking else ''} | {c.kind} | {_code(_place(c))} | {_detail(c)} |"
        for c in changes
    ]
    count = sum(c.breaking for c in changes)
    noun = "change" if len(changes) == 1 else "changes"
    title = f"{len(changes)} {noun} in meaning, {count} breaking."
    return "\n".join([title, "", "| | change | flow | detail |", "|---|---|---|---|", *rows, ""])


def render_github(changes: Iterable[Change], root: Path | None = None) -> str:
    """Return a workflow command per change, on the new document's line: a warning where it is breaking.

    Files are named from the `root`; a change of what has no line any more is told without one.
    """
    return "".join(f"{_annotation(change, root)}\n" for change in changes)


def _annotation(change: Change, root: Path | None) -> str:
    level = "warning" if change.breaking else "notice"
    where = change.where
    place = (from_root(where.path, root), where.line) if where else None
    return annotate(level, place, change.kind, f"{_place(change)}: {_plain(change)}")


def _place(change: Change) -> str:
    return in_one_line(change.flow or change.package)


def _plain(change: Change) -> str:
    return _said(change.detail, lambda text: in_one_line(text) or "nothing")


def _detail(change: Change) -> str:
    return _said(change.detail, _code)


def _said(detail: Mapping[str, str], form: Callable[[str], str]) -> str:
    """Return what changed in words; `form` makes the documents' texts harmless."""
    if {"what", "old", "new"} <= detail.keys():
        return f"{form(detail['what'])}: was {form(detail['old'])}, is {form(detail['new'])}"
    return ", ".join(f"{key} {form(value)}" for key, value in detail.items())


def _code(text: str) -> str:
    """Return a text as code in a cell of a table; a blank one as a word."""
    # A backslash before a pipe would escape the escape, and the cell would end there.
    cell = in_one_line(text).replace("`", "'").replace("\\|", "\\ |").replace("|", "\\|")
    return f"`{cell}`" if cell else "nothing"
