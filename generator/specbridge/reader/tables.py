"""List tables: the lines below `.. list-table::` to rows of cells, each cell with its line.

Cells are literal text. docutils' own directive reads them as nested documents, which costs most of
its time, and refuses a table that has a header row only; so the rows are read here.

    row   = `* - cell`, then a line `  - cell` for each further cell
    cell  = the text behind the dash, and lines indented deeper
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from specbridge.reader.text import fold_blanks


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text as it stands, wrapped lines joined by a blank.

    `gap` says that two blanks precede it: in a header, where a blank label stands. `dashed` is False
    for text out of place that does not even begin with the dash of a cell.
    """

    raw: str
    line: int
    gap: bool = False
    dashed: bool = True

    @property
    def text(self) -> str:
        """Return the text, white space folded."""
        return fold_blanks(self.raw)


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its cells in order, the line it starts at, and lines that belong to none of its cells."""

    cells: tuple[Cell, ...]
    line: int
    stray: tuple[Cell, ...] = ()

    @property
    def text(self) -> str:
        """Return the row as one line, for messages."""
        return " | ".join(cell.text for cell in (*self.cells, *self.stray))


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its header row, the rows below it, and lines before the first row."""

    header: Row
    rows: tuple[Row, ...]
    line: int
    stray: tuple[Cell, ...] = ()


def read_table(lines: Sequence[str], line: int) -> Table:
    """Return the table whose directive is the first of `lines`, at line number `line`.

    A table without any row has a header without cells.
    """
    rows, stray = _read_rows(lines[1:], line + 1)
    header, *others = rows or [Row((), line)]
    return Table(header, tuple(others), line, stray)


def has_rows(lines: Sequence[str]) -> bool:
    """Return whether any of the lines starts a row."""
    return any(line.lstrip(" ").startswith("* -") for line in lines)


def _read_rows(lines: Sequence[str], line: int) -> tuple[list[Row], tuple[Cell, ...]]:
    """Return the rows that the lines hold, and the cells out of place before the first row."""
    reading = _Reading()
    for number, text in enumerate(lines, line):
        if text:
            reading.take(text, number)
    reading.close_row()
    return reading.rows, tuple(reading.before)


_ROW = re.compile(r"( *)\*(?:([ \t]+)-(?:[ \t](.*)|)|[ \t]*)$", re.DOTALL)
_CELL = re.compile(r"( *)-(?:[ \t](.*)|)$", re.DOTALL)
_OPTION = re.compile(r" +:[\w-]+:")


@dataclass(slots=True)
class _Open:
    """A cell that further lines may belong to."""

    parts: list[str]
    line: int
    gap: bool

    def close(self) -> Cell:
        return Cell(" ".join(part for part in self.parts if part), self.line, self.gap)


@dataclass(slots=True)
class _Reading:
    """The rows read so far, and the row and the columns that the next line belongs to.

    `star` and `dash` are the columns of the row's `*` and of its cells' `-`.
    """

    rows: list[Row] = field(default_factory=list)
    before: list[Cell] = field(default_factory=list)
    cells: list[_Open] = field(default_factory=list)
    stray: list[Cell] = field(default_factory=list)
    line: int = 0
    star: int = -1
    dash: int = -1

    def take(self, text: str, number: int) -> None:
        """Put a line where it belongs: a row, a cell, the cell before, or out of place."""
        indent = len(text) - len(text.lstrip(" "))
        row = _ROW.match(text) if text[indent] == "*" else None
        # A lone `*` deeper than the dashes is the text of a cell, not a row.
        if row is not None and (row[2] is not None or indent <= self.dash):
            self._open_row(row, number)
        elif self.star < 0:
            if not _OPTION.match(text):
                self.before.append(Cell(text.strip(), number, dashed=False))
        elif cell := _CELL.match(text):
            self._take_cell(cell, number, indent == self.dash)
        # Behind text out of place nobody can tell which cell a line goes on with.
        elif indent > self.dash and self.cells and not self.stray:
            self.cells[-1].parts.append(text.strip())
        else:
            self.stray.append(Cell(text.strip(), number, dashed=False))

    def close_row(self) -> None:
        """Keep the row that is open, if there is one."""
        if self.star >= 0:
            cells = tuple(cell.close() for cell in self.cells)
            self.rows.append(Row(cells, self.line, tuple(self.stray)))
        self.cells, self.stray = [], []

    def _open_row(self, match: re.Match[str], number: int) -> None:
        self.close_row()
        self.line, self.star = number, len(match[1])
        self.dash = self.star + 1 + len(match[2] or " ")
        if match[2] is not None:
            self._open_cell(match[3] or "", number)

    def _take_cell(self, match: re.Match[str], number: int, in_place: bool) -> None:
        text = match[2] or ""
        # Nor which column the next cell is of.
        if in_place and not self.stray:
            self._open_cell(text, number)
        else:
            self.stray.append(Cell(text.strip(), number))

    def _open_cell(self, text: str, number: int) -> None:
        self.cells.append(_Open([text.strip()], number, text.startswith((" ", "\t"))))
