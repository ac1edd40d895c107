"""The line of a document that a problem is about, with the part that is meant underlined."""

import re
from collections.abc import Sequence
from pathlib import Path
from unicodedata import east_asian_width

from specbridge.errors import Problem

_WIDEST = 100
_QUOTED = re.compile(r"`([^`]+)`")


def show_span(problem: Problem, lines: Sequence[str]) -> str:
    """Return the line and its underline, each with a margin; "" where the `lines` have no such line."""
    number = problem.where.line
    text = _visible(lines[number - 1]) if 0 < number <= len(lines) else ""
    if not text.strip():
        return ""
    shown, start, end = _cut(text, *_find_part(text, problem.message))
    marks = " " * _width(shown[:start]) + "^" * max(_width(shown[start:end]), 1)
    margin = " " * len(str(number))
    return f"  {number} | {shown.rstrip()}\n  {margin} | {marks}"


def _cut(text: str, start: int, end: int) -> tuple[str, int, int]:
    """Return a line that fits, with its part in sight: a cell can be as long as a page."""
    first = max(0, min(start, len(text) - _WIDEST))
    shown = text[first : first + _WIDEST]
    return shown, start - first, min(end - first, len(shown))


def read_lines(path: str) -> tuple[str, ...]:
    """Return the lines of a file as they are now, none where it cannot be read."""
    try:
        text = Path(path).read_bytes().decode("utf-8", "replace")
    except (OSError, ValueError):
        return ()
    return tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def _find_part(text: str, message: str) -> tuple[int, int]:
    """Return where the first text that the message quotes stands in a line, else where its words do."""
    for quoted in _QUOTED.findall(message):
        part = quoted.removesuffix("…")
        place = text.find(part)
        if place >= 0:
            return place, place + len(part)
    words = text.strip()
    start = text.index(words)
    return start, start + len(words)


def _visible(line: str) -> str:
    # A terminal must not obey a document; a tab would move the underline away.
    plain = line.replace("\t", " ").removeprefix("\ufeff")
    return "".join(c if c.isprintable() else "�" for c in plain)


def _width(text: str) -> int:
    return len(text) + sum(east_asian_width(c) in "WF" for c in text)
