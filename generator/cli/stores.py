"""The commands about what the store knows: `status`, `links`, `conflicts`, `dead-letters`, `undo`."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import click

from generator.cli.running import configure_logs, load_setup, open_connectors
from generator.errors import PackageError
from generator.model.values import Json
from generator.runtime.report import SIDES
from generator.runtime.session import Edges
from generator.runtime.store.engine import Store, open_store, store_errors, store_url
from generator.runtime.store.handwork import (
    list_splits,
    pin_link,
    retry_letters,
    split_link,
    unpin_link,
)
from generator.runtime.store.journal import last_runs
from generator.runtime.store.leases import check_lease
from generator.runtime.store.leftovers import choose_winner, read_conflicts, read_dead_letters
from generator.runtime.store.links import read_links
from generator.runtime.store.matching import ambiguous_pairs
from generator.runtime.store.packages import (
    KnownFlow,
    known_flows,
    known_packages,
    package_of_run,
    resource_names,
)
from generator.runtime.store.people import erase_person, export_person, find_person
from generator.runtime.store.records import count_records, queue_length, queue_records
from generator.runtime.store.rows import read_json
from generator.runtime.store.summary import summarise_flow
from generator.runtime.undo import undo_run
from generator.settings import load_settings

Command = TypeVar("Command", bound=Callable[..., None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked of a group of commands: which store and package, and how to print."""

    url: str
    package: str | None
    as_json: bool


def _group_options(command: Command) -> Command:
    for add in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--package", metavar="NAME", help="Only this package of the store."),
        click.option("--store", metavar="URL", help="Store; default $SPECBRIDGE_STORE, settings."),
    ):
        command = add(command)
    return click.pass_context(command)  # type: ignore[return-value]  # click's own wrapper


def _ask(context: click.Context, store: str | None, package: str | None, as_json: bool) -> Asked:
    configure_logs(0)
    settings = "" if os.environ.get("SPECBRIDGE_STORE") else load_settings(Path.cwd()).store
    name = None if package is None else Path(package).name.rpartition(".")[2]
    asked = Asked(url=store_url(os.environ, store or settings), package=name, as_json=as_json)
    context.obj = asked
    return asked


@contextmanager
def _open(asked: Asked, *, write: bool = False) -> Iterator[tuple[Store, list[KnownFlow]]]:
    """Open the store and find the flows; what is written by hand is committed at the end.

    Raises StoreBusyError where a run is under way and something is to be written.
    """
    with open_store(asked.url, scratch=not write) as store, store_errors():
        flows = known_flows(store.connection, asked.package)
        if asked.package is not None and not flows:
            raise PackageError(f"the store knows no package {asked.package}")
        if write:
            for package in {flow.package for flow in flows}:
                check_lease(store.connection, package, time.time())
        yield store, flows
        store.commit()


def _find_flow(flows: list[KnownFlow], name: str) -> KnownFlow:
    found = [flow for flow in flows if flow.name == name]
    if len(found) != 1:
        how = "no" if not found else "more than one"
        raise PackageError(f"the store knows {how} flow {name}; say --package")
    return found[0]


def _print(asked: Asked, rows: list[Json], line: Callable[[dict[str, Json]], str]) -> None:
    """Print rows as JSON, or a line each."""
    if asked.as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        assert isinstance(row, dict)
        click.echo(line(row))


@click.group(invoke_without_command=True)
@_group_options
def status(context: click.Context, store: str | None, package: str | None, as_json: bool) -> None:
    """Show what the store knows: last runs, flows, resources, and what is left to do."""
    asked = _ask(context, store, package, as_json)
    if context.invoked_subcommand is None:
        with _open(asked) as (opened, flows):
            rows = [_package_status(opened, name, flows) for name in _packages(opened, asked)]
        _print(asked, rows, _status_text)


def _packages(store: Store, asked: Asked) -> list[str]:
    names = list(known_packages(store.connection))
    return [name for name in names if asked.package in (None, name)]


def _package_status(store: Store, name: str, flows: list[KnownFlow]) -> Json:
    number = known_packages(store.connection)[name]
    resources = resource_names(store.connection, number)
    mine = [flow for flow in flows if flow.package == name]
    return {
        "package": name,
        "runs": [
            {
                "run": str(row.number),
                "kind": row.kind,
                "started_at": _instant(row.started_at),
                "outcome": row.outcome or "interrupted",
            }
            for row in last_runs(store.connection, number, 5)
        ],
        "queued": queue_length(store.connection, resources),
        "resources": [
            {"system": key[0], "resource": key[1], "records": count_records(store.connection, n)}
            for n, key in resources.items()
        ],
        "flows": [{"name": flow.name, **summarise_flow(store.connection, flow)} for flow in mine],
    }


