"""`pause` and `resume`: have a package, or all of the company's, left alone by sync and watch."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from specbridge.cli.logs import configure_logs
from specbridge.cli.store_place import store_option, store_url
from specbridge.errors import PackageError, StoreBusyError
from specbridge.runtime.package import load_package
from specbridge.runtime.store.accounts import number_company
from specbridge.runtime.store.engine import Store, open_store, store_errors
from specbridge.runtime.store.history.deeds import this_user
from specbridge.runtime.store.leasing.leases import check_lease
from specbridge.runtime.store.leasing.pausing import WHOLE, Pause, read_pauses
from specbridge.runtime.store.leftover import deciding
from specbridge.runtime.store.packages import known_packages
from specbridge.settings import load_settings

_COMPANY = ""
"""The company without a name, whose packages a command runs."""

package_argument = click.argument("package", required=False)
company_option = click.option(
    "--company", is_flag=True, help="All packages of the company, as without PACKAGE."
)


@click.command(epilog="""\b
Examples:
  specbridge pause generated/powerofficego_zendesk --reason "undo of run 12 is looked at"
  specbridge pause --company
""")
@package_argument
@company_option
@click.option("--reason", default="", metavar="TEXT", help="Why, for those who wonder.")
@store_option
def pause(package: str | None, company: bool, reason: str, store: str | None) -> None:
    """Have sync and watch leave PACKAGE alone until it is resumed; without PACKAGE all of the company's.

    What changes meanwhile waits in the store, and `undo` goes on working. A sync of what is paused says
    so and ends with exit code 3. Pairs of records that another package states as well stand still too.
    """
    with _opened(package, company, store) as chosen:
        new = Pause(chosen.name, time.time(), reason)
        for number in chosen.companies:
            deciding.pause(chosen.store.connection, number, new, this_user())
        busy = _under_way(chosen)
    again = f"specbridge resume {chosen.name}".rstrip()
    click.echo(f"{_called(chosen.name)} is paused until `{again}`{busy}")


@click.command(epilog="Example: specbridge resume generated/powerofficego_zendesk")
@package_argument
@company_option
@store_option
def resume(package: str | None, company: bool, store: str | None) -> None:
    """Let PACKAGE go on, or without PACKAGE the company; exit code 2 where it was not paused.

    Packages that were paused by themselves stay so when the company goes on, and are named.
    """
    with _opened(package, company, store) as chosen:
        connection, numbers = chosen.store.connection, chosen.companies
        who = this_user()
        found = [deciding.resume(connection, number, chosen.name, who) for number in numbers]
        left = {name for number in numbers for name in read_pauses(connection, number)}
    if not any(found):
        more = "; the company is: `specbridge resume`" if WHOLE in left and chosen.name else ""
        raise PackageError(f"{_called(chosen.name)} is not paused{more}")
    # Another package's pause does not concern who let one go on.
    still = sorted(left) if chosen.name == WHOLE else sorted(left & {WHOLE})
    more = f"; still paused: {', '.join(map(_called, still))}" if still else ""
    click.echo(f"{_called(chosen.name)} goes on with the next sync{more}")


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What is to be paused or resumed: a package's name, or WHOLE, and whose it is."""

    store: Store
    name: str
    companies: tuple[int, ...]


@contextmanager
def _opened(package: str | None, company: bool, store: str | None) -> Iterator[_Chosen]:
    """Open the store and find what is meant; what the block does is committed.

    No lease is asked for: a watch may be busy for hours, and what is paused is for the next run.
    """
    if package and company:
        raise click.UsageError("say PACKAGE or --company, not both")
    configure_logs(0)
    settings = load_settings(Path.cwd())
    with open_store(store_url(store, settings)) as opened, store_errors():
        if package is None:
            yield _Chosen(opened, WHOLE, (number_company(opened.connection, _COMPANY),))
        else:
            yield _find_package(opened, package, settings.root)
        opened.commit()


def _find_package(store: Store, place: str, root: Path) -> _Chosen:
    # A directory or an import path, as for `sync`: the store knows the last word of either.
    name = Path(place).name.rpartition(".")[2]
    numbers = {row.company for row in known_packages(store.connection) if row.name == name}
    if not numbers:
        # It may not have run yet. Raises PackageError where there is none.
        name, _ = load_package(place, root)
        numbers = {number_company(store.connection, _COMPANY)}
    return _Chosen(store, name, tuple(sorted(numbers)))


def _called(name: str) -> str:
    return name or "the company"


def _under_way(chosen: _Chosen) -> str:
    """Return what is to be said of a run that is under way."""
    for number in chosen.companies:
        try:
            check_lease(chosen.store.connection, number)
        except StoreBusyError as busy:
            return f"; a run under way ends first ({busy})"
    return ""
