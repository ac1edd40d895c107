"""`undo`: restore what a run overwrote, and take back what it created."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from specbridge.cli.logs import configure_logs
from specbridge.cli.printing import print_json_line
from specbridge.cli.running import load_setup, open_connectors
from specbridge.cli.stores.asking import print_rows
from specbridge.errors import PackageError
from specbridge.model.values import Json
from specbridge.runtime.engine.session import Edges
from specbridge.runtime.engine.undo import Chosen, UndoReport, undo_run
from specbridge.runtime.store.addresses import choose_store
from specbridge.runtime.store.engine import open_reading, open_store, store_errors
from specbridge.runtime.store.journal import Entry, packages_of_run
from specbridge.runtime.store.packages import resource_names
from specbridge.runtime.store.undoing import entries_of_run
from specbridge.settings import load_settings


@click.command(epilog="""\b
Examples:
  specbridge undo 12
  specbridge undo 12 --list
  specbridge undo 12 --write 345 --write 346
  specbridge undo 12 --record Organizations/4711
  specbridge undo 12 --creations
""")
@click.argument("run", type=int)
@click.option("--list", "listed", is_flag=True, help="List the run's writes; undo nothing.")
@click.option("--write", "writes", type=int, multiple=True, metavar="N", help="Only this write.")
@click.option(
    "--record",
    "records",
    multiple=True,
    metavar="RESOURCE/ID",
    help="Only this record's writes; SYSTEM/RESOURCE/ID where two systems have the resource.",
)
@click.option("--creations", is_flag=True, help="Delete what RUN created, too.")
@click.option("--package", metavar="PACKAGE", help="Directory or import path of the package.")
@click.option("--store", metavar="URL", help="Store; default $SPECBRIDGE_STORE, settings.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def undo(
    run: int,
    package: str | None,
    store: str | None,
    as_json: bool,
    listed: bool,
    **chosen: Any,
) -> None:
    """Restore what RUN overwrote, where nobody has changed it since.

    The next sync carries the restored values across; `specbridge pause` keeps it from running. Records
    that RUN created stay, unless --creations, --write or --record says so: then those are deleted that
    nobody, neither a person nor a later run, has touched. They are not created anew. Exit code 3: a
    write that was named is left as it is.
    """
    configure_logs(0)
    if listed:
        _list_writes(store, run, as_json=as_json)
        return
    wanted = Chosen(**chosen)
    setup = load_setup(package or _find_package(store, run), store)
    with open_connectors(setup) as connectors, open_store(setup.url) as opened:
        report = undo_run(setup.task(), opened, Edges(connectors=connectors), run, wanted)
    if as_json:
        print_json_line(report.as_json())
    else:
        _print_report(report)
    raise SystemExit(3 if report.kept and (wanted.writes or wanted.records) else 0)


def _print_report(report: UndoReport) -> None:
    deleted = f", {len(report.deleted)} deleted" if report.deleted else ""
    click.echo(f"run {report.run}: {len(report.restored)} records restored{deleted}")
    for id_, reason in report.kept.items():
        click.echo(f"  {id_} left as it is: {reason}")
    if report.created:
        click.echo(f"  {report.created} records that it created stay: see --creations")


def _list_writes(store: str | None, run: int, *, as_json: bool) -> None:
    with open_reading(_store_url(store)) as opened, store_errors():
        if not packages_of_run(opened.connection, run):
            raise PackageError(f"the store has no run {run}; `specbridge status` lists them")
        names = resource_names(opened.connection)
        rows = (_write_row(entry, names) for entry in entries_of_run(opened.connection, run))
        print_rows(rows, _write_text, as_json=as_json)


def _write_row(entry: Entry, names: Mapping[int, tuple[str, str]]) -> Json:
    system, resource = names.get(entry.resource, ("?", "?"))
    return {
        "write": entry.number,
        "kind": entry.kind,
        "system": system,
        "resource": resource,
        "id": entry.record_id,
        "state": entry.state,
        "before": dict(entry.before),
        "after": dict(entry.after),
    }


def _write_text(row: dict[str, Json]) -> str:
    after = row["after"] if isinstance(row["after"], dict) else {}
    # With `!r`: a terminal must not obey what a record holds.
    values = " ".join(f"{name}={value!r}" for name, value in after.items())
    place = f"{row['kind']} {row['system']}/{row['resource']}/{row['id']}"
    state = "" if row["state"] == "done" else f" ({row['state']})"
    return f"{row['write']}: {place}{state} {values}".rstrip()


def _store_url(store: str | None) -> str:
    settings = load_settings(Path.cwd())
    return choose_store(store, os.environ, settings.store, settings.root)


def _find_package(store: str | None, run: int) -> str | None:
    """Return where the package of a run is: where packages are generated, or in this directory.

    None where it ran several: all of the output folder.
    """
    settings = load_settings(Path.cwd())
    with open_reading(_store_url(store)) as opened, store_errors():
        names = packages_of_run(opened.connection, run)
    if not names:
        raise PackageError(f"the store has no run {run}; `specbridge status` lists them")
    if len(names) > 1:
        # It ran all of the output folder, and so does what undoes it.
        return None
    (name,) = names
    # The store knows a package by name: where it lies differs from machine to machine.
    for place in (settings.root / settings.output / name, Path.cwd() / name):
        if place.is_dir():
            return str(place)
    raise PackageError(
        f"run {run} is of the package {name}, which is neither in {settings.output} nor here; "
        f"say where: specbridge undo {run} --package DIR"
    )
