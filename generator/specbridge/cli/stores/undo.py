"""`undo`: restore what a run overwrote, and take back what it created."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from specbridge.cli.company import company_option
from specbridge.cli.logs import configure_logs
from specbridge.cli.next_steps import Step
from specbridge.cli.printing import print_json_line
from specbridge.cli.running import load_setup
from specbridge.cli.store_place import store_option, store_url
from specbridge.cli.stores.asking import Asked, json_option, names_option, pager_option
from specbridge.cli.stores.listing import Listing, Row, called, end_list, print_list, quoted
from specbridge.cli.stores.naming import Names, in_parts, is_naming, look_up, naming_properties
from specbridge.cli.tables import Column
from specbridge.cli.undoing import carry_out_undo, company_of_run, package_of_run
from specbridge.errors import PackageError
from specbridge.model.values import Json
from specbridge.printable import in_one_line
from specbridge.runtime.engine.undo import Chosen, UndoReport
from specbridge.runtime.hiding import HIDDEN
from specbridge.runtime.store.engine import Store, open_reading, store_errors
from specbridge.runtime.store.history.deeds import this_user
from specbridge.runtime.store.history.journal import Entry, packages_of_run
from specbridge.runtime.store.history.undoing import entries_of_run
from specbridge.runtime.store.packages import resource_names


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
@store_option
@company_option
@pager_option
@names_option
@json_option
def undo(
    run: int,
    *,
    package: str | None,
    store: str | None,
    company: str | None,
    listed: bool,
    **options: Any,
) -> None:
    """Restore what RUN overwrote, where nobody has changed it since.

    The next sync carries the restored values across; `specbridge pause` keeps it from running. Records
    that RUN created stay, unless --creations, --write or --record says so: then those are deleted that
    nobody, neither a person nor a later run, has touched. They are not created anew. Exit code 3: a
    write that was named is left as it is.
    """
    configure_logs(0)
    as_json = options["as_json"]
    how = {name: options.pop(name) for name in ("as_json", "names", "pager")}
    if listed:
        asked = Asked(url=store_url(store), store=store, company=company, **how)
        _list_writes(asked, run)
        return
    wanted = Chosen(**options)
    # A run's number says whose it is.
    whose = company_of_run(store, run, company)
    setup = load_setup(package or package_of_run(store, run), store, whose)
    report = carry_out_undo(setup, run, wanted, this_user())
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


def _list_writes(asked: Asked, run: int) -> None:
    with open_reading(asked.url) as opened, store_errors():
        if not packages_of_run(opened.connection, run):
            raise PackageError(f"the store has no run {run}; `specbridge runs` lists them")
        rows = _write_rows(opened, asked, run)
        seen = print_list(asked, rows, _LISTING)
    if seen.counts:
        store = asked.words("undo")[1:]
        what = "restore what the run overwrote, where nobody has changed it since"
        end_list(asked, Step(what, ("undo", str(run), *store)))


def _write_rows(store: Store, asked: Asked, run: int) -> Iterator[Row]:
    keys = resource_names(store.connection)
    for part in in_parts(entries_of_run(store.connection, run)):
        names = look_up(store, asked, [(one.resource, one.record_id or "") for one in part])
        for entry in part:
            key = keys.get(entry.resource, ("?", "?"))
            yield _write_row(entry, key, names)


def _write_row(entry: Entry, key: tuple[str, str], names: Names) -> Row:
    naming = frozenset[str]() if names.shown else naming_properties(*key)
    place = entry.resource, entry.record_id or ""

    def shown(values: Mapping[str, Json]) -> Row:
        return {
            name: HIDDEN if is_naming(name, naming) else names.hide(value, place)
            for name, value in values.items()
        }

    return {
        "write": entry.number,
        "kind": entry.kind,
        "system": key[0],
        "resource": key[1],
        "id": entry.record_id,
        "name": names.of(*place),
        "state": entry.state,
        "before": shown(entry.before),
        "after": shown(entry.after),
    }


def _write_text(row: Row) -> str:
    place = f"{row['kind']} {row['system']}/{row['resource']}/{row['id']}"
    text = f"{row['write']}: {place}{_state(row)} {_values(row)}"
    return in_one_line(text) + quoted(row["name"])


def _cells(row: Row) -> Sequence[str]:
    kind, record = f"{row['kind']}{_state(row)}", called(row["id"], row["name"])
    return str(row["write"]), kind, f"{row['system']}/{row['resource']}", record, _values(row)


def _state(row: Row) -> str:
    return "" if row["state"] == "done" else f" ({row['state']})"


def _values(row: Row) -> str:
    after = row["after"] if isinstance(row["after"], dict) else {}
    return " ".join(f"{name}={value!r}" for name, value in after.items())


_LISTING = Listing(
    columns=(
        *(Column("Write", right=True), Column("Kind", whole=True), Column("Resource")),
        *(Column("Record"), Column("Written")),
    ),
    cells=_cells,
    line=_write_text,
    kind=lambda row: str(row["state"]),
    empty="the run wrote nothing",
)
