"""`duplicates`: what the journal shows was created twice, and how to mend it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from specbridge.cli.next_steps import Step
from specbridge.cli.stores.asking import (
    Asked,
    ask_store,
    number_asked,
    open_asked,
    store_options,
)
from specbridge.cli.stores.listing import Listing, Row, Seen, called, end_list, print_list, quoted
from specbridge.cli.stores.naming import Names, look_up
from specbridge.cli.tables import Column, on_terminal
from specbridge.model.values import Json
from specbridge.printable import in_one_line
from specbridge.runtime.store.leftover.duplicates import Duplicate, Made, find_duplicates
from specbridge.runtime.store.packages import resource_names
from specbridge.runtime.store.seen.looking import company_of_resource


@click.command(epilog="Example: specbridge duplicates --json")
@store_options
def duplicates(context: click.Context, **options: Any) -> None:
    """List what was created twice for one record, as far as the journal goes, and how to mend it.

    Exit code 3 where there is anything to mend.
    """
    asked = ask_store(context, **options)
    with open_asked(asked) as (store, _):
        keys = resource_names(store.connection)
        number = number_asked(store, asked)
        owners = company_of_resource(store.connection)
        found = [
            one
            for one in find_duplicates(store.connection)
            if number is None or owners[one.resource] == number
        ]
        places = [(one.resource, made.id) for one in found for made in one.made]
        names = look_up(store, asked, [*places, *(one.origin for one in found)])
        rows = [_row(one, keys, names) for one in found]
    seen = print_list(asked, rows, _LISTING)
    if not rows and not asked.as_json and not on_terminal():
        click.echo(_LISTING.empty)
    end_list(asked, *_next(asked, seen))
    raise SystemExit(3 if rows else 0)


def _row(found: Duplicate, keys: Mapping[int, tuple[str, str]], names: Names) -> Row:
    system, resource = keys[found.resource]
    linked = next((one for one in found.made if one.linked), found.made[0])
    # What was created in the record's own resource is its double: the record itself is to stay.
    kept = found.origin[1] if found.origin[0] == found.resource else linked.id
    made: list[Json] = [_made(one, names.of(found.resource, one.id)) for one in found.made]
    others = ", ".join(one.id for one in found.made if one.id != kept)
    here = keys[found.origin[0]]
    return {
        "origin": {
            "system": here[0],
            "resource": here[1],
            "id": found.origin[1],
            "name": names.of(*found.origin),
        },
        "system": system,
        "resource": resource,
        "made": made,
        "mend": f"keep {kept}; carry over what people wrote in {others}, and delete it in {system}",
    }


def _made(one: Made, name: str | None) -> Row:
    return {
        "id": one.id,
        "name": name,
        "run": str(one.run),
        "started_at": datetime.fromtimestamp(one.started_at, UTC).isoformat(),
        "linked": one.linked,
    }


def _line(row: Row) -> str:
    origin = _origin(row)
    ids = ", ".join(_made_text(one, str(one["id"])) for one in _all_made(row))
    place = f"{origin['system']} {origin['resource']} {origin['id']}"
    text = f"{row['system']} {row['resource']} for {place}: {ids}; {row['mend']}"
    return in_one_line(text) + quoted(origin["name"])


def _cells(row: Row) -> Sequence[str]:
    origin = _origin(row)
    made = ", ".join(_made_text(one, called(one["id"], one["name"])) for one in _all_made(row))
    return (
        f"{origin['system']} {origin['resource']} {called(origin['id'], origin['name'])}",
        f"{row['system']} {row['resource']} {made}",
        str(row["mend"]),
    )


def _made_text(made: Row, shown: str) -> str:
    linked = ", linked" if made["linked"] else ""
    return f"{shown} (run {made['run']}{linked})"


def _origin(row: Row) -> Row:
    origin = row["origin"]
    assert isinstance(origin, dict)
    return origin


def _all_made(row: Row) -> list[Row]:
    made = row["made"]
    assert isinstance(made, list)
    return [one for one in made if isinstance(one, dict)]


_LISTING = Listing(
    columns=(Column("Record"), Column("Created for it"), Column("What to do")),
    cells=_cells,
    line=_line,
    kind=lambda _: "duplicate",
    empty="nothing was created twice, as far as the journal goes",
)


def _next(asked: Asked, seen: Seen) -> Iterator[Step]:
    if seen.counts:
        yield Step(
            "once it is mended in the systems, sync again; what was created is undone run by run",
            asked.words("runs"),
        )
