"""`runs`: when the store's runs were, how they ended, and what they wrote."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import click

from specbridge.cli.company import company_option
from specbridge.cli.next_steps import Step
from specbridge.cli.store_place import store_option
from specbridge.cli.stores.asking import (
    Asked,
    ask_store,
    json_option,
    names_option,
    number_asked,
    open_asked,
    package_option,
    pager_option,
)
from specbridge.cli.stores.listing import Listing, Row, Seen, end_list, print_list
from specbridge.cli.tables import Column
from specbridge.printable import in_one_line
from specbridge.runtime.hiding import HIDDEN
from specbridge.runtime.store.history.journal import last_runs
from specbridge.runtime.store.history.run_rows import run_row


@click.command(epilog="Example: specbridge runs --last 100 --json")
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, metavar="N")
@package_option
@store_option
@company_option
@pager_option
@names_option
@json_option
@click.pass_context
def runs(context: click.Context, /, last: int, **options: Any) -> None:
    """List the last runs, newest first: when, of what, how they ended, and what they wrote."""
    asked = ask_store(context, **options)
    with open_asked(asked) as (store, _):
        number = number_asked(store, asked)
        rows_found = last_runs(store.connection, asked.package, last, company=number)
        found = [run_row(row) for row in rows_found]
    # What a system answered may name whom it was asked about.
    rows = (
        [{**row, "error": row["error"] and HIDDEN} for row in found] if not asked.names else found
    )
    seen = print_list(asked, rows, _LISTING)
    end_list(asked, *_next(asked, seen))


def run_cells(row: Row) -> Sequence[str]:
    """Return the cells of a run's row in a table."""
    started = datetime.fromisoformat(str(row["started_at"])).astimezone()
    return str(row["run"]), f"{started:%Y-%m-%d %H:%M %Z}", str(row["kind"]), _outcome(row)


RUN_COLUMNS = (
    *(Column("Run", right=True), Column("Started", whole=True)),
    *(Column("Kind", whole=True), Column("Outcome")),
)


def _outcome(row: Row) -> str:
    # `status` tells no errors.
    error = row.get("error")
    return f"{row['outcome']}: {error}" if error else str(row["outcome"])


def _cells(row: Row) -> Sequence[str]:
    seconds, writes = row["seconds"], row["writes"]
    took = "" if seconds is None else f"{seconds:.1f} s"
    written = "" if writes is None else str(writes)
    return (*run_cells(row), took, written, _packages(row))


def _line(row: Row) -> str:
    taken = "" if row["seconds"] is None else f" {row['seconds']} s"
    written = "" if row["writes"] is None else f", {row['writes']} written"
    text = f"{row['run']} {row['kind']} {row['started_at']}{taken}{written} ({_packages(row)})"
    return in_one_line(f"{text}: {_outcome(row)}")


def _packages(row: Row) -> str:
    packages = row["packages"] if isinstance(row["packages"], list) else []
    return ", ".join(map(str, packages))


_LISTING = Listing(
    columns=(
        *RUN_COLUMNS,
        *(Column("Took", right=True), Column("Written", right=True), Column("Packages")),
    ),
    cells=_cells,
    line=_line,
    kind=lambda row: "written" if row["writes"] else "other",
    empty="there was no run yet",
)


def _next(asked: Asked, seen: Seen) -> Iterator[Step]:
    newest = seen.first.get("written")
    if newest is not None:
        store = replace(asked, package=None).words("undo")[1:]
        words = ("undo", str(newest["run"]), "--list", *store)
        yield Step(f"run {newest['run']} is the last that wrote; see what", words)
