"""Tables on a terminal: heads, columns that fit its width, a pager where they are longer than it is high.

Rows are written as they come: there may be more than memory should hold. So widths are those of the first
rows, and what is wider later on goes on in the next line of its cell. Nothing of this is for pipes, which
get plain lines.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import click

from specbridge.printable import in_one_line

_MEASURED = 200
"""Rows whose cells tell the widths of the columns."""

_AT_ONCE = 200
"""Lines that are printed at once: each call flushes."""

_GAP = "  "
_NARROWEST = 6
"""Letters that a column keeps, however little room there is."""

_PIECE = re.compile(r"[^ _/=@]+[_/=@]*|[ _/=@]+")
"""Between which a cell may go on in its next line."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its head; `right`: numbers, whose ends stand below one another.

    `whole`: short words that are not cut as long as there is room, as numbers are not.
    """

    head: str
    right: bool = False
    whole: bool = False


def on_terminal() -> bool:
    """Return whether what is printed is read on a terminal."""
    return sys.stdout.isatty()


def table_lines(columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table as wide as the terminal at most; nothing where there are no rows.

    Cells are texts of any kind: what a terminal would obey is escaped, and nothing in them is markup.
    """
    cells = (tuple(map(in_one_line, row)) for row in rows)
    first = list(islice(cells, _MEASURED))
    if not first:
        return
    heads = tuple(column.head for column in columns)
    rights = tuple(column.right for column in columns)
    whole = [column.right or column.whole for column in columns]
    widths = _fit(list(zip(heads, *first, strict=True)), whole, _room(len(columns)))
    if len(first) == _MEASURED:
        widths = _stretch(widths, rights, _room(len(columns)))
    yield from (_styled(line, bold=True) for line in _row_lines(heads, widths, rights))
    for row in chain(first, cells):
        yield from _row_lines(row, widths, rights)


def show_lines(lines: Iterable[str], *, pager: bool = True) -> None:
    """Print lines, or hand them to the pager where both ends are terminals and there are more than fit."""
    left = iter(lines)
    start = list(islice(left, shutil.get_terminal_size().lines - 1))
    rest = next(left, None)
    whole = chain(start, () if rest is None else (rest,), left)
    if rest is not None and pager and on_terminal() and sys.stdin.isatty():
        click.echo_via_pager(_texts(whole))
        return
    for text in _texts(whole):
        click.echo(text, nl=False)


def record_cell(id_: str, name: str | None) -> str:
    """Return a record as a cell shows it: by its name, where that is known and may be shown, and its id."""
    return f"{name} · {id_}" if name else id_


def heading(text: str) -> str:
    """Return a line that stands above a table, as this terminal shows it."""
    return _styled(in_one_line(text), bold=True)


def dim(text: str) -> str:
    """Return a line of which less is to be seen, as this terminal shows it."""
    return _styled(in_one_line(text), dim=True)


def _styled(line: str, *, bold: bool = False, dim: bool = False) -> str:
    # Without colours no other marks either: such a terminal, or whoever reads it, wants letters alone.
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM", "dumb") == "dumb"
    if plain or not on_terminal():
        return line
    # None: a mark that is False is taken away, and with it the other one.
    return click.style(line, bold=bold or None, dim=dim or None)


def _texts(lines: Iterable[str]) -> Iterator[str]:
    left = iter(lines)
    while part := list(islice(left, _AT_ONCE)):
        yield "".join(f"{line}\n" for line in part)


def _room(columns: int) -> int:
    """Return the letters that all columns of a table have together."""
    return shutil.get_terminal_size().columns - len(_GAP) * (columns - 1)


def _least(cells: Sequence[str]) -> int:
    """Return the width below which something of a column would have to be cut amid a word."""
    return max((_width(piece) for cell in cells for piece in _PIECE.findall(cell)), default=0)


def _fit(columns: Sequence[Sequence[str]], whole: Sequence[bool], room: int) -> list[int]:
    """Return the widths of columns of cells, together no more than there is room for.

    What is to stay whole, or cannot be cut well, does so if that can be; who needs more gets more of what is left.
    """
    natural = [max(map(_width, cells)) for cells in columns]
    if sum(natural) <= room:
        return natural
    least = [
        width if uncut else _least(cells)
        for cells, width, uncut in zip(columns, natural, whole, strict=True)
    ]
    widths = _share(least, room)
    lacking = [whole - width for whole, width in zip(natural, widths, strict=True)]
    left = max(0, room - sum(widths))
    return [
        width + left * lack // max(1, sum(lacking))
        for width, lack in zip(widths, lacking, strict=True)
    ]


def _share(wanted: Sequence[int], room: int) -> list[int]:
    """Return widths that fit: narrow columns get what they want, the others share what is left."""
    widths = list(wanted)
    left, narrow_first = room, sorted(range(len(wanted)), key=lambda place: wanted[place])
    for done, place in enumerate(narrow_first):
        share = left // (len(wanted) - done)
        widths[place] = min(wanted[place], max(_NARROWEST, share))
        left -= widths[place]
    return widths


def _stretch(widths: Sequence[int], rights: Sequence[bool], room: int) -> list[int]:
    """Return widths with the room that is left shared among texts: wider ones may come."""
    more = max(0, room - sum(widths)) // max(1, rights.count(False))
    return [width if right else width + more for width, right in zip(widths, rights, strict=True)]


def _row_lines(row: Sequence[str], widths: Sequence[int], rights: Sequence[bool]) -> Iterator[str]:
    """Yield the lines of a row: one, or as many as its highest cell has."""
    folded = [_fold(cell, width) for cell, width in zip(row, widths, strict=True)]
    for number in range(max(map(len, folded))):
        parts = (
            _pad(cell[number] if number < len(cell) else "", width, right=right)
            for cell, width, right in zip(folded, widths, rights, strict=True)
        )
        yield _GAP.join(parts).rstrip()


def _pad(text: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks


def _fold(text: str, width: int) -> list[str]:
    """Return a cell's lines, cut between words and their parts where that can be."""
    if _width(text) <= width:
        return [text]
    lines = [""]
    for piece in _PIECE.findall(text):
        longer = lines[-1] + piece
        if _width(longer.rstrip()) <= width:
            lines[-1] = longer
        else:
            lines += _chop(piece.lstrip(), width)
    return [line.rstrip() for line in lines if line.strip()]


def _chop(word: str, width: int) -> list[str]:
    # Imported here: most commands print no table.
    from rich.cells import chop_cells

    return chop_cells(word, width)


def _width(text: str) -> int:
    """Return how many cells of a terminal a text takes: letters of some scripts take two, or none."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
