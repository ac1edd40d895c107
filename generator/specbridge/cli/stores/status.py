"""`status`: last runs, flows, resources; and what the store holds of one person."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import click

from specbridge.cli.next_steps import Step, counted
from specbridge.cli.printing import print_json
from specbridge.cli.stores.asking import (
    Asked,
    ask_store,
    group_options,
    number_asked,
    open_asked,
)
from specbridge.cli.stores.hearing import hearing_lines, hearing_rows
from specbridge.cli.stores.listing import Row, end_list, print_rows
from specbridge.cli.stores.runs import RUN_COLUMNS, run_cells
from specbridge.cli.tables import Column, dim, heading, on_terminal, show_lines, table_lines
from specbridge.errors import PackageError
from specbridge.model.values import Json
from specbridge.printable import in_one_line
from specbridge.runtime.reports.report import Paused
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.history.journal import last_runs
from specbridge.runtime.store.history.run_rows import run_row
from specbridge.runtime.store.leasing.pausing import WHOLE, read_pauses
from specbridge.runtime.store.leftover.summary import summarise_flow
from specbridge.runtime.store.packages import (
    KnownPackage,
    known_flows,
    known_packages,
    resource_names,
)
from specbridge.runtime.store.persons.people import (
    erase_person,
    export_person,
    find_person,
    find_records,
)
from specbridge.runtime.store.persons.scrubbing import copies_beside, scrub_store
from specbridge.runtime.store.seen.looking import company_names
from specbridge.runtime.store.seen.queue import queue_length
from specbridge.runtime.store.seen.records import count_records

_RUNS = 5
"""Runs of a package that are shown; `runs` lists all."""


@click.group(invoke_without_command=True)
@group_options
def status(context: click.Context, **options: Any) -> None:
    """Show what the store knows: last runs, flows, resources, and what is left to do."""
    asked = ask_store(context, **options, all_of_them=True)
    if context.invoked_subcommand is None:
        with open_asked(asked) as (opened, _):
            names = company_names(opened.connection)
            rows = [
                {"company": names[row.company], **_package_status(opened, row)}
                for row in _packages(opened, asked)
            ]
        if asked.as_json or not on_terminal():
            print_rows(rows, _status_text, as_json=asked.as_json)
        else:
            show_lines(_lines(rows), pager=asked.pager)
        end_list(asked, *(step for row in rows for step in _next(asked, row)))


def _packages(store: Store, asked: Asked) -> list[KnownPackage]:
    number = number_asked(store, asked)
    return [
        row
        for row in known_packages(store.connection)
        if asked.package in (None, row.name) and number in (None, row.company)
    ]


def _package_status(store: Store, package: KnownPackage) -> Row:
    name = package.name
    mine = [f for f in known_flows(store.connection, name) if f.company == package.company]
    pairings = [flow.number for flow in mine]
    resources = resource_names(store.connection, pairings)
    return {
        "package": name,
        "paused": _pause_of(store, package),
        "runs": [
            {key: run[key] for key in _SHOWN}
            for run in map(
                run_row, last_runs(store.connection, name, _RUNS, company=package.company)
            )
        ],
        "queued": queue_length(store.connection, pairings),
        "resources": [
            {"system": key[0], "resource": key[1], "records": count_records(store.connection, n)}
            for n, key in resources.items()
        ],
        "flows": [{"name": flow.name, **summarise_flow(store.connection, flow)} for flow in mine],
        "webhooks": hearing_rows(store, package.company, {key[0] for key in resources.values()}),
    }


def _pause_of(store: Store, package: KnownPackage) -> Json:
    """Return what keeps a package from running: its own pause, else the company's."""
    pauses = read_pauses(store.connection, package.company)
    found = pauses.get(package.name) or pauses.get(WHOLE)
    return None if found is None else Paused(**found._asdict()).as_json()


_SHOWN = ("run", "kind", "started_at", "outcome")
"""What `status` tells of a run."""


