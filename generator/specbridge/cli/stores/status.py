"""`status`: last runs, flows, resources; and what the store holds of one person."""

from dataclasses import replace
from datetime import UTC, datetime

import click

from specbridge.cli.printing import print_json
from specbridge.cli.stores.asking import (
    Asked,
    ask_store,
    group_options,
    open_asked,
    print_rows,
)
from specbridge.errors import PackageError
from specbridge.model.values import Json
from specbridge.runtime.reports.report import Paused
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.journal import last_runs
from specbridge.runtime.store.packages import (
    KnownPackage,
    known_flows,
    known_packages,
    resource_names,
)
from specbridge.runtime.store.pausing import WHOLE, read_pauses
from specbridge.runtime.store.people import (
    erase_person,
    export_person,
    find_person,
    find_records,
)
from specbridge.runtime.store.queue import queue_length
from specbridge.runtime.store.records import count_records
from specbridge.runtime.store.scrubbing import copies_beside, scrub_store
from specbridge.runtime.store.summary import summarise_flow


@click.group(invoke_without_command=True)
@group_options
def status(context: click.Context, store: str | None, package: str | None, as_json: bool) -> None:
    """Show what the store knows: last runs, flows, resources, and what is left to do."""
    asked = ask_store(context, store, package, as_json)
    if context.invoked_subcommand is None:
        with open_asked(asked) as (opened, _):
            rows = [_package_status(opened, row) for row in _packages(opened, asked)]
        print_rows(rows, _status_text, as_json=asked.as_json)


def _packages(store: Store, asked: Asked) -> list[KnownPackage]:
    rows = known_packages(store.connection)
    return [row for row in rows if asked.package in (None, row.name)]


def _package_status(store: Store, package: KnownPackage) -> Json:
    name = package.name
    mine = known_flows(store.connection, name)
    pairings = [flow.number for flow in mine]
    resources = resource_names(store.connection, pairings)
    return {
        "package": name,
        "paused": _pause_of(store, package),
        "runs": [
            {
                "run": str(row.number),
                "kind": row.kind,
                "started_at": _instant(row.started_at),
                # A run that was killed could not say how it ended.
                "outcome": row.outcome or "interrupted",
            }
            for row in last_runs(store.connection, name, 5)
        ],
        "queued": queue_length(store.connection, pairings),
        "resources": [
            {"system": key[0], "resource": key[1], "records": count_records(store.connection, n)}
            for n, key in resources.items()
        ],
        "flows": [{"name": flow.name, **summarise_flow(store.connection, flow)} for flow in mine],
    }


def _pause_of(store: Store, package: KnownPackage) -> Json:
    """Return what keeps a package from running: its own pause, else the company's."""
    pauses = read_pauses(store.connection, package.company)
    found = pauses.get(package.name) or pauses.get(WHOLE)
    return None if found is None else Paused(**found._asdict()).as_json()


def _instant(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def _status_text(row: dict[str, Json]) -> str:
    lines = [f"{row['package']}: {row['queued']} records queued{_pause_text(row['paused'])}"]
    for kind in ("runs", "resources", "flows"):
        listed = row[kind]
        assert isinstance(listed, list)
        for item in listed:
            assert isinstance(item, dict)
            lines.append(f"  {kind[:-1]} " + ", ".join(f"{k} {v}" for k, v in item.items()))
    return "\n".join(lines)


def _pause_text(pause: Json) -> str:
    if not isinstance(pause, dict):
        return ""
    by = "" if pause["package"] else " with the company"
    why = f" ({pause['reason']})" if pause["reason"] else ""
    return f", paused{by} since {pause['since']}{why}"


@status.command("export")
@click.argument("system")
@click.argument("resource")
@click.argument("id")
@click.pass_obj
def export(asked: Asked, system: str, resource: str, id: str) -> None:
    """Print as JSON all that the store holds of a record and those linked to it.

    It is looked for in every company and package of the store. Exit code 2: the store holds nothing.
    """
    with open_asked(replace(asked, package=None)) as (store, _):
        starts = find_records(store.connection, system, resource, id)
        found = export_person(store.connection, find_person(store.connection, starts))
    if not any(found.values()):
        raise PackageError(f"the store holds nothing of {system} {resource} {id}")
    print_json(found)


@status.command("erase")
@click.argument("system")
@click.argument("resource")
@click.argument("id")
@click.pass_obj
def erase(asked: Asked, system: str, resource: str, id: str) -> None:
    """Erase from the store all about a record and those linked to it.

    It is looked for in every company and package of the store. Erase the person in the systems
    first: a run reads again what is still there. Exit code 2: the store holds nothing.
    """
    # Whatever package was named: a person is to be forgotten by the store, not by a part of it.
    with open_asked(replace(asked, package=None), write=True) as (store, _):
        starts = find_records(store.connection, system, resource, id)
        count = erase_person(store.connection, find_person(store.connection, starts))
        # Also where nothing was found: what an erasure broke off has left is still in the files.
        scrub_store(store.connection)
        copies = copies_beside(store.connection)
    for copy in copies:
        click.echo(f"{copy} is a copy of before a migration and was left as it is", err=True)
    if not count:
        raise PackageError(f"the store holds nothing of {system} {resource} {id}")
    click.echo(f"erased {count} rows")
