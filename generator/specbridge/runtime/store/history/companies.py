"""How companies stand, counted, and when they last ran: asked of a store that may not be there yet."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, func, select

from specbridge.runtime.store.engine import open_reading, store_errors
from specbridge.runtime.store.leasing.pausing import WHOLE, Pause
from specbridge.runtime.store.tables.schema import (
    accounts,
    candidates,
    companies,
    conflicts,
    dead_letters,
    pairings,
    pauses,
    resources,
    runs,
    schedules,
    unsettled,
    webhooks,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyState:
    """What the store knows of a company; instants are seconds since 1970, None where there was none.

    `run` is its last sync, a row of `runs`. `dead_letters` are those that nobody has acknowledged, `ambiguous`
    pairs that match and are not linked. `heard_at` is when a webhook came last. `next_at` is when workers run
    it next, None where none does.
    """

    number: int
    run: Row[Any] | None = None
    conflicts: int = 0
    dead_letters: int = 0
    ambiguous: int = 0
    heard_at: float | None = None
    next_at: float | None = None
    pause: Pause | None = None

    @property
    def began_at(self) -> float | None:
        """Return when its last sync began."""
        return None if self.run is None else self.run.started_at


def last_began(url: str, company: str) -> float | None:
    """Return when a company's last sync began (seconds since 1970), None where there was none.

    Raises StoreError where the store cannot be opened.
    """
    with open_reading(url) as store, store_errors():
        own = select(companies.c.number).where(companies.c.name == company).scalar_subquery()
        mine = runs.c.company == own, runs.c.kind == "sync"
        found: float | None = store.connection.execute(
            select(func.max(runs.c.started_at)).where(*mine)
        ).scalar()
        return found


def company_states(connection: Connection) -> dict[str, CompanyState]:
    """Return how all companies of a store stand, by name; each table is asked once for all of them."""
    names = {row.number: row.name for row in connection.execute(select(companies))}
    last = _last_runs(connection)
    open_conflicts = _count(connection, conflicts, (unsettled, conflicts.c.state == "open"))
    letters = _count(connection, dead_letters, (dead_letters.c.acknowledged.is_(False),))
    doubted = _count(connection, candidates, ())
    heard = _by_company(connection, webhooks, func.max(webhooks.c.heard_at))
    due = _by_company(connection, schedules, func.max(schedules.c.next_at))
    paused = _pauses(connection)
    return {
        name: CompanyState(
            number=number,
            run=last.get(number),
            conflicts=open_conflicts[number],
            dead_letters=letters[number],
            ambiguous=doubted[number],
            heard_at=heard.get(number),
            next_at=due.get(number),
            pause=paused.get(number),
        )
        for number, name in names.items()
    }


def known_fingerprints(connection: Connection, company: str) -> dict[str, str]:
    """Return what is known of a company's accounts, by system; those that no run has asked yet are left out."""
    chosen = select(accounts.c.system, accounts.c.fingerprint).join(
        companies, companies.c.number == accounts.c.company
    )
    own = companies.c.name == company, accounts.c.owner == "", accounts.c.fingerprint.is_not(None)
    return {row.system: row.fingerprint for row in connection.execute(chosen.where(*own))}


def _last_runs(connection: Connection) -> dict[int, Row[Any]]:
    newest = select(func.max(runs.c.number)).where(runs.c.kind == "sync").group_by(runs.c.company)
    rows = connection.execute(select(runs).where(runs.c.number.in_(newest)))
    return {row.company: row for row in rows}


def _count(
    connection: Connection, table: Table, wanted: Iterable[ColumnElement[bool]]
) -> Counter[int]:
    """Return how many rows of a table that is by pairing each company has."""
    chosen = (
        select(accounts.c.company, func.count().label("amount"))
        .select_from(table)
        .join(pairings, pairings.c.number == table.c.pairing)
        .join(resources, resources.c.number == pairings.c.source)
        .join(accounts, accounts.c.number == resources.c.account)
        .where(*wanted)
        .group_by(accounts.c.company)
    )
    return Counter({row.company: row.amount for row in connection.execute(chosen)})


def _by_company(
    connection: Connection, table: Table, value: ColumnElement[float]
) -> dict[int, float]:
    chosen = select(table.c.company, value.label("found")).group_by(table.c.company)
    return {row.company: row.found for row in connection.execute(chosen) if row.found is not None}


def _pauses(connection: Connection) -> dict[int, Pause]:
    rows = connection.execute(select(pauses).where(pauses.c.package == WHOLE))
    return {row.company: Pause(row.package, row.since, row.reason) for row in rows}
