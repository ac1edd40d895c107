"""`conflicts`: both values of each, and settling those that wait for a person."""

import json
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
from specbridge.cli.stores.naming import Names, in_parts, is_naming, look_up, naming_properties
from specbridge.cli.tables import Column
from specbridge.model.values import Json
from specbridge.printable import in_one_line
from specbridge.runtime.decide.identity.pairings import ResourceKey
from specbridge.runtime.hiding import HIDDEN
from specbridge.runtime.reports.report import SIDES
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.history.deeds import this_user
from specbridge.runtime.store.leftover.deciding import settle_conflict
from specbridge.runtime.store.leftover.listing import Conflict, list_conflicts
from specbridge.runtime.store.packages import KnownFlow, resource_names
from specbridge.runtime.store.tables.rows import read_json


@click.group(invoke_without_command=True)
@list_options
@side_option("Only those that this side wins: source, target or a system.")
@click.option("--all", "everything", is_flag=True, help="Settled ones as well.")
def conflicts(context: click.Context, everything: bool, **options: Any) -> None:
    """List conflicts, with the values of both sides; settle those that wait for a person."""
    asked = ask_store(context, **options)
    if context.invoked_subcommand is None:
        with open_asked(asked) as (store, flows):
            places = places_on(store, asked, flows)
            found = list_conflicts(
                store.connection,
                [flow.number for flow in flows],
                everything=everything,
                winners=None if places is None else [(n, SIDES[side]) for n, side in places],
            )
            seen = print_list(asked, _rows(store, asked, flows, found), _LISTING)
        end_list(asked, *_next(asked, seen))


def _rows(
    store: Store, asked: Asked, flows: Sequence[KnownFlow], found: Iterable[Conflict]
) -> Iterator[Row]:
    known = {flow.number: flow for flow in flows}
    systems = resource_names(store.connection)
    for part in in_parts(found):
        ends = [(known[row.pairing].resources, (row.source_id, row.target_id)) for row in part]
        places = [place for pair in ends for place in zip(*pair, strict=True)]
        names = look_up(store, asked, places)
        for row in part:
            flow = known[row.pairing]
            keys = [systems[number] for number in flow.resources]
            yield _row(row, flow, names, hidden=not names.shown and _is_name(row.unit, keys))


def _is_name(unit: str, keys: Sequence[ResourceKey]) -> bool:
    """Return whether a property is one that names the records of its side, whichever that is."""
    return any(is_naming(unit, naming_properties(*key)) for key in keys)


def _row(row: Conflict, flow: KnownFlow, names: Names, *, hidden: bool) -> Row:
    source, target = flow.resources
    places = (source, row.source_id), (target, row.target_id)

    def shown(text: str) -> Json:
        return HIDDEN if hidden else names.hide(read_json(text), *places)

    return {
        "conflict": row.number,
        "run": str(row.run),
        "flow": flow.name,
        "source": row.source_id,
        "source_name": names.of(source, row.source_id),
        "target": row.target_id,
        "target_name": names.of(target, row.target_id),
        "property": row.unit,
        "source_value": shown(row.source_value),
        "target_value": shown(row.target_value),
        "winner": row.winner,
        "state": row.state,
    }


def _line(row: Row) -> str:
    place = f"{row['flow']} {row['source']} {row['target']} {row['property']}"
    values = f"{row['source_value']!r} or {row['target_value']!r}"
    text = f"{row['conflict']}: {place}: {values}: {row['winner'] or 'undecided'} ({row['state']})"
    return in_one_line(text) + quoted(row["source_name"], row["target_name"])


def _cells(row: Row) -> Sequence[str]:
    records = (called(row[side], row[f"{side}_name"]) for side in SIDES)
    values = (_value(row[f"{side}_value"]) for side in SIDES)
    source, target = (" = ".join(pair) for pair in zip(records, values, strict=True))
    place = f"{row['flow']} {row['property']}"
    return (str(row["conflict"]), place, source, target, str(row["winner"] or row["state"]))


def _value(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


_LISTING = Listing(
    columns=(
        *(Column("No", right=True), Column("Property")),
        *(Column("Source"), Column("Target"), Column("Winner", whole=True)),
    ),
    cells=_cells,
    line=_line,
    kind=lambda row: str(row["state"]),
    empty="no conflict waits",
)


def _next(asked: Asked, seen: Seen) -> Iterator[Step]:
    waiting = seen.first.get("open")
    if waiting is not None:
        number = str(waiting["conflict"])
        yield Step(
            counted(seen.counts["open"], "conflict", " for a person to decide"),
            asked.words("conflicts", "settle", number, "--winner", "source"),
        )


@conflicts.command("settle")
@click.argument("number", type=int)
@click.option("--winner", type=click.Choice(SIDES), required=True, help="Whose value stands.")
@click.pass_obj
def settle(asked: Asked, number: int, winner: str) -> None:
    """Decide a conflict; the next sync writes the winner's value to the other side."""
    with open_asked(asked, write=True) as (store, flows):
        settle_conflict(store.connection, flows, (number, winner), this_user())
    click.echo(f"conflict {number}: the {winner} wins at the next sync")