def _status_text(row: Row) -> str:
    lines = [f"{_title(row)}: {row['queued']} records queued{_pause_text(row['paused'])}"]
    for kind in ("runs", "resources", "flows"):
        for item in _items(row, kind):
            lines.append(f"  {kind[:-1]} " + ", ".join(f"{k} {v}" for k, v in item.items()))
    lines += [f"  {line}" for line in hearing_lines(_items(row, "webhooks"))]
    return "\n".join(map(_printable, lines))


def _title(row: Row) -> str:
    """Return what a package is headed by: whose it is, where companies have names."""
    return f"{row['company']}: {row['package']}" if row["company"] else str(row["package"])


def _printable(line: str) -> str:
    # The two blanks at its beginning are ours.
    return f"{line[: len(line) - len(line.lstrip())]}{in_one_line(line)}"


def _items(row: Row, kind: str) -> list[Row]:
    listed = row[kind]
    assert isinstance(listed, list)
    return [item for item in listed if isinstance(item, dict)]


def _pause_text(pause: Json) -> str:
    if not isinstance(pause, dict):
        return ""
    by = "" if pause["package"] else " with the company"
    why = f" ({pause['reason']})" if pause["reason"] else ""
    return f", paused{by} since {pause['since']}{why}"


_RESOURCES = (Column("System"), Column("Resource"), Column("Records", right=True))
_FLOWS = {
    "name": Column("Flow"),
    "links": Column("Links", right=True),
    "ambiguous": Column("Ambiguous", right=True),
    "waiting": Column("Waiting", right=True),
    "dead_letters": Column("Dead letters", right=True),
    "open_conflicts": Column("Conflicts", right=True),
}


def _lines(rows: Sequence[Row]) -> Iterator[str]:
    for number, row in enumerate(rows):
        yield from ("",) if number else ()
        yield from _tables(row)
    if not rows:
        yield "the store knows no package yet: sync one"


def _tables(row: Row) -> Iterator[str]:
    """Yield the lines of a package on a terminal: its flows, what was read, its last runs."""
    yield heading(_title(row) + _pause_text(row["paused"]))
    if row["queued"]:
        yield dim(f"{row['queued']} records are queued for the next sync")
    yield from map(dim, hearing_lines(_items(row, "webhooks")))
    flows = ([str(flow[key]) for key in _FLOWS] for flow in _items(row, "flows"))
    yield from ("", *table_lines(tuple(_FLOWS.values()), flows))
    keys = ("system", "resource", "records")
    resources = ([str(one[key]) for key in keys] for one in _items(row, "resources"))
    yield from ("", *table_lines(_RESOURCES, resources))
    yield from ("", *table_lines(RUN_COLUMNS, map(run_cells, _items(row, "runs"))))


_LEFT_OVER = {
    "open_conflicts": ("conflict", " for a person to decide", ("conflicts",)),
    "dead_letters": ("record", " that could not be dealt with", ("dead-letters",)),
    "ambiguous": ("ambiguous pair", "", ("links", "--state", "ambiguous")),
}


def _next(asked: Asked, row: Row) -> Iterator[Step]:
    """Yield what a package waits for, each with the command that lists it."""
    own = replace(asked, package=str(row["package"]), company=str(row["company"]) or None)
    pause = row["paused"]
    if isinstance(pause, dict):
        name = (str(pause["package"]),) if pause["package"] else ()
        store = replace(own, package=None).words("resume")[1:]
        yield Step("nothing is synced while it is paused", ("resume", *name, *store))
    if any(item["missed"] for item in _items(row, "webhooks")):
        yield Step("changes were found of which no webhook told", ("serve", "--check"))
    for key, (noun, what, (command, *more)) in _LEFT_OVER.items():
        count = sum(int(str(flow[key])) for flow in _items(row, "flows"))
        if count:
            yield Step(counted(count, noun, what), own.words(command, *more))


@status.command("export")
@click.argument("system")
@click.argument("resource")
@click.argument("id")
@click.pass_obj
def export(asked: Asked, system: str, resource: str, id: str) -> None:
    """Print as JSON all that the store holds of a record and those linked to it.

    It is looked for in every company and package of the store. Exit code 2: the store holds nothing.
    """
    with open_asked(replace(asked, package=None, company=None)) as (store, _):
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
    with open_asked(replace(asked, package=None, company=None), write=True) as (store, _):
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
