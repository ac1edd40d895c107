"""What comes in by itself: events that were taken in once, and the records that they have woken."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, func, insert, select, text, update

from specbridge.runtime.store.tables.rows import delete_rows, storable
from specbridge.runtime.store.tables.schema import companies, events, wakes, webhooks

KEPT = 7 * 86_400.0
"""Seconds for which events are remembered, and wakes that no run took; systems send again for two days at most."""


class Woken(NamedTuple):
    """A record that somebody said has changed: its system, its resource's name, its id."""

    system: str
    resource: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """How a company hears of a system's changes: when that last began (seconds since 1970), and when it last did, if ever.

    `missed` is how many changes were found by reading alone since then.
    """

    system: str
    since: float
    heard_at: float | None
    missed: int

    @property
    def silent_since(self) -> float:
        """Return the instant from which nothing was heard."""
        return max(self.since, self.heard_at or 0.0)


# Each statement writes at once: on SQLite a transaction that has read before may find itself too late to write.
_REMEMBER = text(
    "INSERT INTO events (company, system, id, at) VALUES (:company, :system, :id, :at) "
    "ON CONFLICT (company, system, id) DO NOTHING"
)
_HEARD = (
    "INSERT INTO webhooks (company, system, since, heard_at, missed) "
    "VALUES (:company, :system, :at, :heard_at, 0) ON CONFLICT (company, system) DO "
)
_HEARD_FIRST = text(f"{_HEARD}UPDATE SET since = :at")
# Once a second is enough: many that come at once would wait for each other's turn at the one row.
_HEARD_AGAIN = text(
    f"{_HEARD}UPDATE SET heard_at = :heard_at, missed = 0 WHERE webhooks.missed > 0 "
    "OR webhooks.heard_at IS NULL OR webhooks.heard_at < :heard_at - 1.0"
)


def remember_event(connection: Connection, company: int, system: str, id_: str, now: float) -> bool:
    """Note that an event was taken in; return whether it is the first time."""
    row = {"company": company, "system": system, "id": storable(id_), "at": now}
    return connection.execute(_REMEMBER, row).rowcount > 0


def add_wakes(connection: Connection, company: int, records: Iterable[Woken], now: float) -> None:
    """Have the next run of a company read these records by id."""
    rows = [
        {"company": company, "system": one.system, "resource": one.resource, "at": now}
        | {"id": storable(one.id)}
        for one in dict.fromkeys(records)
    ]
    if rows:
        connection.execute(insert(wakes), rows)


def pending_wakes(connection: Connection, company: int) -> dict[tuple[str, str], dict[int, str]]:
    """Return the ids of a company's records that wait to be read, by number, by system and resource."""
    found: dict[tuple[str, str], dict[int, str]] = {}
    for row in connection.execute(_PENDING, {"of_company": company}):
        found.setdefault((row.system, row.resource), {})[row.number] = row.id
    return found


_PENDING = select(wakes).where(wakes.c.company == bindparam("of_company")).order_by(wakes.c.number)


def woken_systems(connection: Connection, company: str, after: int) -> tuple[frozenset[str], int]:
    """Return the systems with records that wait with numbers above `after`, and the last number."""
    own = select(companies.c.number).where(companies.c.name == company).scalar_subquery()
    chosen = select(wakes.c.system, func.max(wakes.c.number)).group_by(wakes.c.system)
    rows = connection.execute(chosen.where(wakes.c.company == own, wakes.c.number > after)).all()
    return frozenset(row[0] for row in rows), max((row[1] for row in rows), default=after)


def drop_wakes(connection: Connection, numbers: Collection[int]) -> None:
    """Forget that records were to be read, by the wakes' own numbers; later ones of the same records stay."""
    delete_rows(connection, wakes, "number", sorted(numbers))


def forget_old(connection: Connection, before: float) -> None:
    """Forget the events and wakes from before an instant."""
    for table in (events, wakes):
        connection.execute(delete(table).where(table.c.at < before))


def open_hearing(connection: Connection, company: int, system: str, now: float) -> None:
    """Note that a system's webhooks are taken in for a company from now on, again or for the first time."""
    row = {"company": company, "system": system, "at": now, "heard_at": None}
    connection.execute(_HEARD_FIRST, row)


def note_heard(connection: Connection, company: int, system: str, now: float) -> None:
    """Note that something came of a system's webhooks."""
    row = {"company": company, "system": system, "at": now, "heard_at": now}
    connection.execute(_HEARD_AGAIN, row)


def note_missed(connection: Connection, company: int, system: str, count: int) -> None:
    """Note that reading found changes of which no webhook told."""
    own = webhooks.c.company == company, webhooks.c.system == system
    changed = update(webhooks).where(*own).values(missed=webhooks.c.missed + count)
    connection.execute(changed)


def hearings(connection: Connection, company: int) -> Sequence[Hearing]:
    """Return how a company hears of its systems' changes, by system; none where no webhook is taken in."""
    return [
        Hearing(system=row.system, since=row.since, heard_at=row.heard_at, missed=row.missed)
        for row in connection.execute(_HEARINGS, {"of_company": company})
    ]


_HEARINGS = (
    select(webhooks)
    .where(webhooks.c.company == bindparam("of_company"))
    .order_by(webhooks.c.system)
)
