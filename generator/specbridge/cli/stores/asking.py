"""Which store and package a command asks about, and how its rows are printed."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

import click

from specbridge.cli.logs import configure_logs
from specbridge.cli.printing import escape_json, versioned
from specbridge.errors import PackageError
from specbridge.model.values import Json
from specbridge.runtime.store.addresses import choose_store
from specbridge.runtime.store.engine import Store, open_reading, open_store, store_errors
from specbridge.runtime.store.leases import check_lease
from specbridge.runtime.store.packages import KnownFlow, known_flows
from specbridge.settings import load_settings
from specbridge.suggesting import suggest

_AT_ONCE = 500
"""Rows that are printed at once."""

Command = TypeVar("Command", bound=Callable[..., None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked of a group of commands: which store and package, and how to print."""

    url: str
    package: str | None
    as_json: bool


def group_options(command: Command) -> Command:
    """Add --store, --package and --json, and hand on the context."""
    for add in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--package", metavar="NAME", help="Only this package of the store."),
        click.option("--store", metavar="URL", help="Store; default $SPECBRIDGE_STORE, settings."),
    ):
        command = add(command)
    return click.pass_context(command)  # type: ignore[return-value]  # click's own wrapper


def store_options(command: Command) -> Command:
    """Add --store and --json, and hand on the context."""
    for add in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--store", metavar="URL", help="Store; default $SPECBRIDGE_STORE, settings."),
    ):
        command = add(command)
    return click.pass_context(command)  # type: ignore[return-value]  # click's own wrapper


def ask_store(
    context: click.Context, store: str | None, package: str | None, as_json: bool
) -> Asked:
    """Return what was asked, which the subcommands find as the context's object."""
    configure_logs(0)
    settings = load_settings(Path.cwd())
    # A directory or an import path, as for `sync`: the store knows the last word of either.
    name = None if package is None else Path(package).name.rpartition(".")[2]
    url = choose_store(store, os.environ, settings.store, settings.root)
    asked = Asked(url=url, package=name, as_json=as_json)
    context.obj = asked
    return asked


@contextmanager
def open_asked(asked: Asked, *, write: bool = False) -> Iterator[tuple[Store, list[KnownFlow]]]:
    """Open the store and find the flows; what is written by hand is committed at the end.

    Raises StoreBusyError where a run is under way and something is to be written.
    """
    # Who only asks leaves nothing behind, not even a new file.
    opening = open_store if write else open_reading
    with opening(asked.url) as store, store_errors():
        flows = known_flows(store.connection, asked.package)
        if asked.package is not None and not flows:
            raise PackageError(f"the store knows no package {asked.package}")
        if write:
            for company in {flow.company for flow in flows}:
                # A run decides by what it has read: nobody may change it meanwhile.
                check_lease(store.connection, company)
        yield store, flows
        store.commit()


def find_flow(flows: list[KnownFlow], name: str) -> KnownFlow:
    """Return the flow of a name. Raises PackageError where there is none, or more than one."""
    found = [flow for flow in flows if name in flow.names]
    # Two packages of one store may have flows of one name.
    if len(found) > 1:
        raise PackageError(f"the store knows more than one flow {name}; say --package")
    if not found:
        known = sorted({one for flow in flows for one in flow.names})
        raise PackageError(f"the store knows no flow {name}; {suggest(name, known)}")
    return found[0]


def print_rows(
    rows: Iterable[Json], line: Callable[[dict[str, Json]], str], *, as_json: bool
) -> None:
    """Print rows as JSON, or a line each, as they come: there may be more than memory should hold."""
    if as_json:
        texts = _json_texts(rows)
    else:
        texts = (f"{line(row)}\n" for row in rows if isinstance(row, dict))
    # Many at a time: each call flushes.
    while part := list(islice(texts, _AT_ONCE)):
        click.echo("".join(part), nl=False)


def _encode(row: Json) -> str:
    whole = versioned(row) if isinstance(row, dict) else row
    return escape_json(json.dumps(whole, ensure_ascii=False))


def _json_texts(rows: Iterable[Json]) -> Iterator[str]:
    yield "["
    for number, row in enumerate(rows):
        yield (", " if number else "") + _encode(row)
    yield "]\n"
