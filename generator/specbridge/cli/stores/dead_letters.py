"""`dead-letters`: records that could not be dealt with, and having them tried again."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import click

from specbridge.cli.next_steps import Step, counted
from specbridge.cli.stores.asking import (
    Asked,
    ask_store,
    list_options,
    open_asked,
    places_on,
    side_option,
)
from specbridge.cli.stores.listing import Listing, Row, Seen, called, end_list, print_list, quoted
from specbridge.cli.stores.naming import Names, in_parts, look_up
from specbridge.cli.tables import Column
from specbridge.printable import in_one_line
from specbridge.runtime.reports.report import SIDES
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.history.deeds import this_user
from specbridge.runtime.store.leftover import deciding
from specbridge.runtime.store.leftover.listing import Letter, list_dead_letters
from specbridge.runtime.store.packages import KnownFlow, resource_names


@click.group("dead-letters", invoke_without_command=True)
@list_options
@side_option("Only records of this side: source, target or a system.")
def dead_letters(context: click.Context, **options: Any) -> None:
    """List records that could not be dealt with, and why; have them tried again."""
    asked = ask_store(context, **options)
    if context.invoked_subcommand is None:
        with open_asked(asked) as (store, flows):
            found = list_dead_letters(store.connection, flows, places_on(store, asked, flows))
            seen = print_list(asked, _rows(store, asked, flows, found), _LISTING)
        end_list(asked, *_next(asked, seen))


def _rows(
    store: Store, asked: Asked, flows: Sequence[KnownFlow], found: Iterable[Letter]
) -> Iterator[Row]:
    known = {flow.number: flow for flow in flows}
    systems = resource_names(store.connection)
    for part in in_parts(found):
        places = [place for row in part for place in _places(row, known[row.pairing])]
        names = look_up(store, asked, places)
        for row in part:
            flow = known[row.pairing]
            system, _ = systems[flow.resources[row.side]]
            also = [known[number].name for number in row.also]
            yield {**_row(row, flow, names), "system": system, "also": [*also]}


def _places(row: Letter, flow: KnownFlow) -> list[tuple[int, str]]:
    """Return the record that a letter is about, and the other one where it names one."""
    own = flow.resources[row.side], row.id
    return [own, (flow.resources[1 - row.side], row.other_id)] if row.other_id else [own]


def _row(row: Letter, flow: KnownFlow, names: Names) -> Row:
    here, there = flow.resources[row.side], flow.resources[1 - row.side]
    return {
        "flow": flow.name,
        "side": SIDES[row.side],
        "id": row.id,
        "name": names.of(here, row.id),
        "other": row.other_id or None,
        "other_name": names.of(there, row.other_id),
        "reason": names.hide(row.reason, *_places(row, flow)),
        "run": str(row.run),
        "acknowledged": row.acknowledged,
    }


def _line(row: Row) -> str:
    seen = " (acknowledged)" if row["acknowledged"] else ""
    text = f"{_flows(row)} {row['side']} {row['id']}: {row['reason']}{seen}"
    return in_one_line(text) + quoted(row["name"])


def _flows(row: Row) -> str:
    also = row["also"]
    assert isinstance(also, list)
    return ", ".join(map(str, (row["flow"], *also)))


def _cells(row: Row) -> Sequence[str]:
    seen = " (acknowledged)" if row["acknowledged"] else ""
    reason = str(row["reason"])
    if row["other"] is not None:
        # The reason has its id alone.
        reason = reason.replace(str(row["other"]), called(row["other"], row["other_name"]))
    return _flows(row), str(row["system"]), called(row["id"], row["name"]), f"{reason}{seen}"


_LISTING = Listing(
    columns=(Column("Flow"), Column("System", whole=True), Column("Record"), Column("Reason")),
    cells=_cells,
    line=_line,
    kind=lambda row: "acknowledged" if row["acknowledged"] else "new",
    empty="no dead letters",
)


def _next(asked: Asked, seen: Seen) -> Iterator[Step]:
    if not seen.counts:
        return
    yield Step(
        "once what a reason tells is mended in its system, have them tried by the next sync",
        asked.words("dead-letters", "retry"),
    )
    if new := seen.counts.get("new"):
        yield Step(
            counted(new, "dead letter", " that nobody has acknowledged: a reason for exit code 3"),
            asked.words("dead-letters", "acknowledge"),
        )


@dead_letters.command("retry")
@click.argument("ids", nargs=-1)
@click.pass_obj
def retry(asked: Asked, ids: tuple[str, ...]) -> None:
    """Have dead letters tried again by the next sync: those of IDS, or all."""
    with open_asked(asked, write=True) as (store, flows):
        count = deciding.try_again(store.connection, flows, ids, this_user())
    click.echo(f"{count} dead letters will be tried again by the next sync")


@dead_letters.command("acknowledge")
@click.argument("ids", nargs=-1)
@click.pass_obj
def acknowledge(asked: Asked, ids: tuple[str, ...]) -> None:
    """Note that dead letters were seen: those of IDS, or all.

    They stay listed and are tried again as before, but are no reason for exit code 3 until their
    reason changes.
    """
    with open_asked(asked, write=True) as (store, flows):
        count = deciding.acknowledge(store.connection, flows, ids, this_user())
    click.echo(f"{count} dead letters acknowledged")
