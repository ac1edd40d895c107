"""`pause` and `resume`: have a package, or all of the company's, left alone by sync and watch."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from specbridge.cli.logs import configure_logs
from specbridge.cli.next_steps import given
from specbridge.cli.store_place import store_option, store_url
from specbridge.companies.finding import choose_company
from specbridge.errors import PackageError, StoreBusyError
from specbridge.runtime.package import load_package
from specbridge.runtime.store.accounts import find_company, number_company
from specbridge.runtime.store.engine import Store, open_store, store_errors
from specbridge.runtime.store.history.deeds import this_user
from specbridge.runtime.store.leasing.leases import check_lease
from specbridge.runtime.store.leasing.pausing import WHOLE, Pause, read_pauses
from specbridge.runtime.store.leftover import deciding
from specbridge.runtime.store.packages import known_packages
from specbridge.settings import load_settings

package_argument = click.argument("package", required=False)
_ALL = ""
"""What `--company` says without a name: all packages of the company, as without PACKAGE."""

company_option = click.option(
    "--company",
    metavar="[NAME]",
    is_flag=False,
    flag_value=_ALL,
    help="The company of this name (docs/companies.md); without a name: all packages, as without PACKAGE.",
)


@click.command(epilog="""\b
Examples:
  specbridge pause generated/powerofficego_zendesk --reason "undo of run 12 is looked at"
  specbridge pause --company
  specbridge pause --company acme --reason "books are closed"
""")
@package_argument
@company_option
@click.option("--reason", default="", metavar="TEXT", help="Why, for those who wonder.")
@store_option
def pause(package: str | None, company: str | None, reason: str, store: str | None) -> None:
    """Have sync and watch leave PACKAGE alone until it is resumed; without PACKAGE all of the company's.

    What changes meanwhile waits in the store, and `undo` goes on working. A sync of what is paused says
    so and ends with exit code 3. Pairs of records that another package states as well stand still too.
    """
    with _opened(package, company, store) as chosen:
        new = Pause(chosen.name, time.time(), reason)
        for number in chosen.companies:
            deciding.pause(chosen.store.connection, number, new, this_user())
        busy = _under_way(chosen)
    click.echo(f"{chosen.called()} is paused until `{chosen.again('resume')}`{busy}")


@click.command(epilog="Example: specbridge resume generated/powerofficego_zendesk")
@package_argument
@company_option
@store_option
def resume(package: str | None, company: str | None, store: str | None) -> None:
    """Let PACKAGE go on, or without PACKAGE the company; exit code 2 where it was not paused.

    Packages that were paused by themselves stay so when the company goes on, and are named.
    """
    with _opened(package, company, store) as chosen:
        connection, numbers = chosen.store.connection, chosen.companies
        who = this_user()
        found = [deciding.resume(connection, number, chosen.name, who) for number in numbers]
        left = {name for number in numbers for name in read_pauses(connection, number)}
    if not any(found):
        whole = replace(chosen, name=WHOLE).again("resume")
        more = f"; the company is: `{whole}`" if WHOLE in left and chosen.name else ""
        raise PackageError(f"{chosen.called()} is not paused{more}")
    # Another package's pause does not concern who let one go on.
    still = sorted(left) if chosen.name == WHOLE else sorted(left & {WHOLE})
    more = f"; still paused: {', '.join(map(_called, still))}" if still else ""
    click.echo(f"{chosen.called()} goes on with the next sync{more}")


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What is to be paused or resumed: a package's name, or WHOLE, and whose it is."""

    store: Store
    name: str
    companies: tuple[int, ...]
    company: str = ""

    def called(self) -> str:
        """Return what is chosen in words."""
        whose = f"company {self.company}" if self.company else "the company"
        if self.name == WHOLE:
            return whose
        return f"{self.name} of {whose}" if self.company else self.name

    def again(self, command: str) -> str:
        """Return the command that is about the same."""
        words = (*((self.name,) if self.name else ()), *given(company=self.company))
        return " ".join(("specbridge", command, *words))


@contextmanager
def _opened(package: str | None, company: str | None, store: str | None) -> Iterator[_Chosen]:
    """Open the store and find what is meant; what the block does is committed.

    No lease is asked for: a watch may be busy for hours, and what is paused is for the next run.
    """
    if package and company == _ALL:
        raise click.UsageError("say PACKAGE or --company, not both")
    configure_logs(0)
    settings = load_settings(Path.cwd())
    whose = choose_company(company or None, settings, os.environ).name
    with open_store(store_url(store, settings)) as opened, store_errors():
        if package is None:
            yield _Chosen(opened, WHOLE, (number_company(opened.connection, whose),), whose)
        else:
            yield _find_package(opened, whose, package, settings.root)
        opened.commit()


def _find_package(store: Store, company: str, place: str, root: Path) -> _Chosen:
    # A directory or an import path, as for `sync`: the store knows the last word of either.
    name = Path(place).name.rpartition(".")[2]
    known = {row.company for row in known_packages(store.connection) if row.name == name}
    numbers = known & {find_company(store.connection, company)} if company else known
    if not numbers:
        # It may not have run yet. Raises PackageError where there is none.
        name, _ = load_package(place, root)
        numbers = {number_company(store.connection, company)}
    return _Chosen(store, name, tuple(sorted(numbers)), company)


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
