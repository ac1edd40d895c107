"""`duplicates`: what the journal shows was created twice, and how to mend it."""

from collections.abc import Mapping
from datetime import UTC, datetime

import click

from specbridge.cli.stores.asking import Asked, ask_store, open_asked, print_rows, store_options
from specbridge.model.values import Json
from specbridge.runtime.store.duplicates import Duplicate, find_duplicates
from specbridge.runtime.store.packages import resource_names


@click.command(epilog="Example: specbridge duplicates --json")
@store_options
def duplicates(context: click.Context, store: str | None, as_json: bool) -> None:
    """List what was created twice for one record, as far as the journal goes, and how to mend it.

    Exit code 3 where there is anything to mend.
    """
    asked = ask_store(context, store, None, as_json)
    with open_asked(asked) as (opened, _):
        names = resource_names(opened.connection)
        rows: list[Json] = [_row(one, names) for one in find_duplicates(opened.connection)]
    _print(asked, rows)
    raise SystemExit(3 if rows else 0)


def _row(found: Duplicate, names: Mapping[int, tuple[str, str]]) -> dict[str, Json]:
    system, resource = names[found.resource]
    linked = next((one for one in found.made if one.linked), found.made[0])
    # What was created in the record's own resource is its double: the record itself is to stay.
    kept = found.origin[1] if found.origin[0] == found.resource else linked.id
    made: list[Json] = [
        {
            "id": one.id,
            "run": str(one.run),
            "started_at": datetime.fromtimestamp(one.started_at, UTC).isoformat(),
            "linked": one.linked,
        }
        for one in found.made
    ]
    others = ", ".join(one.id for one in found.made if one.id != kept)
    here = names[found.origin[0]]
    return {
        "origin": {"system": here[0], "resource": here[1], "id": found.origin[1]},
        "system": system,
        "resource": resource,
        "made": made,
        "mend": f"keep {kept}; carry over what people wrote in {others}, and delete it in {system}",
    }


def _print(asked: Asked, rows: list[Json]) -> None:
    if not rows and not asked.as_json:
        click.echo("nothing was created twice, as far as the journal goes")
        return
    print_rows(rows, _line, as_json=asked.as_json)


def _line(row: dict[str, Json]) -> str:
    origin, made = row["origin"], row["made"]
    assert isinstance(origin, dict)
    assert isinstance(made, list)
    ids = ", ".join(_made_text(one) for one in made if isinstance(one, dict))
    place = f"{origin['system']} {origin['resource']} {origin['id']}"
    return f"{row['system']} {row['resource']} for {place}: {ids}\n  {row['mend']}"


def _made_text(made: dict[str, Json]) -> str:
    linked = ", linked" if made["linked"] else ""
    return f"{made['id']} (run {made['run']}{linked})"
