"""When it is a company's turn: what workers on one store agree on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    select,
    text,
    update,
)

from specbridge.runtime.store.leasing.pausing import WHOLE
from specbridge.runtime.store.tables.schema import companies, pauses, schedules, wakes, webhooks

_BEGIN = text(
    "INSERT INTO schedules (company, next_at) SELECT number, :next_at FROM companies "
    "WHERE name = :name ON CONFLICT (company) DO NOTHING"
)
_TICK_LOCK = 5_127_402_164
"""What PostgreSQL's locks know the choosing of due companies by; any number that nobody else takes."""

_waiting = (
    select(func.count())
    .select_from(wakes)
    .where(wakes.c.company == schedules.c.company)
    .scalar_subquery()
)
_paused = exists().where(pauses.c.company == schedules.c.company, pauses.c.package == WHOLE)

# What a run left untaken does not call for the next one. After failures only time does.
_woken = and_(schedules.c.failures == 0, _waiting != schedules.c.untaken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """When a company is due and how it has fared; instants are seconds since 1970, 0.0 where there was none.

    `period` is how many seconds lie between two readings now. `polled_at` is when its systems were listed last, `ran_at` when
    a run ended last. `failures` are those in a row, `runs` and `failed` those of all time. `heard_at` is when
    a webhook came last, None where none ever did.
    """

    company: str
    next_at: float
    period: float
    polled_at: float
    ran_at: float
    failures: int
    runs: int
    failed: int
    woken: bool = False
    paused: bool = False
    heard_at: float | None = None

    def is_due(self, now: float) -> bool:
        """Return whether it is to run now."""
        return not self.paused and (self.woken or self.next_at <= now)


class Ended(NamedTuple):
    """How a run ended: when the next one is due, how long the period is then, and how it went.

    `polled_at` is when the systems were listed, None where this run did not. `woken` are the numbers of the wakes that
    were there when it began: such as are left do not call for another run, and whatever came since does.
    """

    next_at: float
    period: float
    polled_at: float | None
    failed: bool
    woken: frozenset[int] = frozenset()


def begin_schedules(connection: Connection, names: Iterable[str], now: float) -> None:
    """Have companies run that are not scheduled yet: at once."""
    rows = [{"name": name, "next_at": now} for name in names]
    if rows:
        connection.execute(_BEGIN, rows)


def read_turns(connection: Connection) -> Mapping[str, Turn]:
    """Return all companies' turns by name."""
    return {row.name: _turn(row) for row in connection.execute(_turns())}


def read_turn(connection: Connection, company: str) -> Turn | None:
    """Return a company's turn, None where it is not scheduled."""
    row = connection.execute(_turns().where(companies.c.name == company)).one_or_none()
    return None if row is None else _turn(row)


def end_run(connection: Connection, company: str, ended: Ended, now: float) -> None:
    """Note that a company's run has ended."""
    failed = int(ended.failed)
    left = select(func.count()).select_from(wakes).where(wakes.c.number.in_(sorted(ended.woken)))
    values = {
        "next_at": ended.next_at,
        "period": ended.period,
        "ran_at": now,
        "untaken": left.scalar_subquery(),
        "runs": schedules.c.runs + 1,
        "failed": schedules.c.failed + failed,
        "failures": schedules.c.failures + 1 if failed else 0,
    }
    if ended.polled_at is not None:
        values["polled_at"] = ended.polled_at
    connection.execute(update(schedules).where(_own(company)).values(**values))


def make_due(connection: Connection, company: str, at: float) -> None:
    """Have a company run at an instant, however it fared before; what waits now calls for nothing until then."""
    values = {"next_at": at, "failures": 0, "untaken": _waiting}
    connection.execute(update(schedules).where(_own(company)).values(**values))


def postpone(connection: Connection, company: str, at: float) -> None:
    """Have a company whose systems somebody else works on just now run at an instant, or whenever it is due later."""
    later = case((schedules.c.next_at > at, schedules.c.next_at), else_=at)
    connection.execute(update(schedules).where(_own(company)).values(next_at=later))


def waiting_wakes(connection: Connection, company: str) -> Mapping[int, str]:
    """Return the systems of a company's records that wait to be read, by the wakes' numbers."""
    chosen = select(wakes.c.number, wakes.c.system).join(
        companies, companies.c.number == wakes.c.company
    )
    rows = connection.execute(chosen.where(companies.c.name == company))
    return {row.number: row.system for row in rows}


def hasten(connection: Connection, company: str, seconds: float) -> None:
    """Have a company whose schedule may have become a denser one run so many seconds after its last run at the latest."""
    at = schedules.c.ran_at + seconds
    sooner = _own(company), schedules.c.failures == 0, schedules.c.next_at > at
    connection.execute(update(schedules).where(*sooner).values(next_at=at))


def choose_alone(connection: Connection) -> bool:
    """Return whether this transaction alone chooses who is due; of others that ask meanwhile none does."""
    return bool(connection.execute(select(func.pg_try_advisory_xact_lock(_TICK_LOCK))).scalar_one())


def _own(company: str) -> ColumnElement[bool]:
    number = select(companies.c.number).where(companies.c.name == bindparam("named", company))
    return schedules.c.company == number.scalar_subquery()


def _turns() -> Select[Any]:
    heard = select(func.max(webhooks.c.heard_at)).where(webhooks.c.company == schedules.c.company)
    return select(
        companies.c.name,
        schedules,
        _woken.label("woken"),
        _paused.label("paused"),
        heard.scalar_subquery().label("heard_at"),
    ).join(companies, companies.c.number == schedules.c.company)


def _turn(row: Row[Any]) -> Turn:
    return Turn(
        company=row.name,
        next_at=row.next_at,
        period=row.period,
        polled_at=row.polled_at,
        ran_at=row.ran_at,
        failures=row.failures,
        runs=row.runs,
        failed=row.failed,
        woken=bool(row.woken),
        paused=bool(row.paused),
        heard_at=row.heard_at,
    )
