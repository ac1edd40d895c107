"""A company's turn: whether it is due still, its run, and when the next one is."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import NamedTuple, Protocol

import structlog
from structlog.typing import FilteringBoundLogger

from specbridge.errors import SpecbridgeError, StoreBusyError, StoreError
from specbridge.runtime.reports.report import Report, RunOutcome
from specbridge.runtime.store.engine import Store, open_store, store_errors
from specbridge.runtime.store.leasing.leases import read_clock
from specbridge.runtime.store.leasing.schedules import (
    Ended,
    Turn,
    end_run,
    postpone,
    read_turn,
    waiting_wakes,
)
from specbridge.service.queue.pacing import SHORTEST, bounds_of, next_period, pause_after

log = structlog.get_logger("specbridge")

_SOON = 3.0
"""Seconds until a company is tried again on whose systems somebody else works."""


class Plan(NamedTuple):
    """When a company runs: within so many seconds, or as `next_after` says, given when a run began and the present."""

    seconds: float | None
    next_after: Callable[[float, float], float | None]


class Runs(Protocol):
    """Runs companies, as `sync` does."""

    def plan(self, company: str) -> Plan:
        """Return when a company runs; raises SettingsError for one that the settings do not know."""

    def run(self, company: str, unpolled: frozenset[str], stop: Event) -> Report:
        """Run a company once, without listing the systems in `unpolled`; raises SpecbridgeError where that fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A run that begins: the company's turn, the instant, and the wakes that are there, with their systems."""

    turn: Turn
    now: float
    woken: frozenset[int]
    systems: frozenset[str]

    @property
    def unpolled(self) -> frozenset[str]:
        """Return the systems of which only woken records are read: they were listed a moment ago."""
        rested = self.now - self.turn.polled_at < SHORTEST and self.turn.next_at > self.now
        return self.systems if rested else frozenset()


def take_turn(url: str, company: str, runs: Runs, stop: Event) -> bool:
    """Run a company if it is due still, and note when it is next; return whether all went well.

    Raises StoreError where that cannot be noted.
    """
    begun = _begin(url, company)
    if begun is None:
        return True
    told = log.bind(company=company)
    done: tuple[Plan, Report] | None = None
    try:
        done = runs.plan(company), runs.run(company, begun.unpolled, stop)
    except StoreError as error:
        # Not the company's fault: its lease is held, or the database was away.
        busy = isinstance(error, StoreBusyError)
        told.log(logging.INFO if busy else logging.WARNING, "a run has to wait", reason=str(error))
        _note(url, lambda store, now: postpone(store.connection, company, now + _SOON))
        return True
    except SpecbridgeError as error:
        told.warning("a run failed", reason=str(error))
    except Exception:  # whatever one company's run dies of, the others go on
        told.exception("a run failed by a fault of specbridge")
    if done is not None:
        _tell(told, done[1])
    well = done is not None and done[1].outcome not in _FAILED
    if not well and stop.is_set():
        # Cut short, not failed: the company is still due.
        return True
    _note(url, lambda store, now: _end(store, begun, done if well else None, now))
    return well


_FAILED = (RunOutcome.FAILED, RunOutcome.GUARD)


def _begin(url: str, company: str) -> Begun | None:
    with store_errors(), open_store(url) as store:
        turn, now = read_turn(store.connection, company), read_clock(store.connection)
        if turn is None or not turn.is_due(now):
            return None
        woken = waiting_wakes(store.connection, company)
    return Begun(turn=turn, now=now, woken=frozenset(woken), systems=frozenset(woken.values()))


def _note(url: str, write: Callable[[Store, float], None]) -> None:
    with store_errors(), open_store(url) as store:
        write(store, read_clock(store.connection))
        store.commit()


def _end(store: Store, begun: Begun, done: tuple[Plan, Report] | None, now: float) -> None:
    """Note when a company is due after a run; `done` is None after one that failed."""
    turn = begun.turn
    if done is None:
        at = now + pause_after(turn.failures + 1)
        ended = Ended(next_at=at, period=turn.period, polled_at=None, failed=True)
    else:
        plan, report = done
        ended = plan_next(begun, plan, now, busy=report.writes > 0)
    end_run(store.connection, turn.company, ended, now)


def plan_next(begun: Begun, plan: Plan, now: float, *, busy: bool) -> Ended:
    """Return when a company is due after a run that went well; `busy`: it found something to do."""
    turn, polled = begun.turn, not begun.unpolled
    listed = begun.now if polled else turn.polled_at
    if plan.seconds is None:
        period, due = 0.0, plan.next_after(begun.now, now)
    else:
        late = max(0.0, begun.now - turn.next_at) if turn.next_at and not turn.woken else 0.0
        known = turn.period if not polled else 0.0
        period = known or next_period(turn.period, bounds_of(plan.seconds), busy=busy, late=late)
        due = listed + period
    return Ended(
        next_at=_NEVER if due is None else due,
        period=period,
        polled_at=listed if polled else None,
        failed=False,
        woken=begun.woken,
    )


_NEVER = 4e9
"""A time for what only webhooks and people start: 2096."""


def _tell(told: FilteringBoundLogger, report: Report) -> None:
    told.info(
        "a run ended",
        run=report.run,
        outcome=report.outcome.value,
        writes=report.writes,
        seconds=round(report.seconds, 1),
        error=report.error,
    )