def _instant(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def _status_text(row: dict[str, Json]) -> str:
    lines = [f"{row['package']}: {row['queued']} records queued"]
    for kind in ("runs", "resources", "flows"):
        listed = row[kind]
        assert isinstance(listed, list)
        for item in listed:
            assert isinstance(item, dict)
            lines.append(f"  {kind[:-1]} " + ", ".join(f"{k} {v}" for k, v in item.items()))
    return "\n".join(lines)


@status.command("export")
@click.argument("system")
@click.argument("resource")
@click.argument("id")
@click.pass_obj
def export(asked: Asked, system: str, resource: str, id: str) -> None:
    """Print as JSON all that the store holds of a record and those linked to it."""
    with _open(asked) as (store, flows):
        place = (_find_resource(store, (system, resource)), id)
        person = find_person(store.connection, flows, place)
        found = export_person(store.connection, flows, person)
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@status.command("erase")
@click.argument("system")
@click.argument("resource")
@click.argument("id")
@click.pass_obj
def erase(asked: Asked, system: str, resource: str, id: str) -> None:
    """Erase from the store all about a record and those linked to it.

    Erase the person in the systems first: a run reads again what is still there.
    """
    with _open(asked, write=True) as (store, flows):
        place = (_find_resource(store, (system, resource)), id)
        person = find_person(store.connection, flows, place)
        erase_person(store.connection, flows, person)
    click.echo(f"erased {len(person)} records")


def _find_resource(store: Store, key: tuple[str, str]) -> int:
    for number in known_packages(store.connection).values():
        for resource, name in resource_names(store.connection, number).items():
            if name == key:
                return resource
    raise PackageError(f"the store knows no {key[1]} of {key[0]}")


@click.group(invoke_without_command=True)
@_group_options
def links(context: click.Context, store: str | None, package: str | None, as_json: bool) -> None:
    """List links, split pairs and ambiguous ones; split, pin and unpin them by hand."""
    asked = _ask(context, store, package, as_json)
    if context.invoked_subcommand is None:
        with _open(asked) as (opened, flows):
            rows = [row for flow in flows for row in _link_rows(opened, flow)]
        _print(
            asked,
            rows,
            lambda row: f"{row['flow']} {row['source']} {row['target']} {row['state']}",
        )


def _link_rows(store: Store, flow: KnownFlow) -> Iterator[Json]:
    for part in read_links(store.connection, flow.number):
        for row in part:
            whole = "pinned" if row.pinned else "linked"
            state = "vanished" if row.vanished else whole
            yield _link_row(flow, (row.source_id, row.target_id), state, row.made_by)
    for pair in list_splits(store.connection, flow):
        yield _link_row(flow, pair, "split", "hand")
    for pair in ambiguous_pairs(store.connection, flow.number):
        yield _link_row(flow, pair, "ambiguous", "rule")


def _link_row(flow: KnownFlow, pair: tuple[str, str], state: str, made_by: str) -> Json:
    return {
        "flow": flow.name,
        "source": pair[0],
        "target": pair[1],
        "state": state,
        "made_by": made_by,
    }


def _link_command(name: str, act: Callable[..., None], text: str) -> None:
    @links.command(name, help=text)
    @click.argument("flow")
    @click.argument("source")
    @click.argument("target")
    @click.pass_obj
    def command(asked: Asked, flow: str, source: str, target: str) -> None:
        with _open(asked, write=True) as (store, flows):
            act(store.connection, _find_flow(flows, flow), (source, target))
        click.echo(f"{name}: {flow} {source} {target}; the next sync goes by it")


_link_command("split", split_link, "Take a link apart; it stays apart, whatever the rules say.")
_link_command("pin", pin_link, "Link a pair, or keep it linked, whatever the rules say.")
_link_command("unpin", unpin_link, "Leave a pinned link, or a split pair, to the rules again.")


@click.group(invoke_without_command=True)
@_group_options
@click.option("--all", "everything", is_flag=True, help="Settled ones as well.")
def conflicts(
    context: click.Context, store: str | None, package: str | None, as_json: bool, everything: bool
) -> None:
    """List conflicts, with the values of both sides; settle those that wait for a person."""
    asked = _ask(context, store, package, as_json)
    if context.invoked_subcommand is None:
        with _open(asked) as (opened, flows):
            names = {flow.number: flow.name for flow in flows}
            found = read_conflicts(opened.connection, list(names), everything=everything)
            rows: list[Json] = [
                {
                    "conflict": row.number,
                    "run": str(row.run),
                    "flow": names[row.flow],
                    "source": row.source_id,
                    "target": row.target_id,
                    "property": row.unit,
                    "source_value": read_json(row.source_value),
                    "target_value": read_json(row.target_value),
                    "winner": row.winner,
                    "state": row.state,
                }
                for row in found
            ]
        _print(asked, rows, _conflict_text)


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
    with _open(asked, write=True) as (store, flows):
        by_number = {flow.number: flow for flow in flows}
        found = read_conflicts(store.connection, list(by_number), everything=False)
        row = next((row for row in found if row.number == number), None)
        if row is None:
            raise PackageError(f"there is no conflict {number} that waits")
        choose_winner(store.connection, number, winner)
        queue_records(store.connection, by_number[row.flow].resources[0], [row.source_id])
    click.echo(f"conflict {number}: the {winner} wins at the next sync")


@click.group("dead-letters", invoke_without_command=True)
@_group_options
def dead_letters(
    context: click.Context, store: str | None, package: str | None, as_json: bool
) -> None:
    """List records that could not be dealt with, and why; have them tried again."""
    asked = _ask(context, store, package, as_json)
    if context.invoked_subcommand is None:
        with _open(asked) as (opened, flows):
            names = {flow.number: flow.name for flow in flows}
            rows: list[Json] = [
                {
                    "flow": names[row.flow],
                    "side": SIDES[row.side],
                    "id": row.id,
                    "other": row.other_id,
                    "reason": row.reason,
                    "run": str(row.run),
                }
                for row in read_dead_letters(opened.connection, list(names))
            ]
        _print(
            asked,
            rows,
            lambda row: f"{row['flow']} {row['side']} {row['id']}: {row['reason']}",
        )


@dead_letters.command("retry")
@click.argument("ids", nargs=-1)
@click.pass_obj
def retry(asked: Asked, ids: tuple[str, ...]) -> None:
    """Have dead letters tried again by the next sync: those of IDS, or all."""
    with _open(asked, write=True) as (store, flows):
        count = retry_letters(store.connection, flows, ids)
    click.echo(f"{count} dead letters will be tried again by the next sync")


@click.command(epilog="Example: specbridge undo 12")
@click.argument("run", type=int)
@click.option("--package", metavar="PACKAGE", help="Directory or import path of the package.")
@click.option("--store", metavar="URL", help="Store; default $SPECBRIDGE_STORE, settings.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def undo(run: int, package: str | None, store: str | None, as_json: bool) -> None:
    """Restore what RUN overwrote, where nobody has changed it since.

    The next sync carries the restored values across. Records that RUN created stay.
    """
    configure_logs(0)
    setup = load_setup(package or _find_package(store, run), store)
    with open_connectors(setup) as connectors, open_store(setup.url) as opened:
        report = undo_run(setup.task(), opened, Edges(connectors=connectors), run)
    if as_json:
        click.echo(json.dumps(report.as_json(), ensure_ascii=False))
        return
    click.echo(f"run {report.run}: {len(report.restored)} records restored")
    for id_, reason in report.kept.items():
        click.echo(f"  {id_} left as it is: {reason}")


def _find_package(store: str | None, run: int) -> str:
    """Return where the package of a run is: where packages are generated, or in this directory."""
    settings = load_settings(Path.cwd())
    chosen = settings.store if not os.environ.get("SPECBRIDGE_STORE") else ""
    with open_store(store_url(os.environ, store or chosen), scratch=True) as opened:
        name = package_of_run(opened.connection, run)
    if name is None:
        raise PackageError(f"the store has no run {run}; `specbridge status` lists them")
    for place in (settings.root / settings.output / name, Path.cwd() / name):
        if place.is_dir():
            return str(place)
    raise PackageError(
        f"run {run} is of the package {name}, which is neither in {settings.output} nor here; "
        f"say where: specbridge undo {run} --package DIR"
    )
