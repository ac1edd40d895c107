"""`conflicts`: both values of each, and settling those that wait for a person."""

from collections.abc import Mapping

import click

from specbridge.cli.stores.asking import Asked, ask_store, group_options, open_asked, print_rows
from specbridge.errors import PackageError
from specbridge.model.values import Json
from specbridge.runtime.reports.report import SIDES
from specbridge.runtime.store.leftovers import choose_winner
from specbridge.runtime.store.listing import Conflict, list_conflicts
from specbridge.runtime.store.queue import queue_records
from specbridge.runtime.store.rows import read_json


@click.group(invoke_without_command=True)
@group_options
@click.option("--all", "everything", is_flag=True, help="Settled ones as well.")
def conflicts(
    context: click.Context, store: str | None, package: str | None, as_json: bool, everything: bool
) -> None:
    """List conflicts, with the values of both sides; settle those that wait for a person."""
    asked = ask_store(context, store, package, as_json)
    if context.invoked_subcommand is None:
        with open_asked(asked) as (opened, flows):
            names = {flow.number: flow.name for flow in flows}
            found = list_conflicts(opened.connection, list(names), everything=everything)
            print_rows(
                (_conflict_row(row, names) for row in found), _conflict_text, as_json=asked.as_json
            )


def _conflict_row(row: Conflict, names: Mapping[int, str]) -> Json:
    return {
        "conflict": row.number,
        "run": str(row.run),
        "flow": names[row.pairing],
        "source": row.source_id,
        "target": row.target_id,
        "property": row.unit,
        "source_value": read_json(row.source_value),
        "target_value": read_json(row.target_value),
        "winner": row.winner,
        "state": row.state,
    }


def _conflict_text(row: dict[str, Json]) -> str:
    place = f"{row['flow']} {row['source']} {row['target']} {row['property']}"
    values = f"{row['source_value']!r} or {row['target_value']!r}"
    return f"{row['conflict']}: {place}: {values}: {row['winner'] or 'undecided'} ({row['state']})"


@conflicts.command("settle")
@click.argument("number", type=int)
@click.option("--winner", type=click.Choice(SIDES), required=True, help="Whose value stands.")
@click.pass_obj
def settle(asked: Asked, number: int, winner: str) -> None:
    """Decide a conflict; the next sync writes the winner's value to the other side."""
    with open_asked(asked, write=True) as (store, flows):
        numbers = [flow.number for flow in flows]
        # Those that wait only: what is settled has been written.
        found = list_conflicts(store.connection, numbers, everything=False)
        row = next((row for row in found if row.number == number), None)
        if row is None:
            raise PackageError(f"there is no conflict {number} that waits")
        choose_winner(store.connection, number, winner)
        # Neither record has changed: only the queue has the next sync look at the pair.
        queue_records(store.connection, [(row.pairing, 0)], [row.source_id])
    click.echo(f"conflict {number}: the {winner} wins at the next sync")
