"""`dead-letters`: records that could not be dealt with, and having them tried again."""

from collections.abc import Mapping, Sequence

import click

from specbridge.cli.stores.asking import Asked, ask_store, group_options, open_asked, print_rows
from specbridge.errors import PackageError
from specbridge.model.values import Json
from specbridge.runtime.reports.report import SIDES
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.handwork import retry_letters
from specbridge.runtime.store.leftovers import acknowledge_letters
from specbridge.runtime.store.listing import Letter, list_dead_letters
from specbridge.runtime.store.packages import KnownFlow


@click.group("dead-letters", invoke_without_command=True)
@group_options
def dead_letters(
    context: click.Context, store: str | None, package: str | None, as_json: bool
) -> None:
    """List records that could not be dealt with, and why; have them tried again."""
    asked = ask_store(context, store, package, as_json)
    if context.invoked_subcommand is None:
        with open_asked(asked) as (opened, flows):
            names = {flow.number: flow.name for flow in flows}
            found = list_dead_letters(opened.connection, flows)
            print_rows(
                (_letter_row(row, names) for row in found), _letter_text, as_json=asked.as_json
            )


def _letter_row(row: Letter, names: Mapping[int, str]) -> Json:
    return {
        "flow": names[row.pairing],
        "also": [names[number] for number in row.also],
        "side": SIDES[row.side],
        "id": row.id,
        "other": row.other_id or None,
        "reason": row.reason,
        "run": str(row.run),
        "acknowledged": row.acknowledged,
    }


def _letter_text(row: dict[str, Json]) -> str:
    seen = " (acknowledged)" if row["acknowledged"] else ""
    also = row["also"]
    assert isinstance(also, list)
    flows = ", ".join(map(str, (row["flow"], *also)))
    return f"{flows} {row['side']} {row['id']}: {row['reason']}{seen}"


def _count(store: Store, flows: Sequence[KnownFlow], ids: Sequence[str]) -> tuple[int, int]:
    """Return how many dead letters of IDS, or all, are listed; and how many nobody has acknowledged."""
    letters = list_dead_letters(store.connection, flows)
    seen = [letter.acknowledged for letter in letters if not ids or letter.id in ids]
    return len(seen), seen.count(False)


@dead_letters.command("retry")
@click.argument("ids", nargs=-1)
@click.pass_obj
def retry(asked: Asked, ids: tuple[str, ...]) -> None:
    """Have dead letters tried again by the next sync: those of IDS, or all."""
    with open_asked(asked, write=True) as (store, flows):
        count, _ = _count(store, flows, ids)
        retry_letters(store.connection, flows, ids)
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
        _, count = _count(store, flows, ids)
        acknowledge_letters(store.connection, [flow.number for flow in flows], ids)
    if ids and not count:
        raise PackageError("none of these is a dead letter that waits to be acknowledged")
    click.echo(f"{count} dead letters acknowledged")
