"""Which store and package a command asks about, and what of them."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from specbridge.cli.company import company_option
from specbridge.cli.logs import configure_logs
from specbridge.cli.next_steps import given
from specbridge.cli.store_place import store_option, store_url
from specbridge.companies.finding import VARIABLE, choose_company
from specbridge.errors import PackageError
from specbridge.runtime.decide.binding import PairingSide
from specbridge.runtime.reports.report import SIDES
from specbridge.runtime.store.accounts import find_company
from specbridge.runtime.store.engine import Store, open_reading, store_errors
from specbridge.runtime.store.history.deeds import by_hand
from specbridge.runtime.store.packages import KnownFlow, flows_of, resource_names
from specbridge.settings import load_settings
from specbridge.suggesting import suggest

Command = TypeVar("Command", bound=Callable[..., None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked of a group of commands: which store and package, what of them, and how to print.

    `store` is the address as it was typed. No `flows`: all of them. `side` is a side or a system's name.
    `company` is a name, None: of whichever company.
    """

    url: str
    store: str | None = None
    package: str | None = None
    company: str | None = None
    flows: tuple[str, ...] = ()
    side: str | None = None
    as_json: bool = False
    names: bool = True
    pager: bool = True

    def words(self, command: str, *more: str) -> tuple[str, ...]:
        """Return the words of a next command of the same store and package: its name, then what follows."""
        package = ("--package", self.package) if self.package is not None else ()
        return (command, *package, *given(store=self.store, company=self.company), *more)


package_option = click.option("--package", metavar="NAME", help="Only this package of the store.")
flow_option = click.option(
    "--flow", "flows", metavar="NAME", multiple=True, help="Only this flow; several are fine."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
names_option = click.option(
    "--no-names",
    "names",
    flag_value=False,
    default=True,
    help="Show ids, not what records are called.",
)
pager_option = click.option(
    "--no-pager", "pager", flag_value=False, default=True, help="Print long lists at once."
)


def side_option(meaning: str) -> Callable[[Command], Command]:
    """Return the option --side: source, target or a system's name; `meaning` says what of it is listed."""
    return click.option("--side", metavar="SIDE", help=meaning)


def _adding(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def add_all(command: Command) -> Command:
        # Backwards: what is added last stands first in the help.
        for add in reversed(options):
            command = add(command)
        return click.pass_context(command)  # type: ignore[return-value]  # click's own wrapper

    return add_all


_PRINTED = (names_option, pager_option, json_option)

# Each hands on the context as well.
list_options = _adding(store_option, company_option, package_option, flow_option, *_PRINTED)
group_options = _adding(store_option, company_option, package_option, *_PRINTED)
store_options = _adding(store_option, company_option, *_PRINTED)


def ask_store(
    context: click.Context,
    store: str | None,
    company: str | None,
    package: str | None = None,
    *,
    all_of_them: bool = False,
    **how: object,
) -> Asked:
    """Return what was asked, which the subcommands find as the context's object.

    `how` are the other fields of Asked. Raises SettingsError for a company that there is not, and where there
    are companies and none is named, unless then `all_of_them` are meant.
    """
    configure_logs(0)
    settings = load_settings(Path.cwd())
    whose = None
    if not all_of_them or company is not None or os.environ.get(VARIABLE, "").strip():
        # The store of a project without companies may have some, of the console and of other projects.
        whose = choose_company(company, settings, os.environ).name or None
    # A directory or an import path, as for `sync`: the store knows the last word of either.
    name = None if package is None else Path(package).name.rpartition(".")[2]
    url = store_url(store, settings)
    # Options of click, whose types are those of the fields.
    asked = Asked(url=url, store=store, company=whose, package=name, **how)  # type: ignore[arg-type]
    context.obj = asked
    return asked


@contextmanager
def open_asked(asked: Asked, *, write: bool = False) -> Iterator[tuple[Store, list[KnownFlow]]]:
    """Open the store and find the flows; what is written by hand is committed at the end.

    Raises StoreBusyError where a run is under way and something is to be written.
    """
    if write:
        with by_hand(asked.url, asked.package, named=asked.company) as (store, flows):
            yield store, _only(flows, asked.flows)
        return
    # Who only asks leaves nothing behind, not even a new file.
    with open_reading(asked.url) as store, store_errors():
        flows = flows_of(store.connection, asked.package, asked.company)
        if asked.package is not None and not flows:
            raise PackageError(f"the store knows no package {asked.package}")
        yield store, _only(flows, asked.flows)


def number_asked(store: Store, asked: Asked) -> int | None:
    """Return the number of the company that is meant, None for all; one that the store does not know has none."""
    if asked.company is None:
        return None
    # No company has this number.
    return find_company(store.connection, asked.company) or 0


def find_flow(flows: list[KnownFlow], name: str) -> KnownFlow:
    """Return the flow of a name. Raises PackageError where there is none, or more than one."""
    found = _flows_named(flows, name)
    # Two packages of one store may have flows of one name.
    if len(found) > 1:
        raise PackageError(f"the store knows more than one flow {name}; say --package or --company")
    return found[0]


def places_on(
    store: Store, asked: Asked, flows: Sequence[KnownFlow]
) -> tuple[PairingSide, ...] | None:
    """Return the sides that were asked for, by pairing; None: all of them.

    Raises PackageError for a side that is neither source, target nor a system of these flows.
    """
    if asked.side is None:
        return None
    if asked.side in SIDES:
        side = SIDES.index(asked.side)
        return tuple((flow.number, side) for flow in flows)
    systems = {number: system for number, (system, _) in resource_names(store.connection).items()}
    known = {systems[resource] for flow in flows for resource in flow.resources}
    if asked.side not in known:
        meant = suggest(asked.side, sorted({*SIDES, *known}))
        raise PackageError(f"no flow has a side {asked.side}; {meant}")
    return tuple(
        (flow.number, side)
        for flow in flows
        for side, resource in enumerate(flow.resources)
        if systems[resource] == asked.side
    )


def _only(flows: list[KnownFlow], names: Sequence[str]) -> list[KnownFlow]:
    wanted = {flow.number for name in names for flow in _flows_named(flows, name)}
    return [flow for flow in flows if not names or flow.number in wanted]


def _flows_named(flows: list[KnownFlow], name: str) -> list[KnownFlow]:
    """Return the flows of a name, more than one where packages have it. Raises PackageError for none."""
    found = [flow for flow in flows if name in flow.names]
    if not found:
        known = sorted({one for flow in flows for one in flow.names})
        raise PackageError(f"the store knows no flow {name}; {suggest(name, known)}")
    return found
