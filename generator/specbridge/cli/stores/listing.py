"""How lists of the store are printed: a table on a terminal, a line or a JSON object for each row elsewhere."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import click

from specbridge.cli.next_steps import Step, print_next
from specbridge.cli.printing import escape_json, versioned
from specbridge.cli.stores.asking import Asked
from specbridge.cli.tables import Column, on_terminal, record_cell, show_lines, table_lines
from specbridge.model.values import Json
from specbridge.printable import in_one_line

_AT_ONCE = 500
"""Rows that are printed at once."""

Row = dict[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """How a list is shown: in a table by `columns` and `cells`, else each row as a `line`.

    `kind` is what its rows are counted by, and `empty` what is said where there are none.
    """

    columns: Sequence[Column]
    cells: Callable[[Row], Sequence[str]]
    line: Callable[[Row], str]
    kind: Callable[[Row], str]
    empty: str


@dataclass(slots=True)
class Seen:
    """What a list has shown: how many rows of each kind, and the first of each."""

    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, Row] = field(default_factory=dict)

    def watch(self, rows: Iterable[Row], kind: Callable[[Row], str]) -> Iterator[Row]:
        """Yield rows as they are, and count them."""
        for row in rows:
            found = kind(row)
            self.counts[found] = self.counts.get(found, 0) + 1
            self.first.setdefault(found, row)
            yield row


def print_list(asked: Asked, rows: Iterable[Row], listing: Listing) -> Seen:
    """Print rows as they come, and return what was shown: a pager may be left before the end."""
    seen = Seen()
    watched = seen.watch(rows, listing.kind)
    if asked.as_json or not on_terminal():
        print_rows(watched, listing.line, as_json=asked.as_json)
        return seen
    show_lines(table_lines(listing.columns, map(listing.cells, watched)), pager=asked.pager)
    if not seen.counts:
        click.echo(listing.empty)
    return seen


def end_list(asked: Asked, *steps: Step) -> None:
    """Say what may be done next; apart from the rows where these go into a pipe, not at all with --json."""
    if asked.as_json or not steps:
        return
    if on_terminal():
        click.echo()
    print_next(*steps, err=not on_terminal())


def print_rows(rows: Iterable[Row], line: Callable[[Row], str], *, as_json: bool) -> None:
    """Print rows as JSON, or a line each, as they come: there may be more than memory should hold."""
    texts = _json_texts(rows) if as_json else (f"{line(row)}\n" for row in rows)
    # Many at a time: each call flushes.
    while part := list(islice(texts, _AT_ONCE)):
        click.echo("".join(part), nl=False)


def called(id_: Json, name: Json) -> str:
    """Return a record of a row as a cell shows it: by its name, where that is known, and its id."""
    return record_cell(str(id_), name if isinstance(name, str) else None)


def quoted(*names: Json) -> str:
    """Return names as the end of a plain line: JSON texts after a blank; nothing where all are unknown."""
    if not any(names):
        return ""
    texts = (json.dumps(in_one_line(str(name or "")), ensure_ascii=False) for name in names)
    return f" {' '.join(texts)}"


def _json_texts(rows: Iterable[Row]) -> Iterator[str]:
    yield "["
    for number, row in enumerate(rows):
        text = escape_json(json.dumps(versioned(row), ensure_ascii=False))
        yield (", " if number else "") + text
    yield "]\n"
