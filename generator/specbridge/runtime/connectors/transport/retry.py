"""When a failed request is made again, and after how long.

tenacity runs the loop; what it is told here is pure. stamina, which is built on it, sleeps by itself
and counts attempts only (docs/decisions/0010-tenacity.md).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import TypeVar

from tenacity import RetryCallState, Retrying

from specbridge.errors import ApiError
from specbridge.model.profile import Limit
from specbridge.runtime.connectors.transport.clock import Clock, pause

ResultT = TypeVar("ResultT")

# Ten digits of seconds are three hundred years.
_NUMBER = re.compile(r"\d{1,10}", re.ASCII)
_SECONDS = re.compile(r"-?\d{1,10}(\.\d{0,9})?", re.ASCII)
_BELIEVABLE = timedelta(days=3652)


class FailureKind(Enum):
    """Why there is no answer to work with."""

    THROTTLED = "throttled"  # refused before it was carried out: any request may be repeated
    UNSENT = "unsent"  # never reached the server: likewise
    LOST = "lost"  # no answer: carried out or not
    SERVER = "server"  # 5xx: likewise
    MALFORMED = "malformed"  # an answer that cannot be read: likewise
    EXPIRED = "expired"  # the credentials were refused, a new token too


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A request that failed; `error` is what to raise, `retry_after` the server's wish in seconds.

    `took` is the seconds that the exchange itself took, without the wait for its turn; `limit` is the
    one that the server says is reached, None where it does not say.
    """

    kind: FailureKind
    error: ApiError
    retry_after: float | None = None
    took: float = 0.0
    limit: Limit | None = None


@dataclass(frozen=True, slots=True)
class _Raised:
    """What an attempt raised, until it is taken out: tenacity's frames, which it knows, keep this."""

    errors: list[Exception]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How patient a connector is.

    A request is made at most `attempts` times (`reconnects` where nothing answers at all, `rereads`
    where the answer cannot be read). Waits double from `first` to at most `longest` seconds;
    Retry-After lengthens them. What failed exchanges take and all waits of a request together stay
    within `patience` seconds.
    """

    attempts: int = 8
    reconnects: int = 4
    rereads: int = 4
    first: float = 0.2
    longest: float = 5.0
    patience: float = 300.0

    def may_repeat(self, failure: Failure, attempt: int, safe: bool) -> bool:
        """Return whether a request may be made again after failed attempt `attempt` (from 1)."""
        return attempt < self._limit(failure.kind) and _may_repeat(failure.kind, safe)

    def delay(self, failure: Failure, attempt: int, chance: float) -> float:
        """Return the seconds to wait after failed attempt `attempt` (from 1).

        `chance` (0 to 1) spreads the waits of clients that failed together.
        """
        wait = min(self.first * 2.0 ** (attempt - 1), self.longest) * (0.5 + chance / 2)
        if failure.kind is FailureKind.THROTTLED:
            wait = max(wait, 1.0 if failure.retry_after is None else failure.retry_after)
            return wait + min(wait, 1.0) * chance * 0.25
        return max(wait, failure.retry_after or 0.0)

    def _limit(self, kind: FailureKind) -> int:
        match kind:
            case FailureKind.UNSENT:
                return self.reconnects
            case FailureKind.MALFORMED:
                return self.rereads
            case _:
                return self.attempts


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How one request is repeated; `before_wait` is told each failure and the wait that follows."""

    policy: RetryPolicy
    clock: Clock
    safe: bool
    before_wait: Callable[[Failure, float], None]

    def repeat(self, attempt: Callable[[float], ResultT | Failure]) -> ResultT:
        """Return what an attempt yields in the end; raises the last failure's error.

        Each attempt is told the seconds of patience that are left.
        """
        trouble = _Trouble()

        def measured() -> ResultT | Failure:
            outcome = attempt(max(0.0, self.policy.patience - trouble.seconds))
            if isinstance(outcome, Failure):
                trouble.seconds += outcome.took
            return outcome

        def sleep(seconds: float) -> None:
            trouble.seconds += seconds
            pause(self.clock, seconds)

        retrying = Retrying(
            sleep=sleep,
            retry=self._should_retry,
            wait=self._wait,
            stop=lambda state: trouble.seconds + state.upcoming_sleep > self.policy.patience,
            before_sleep=self._tell,
            retry_error_callback=_last_outcome,
        )
        try:
            outcome = retrying(lambda: _keep_error(measured))
        finally:
            # It lists methods of its own: a cycle, in which the connector would stay with all it has.
            retrying.iter_state.reset()
        if isinstance(outcome, _Raised):
            raise outcome.errors.pop()
        if not isinstance(outcome, Failure):
            return outcome
        try:
            raise outcome.error
        finally:
            # The error knows this frame: the frame must not know the error.
            del outcome

    def _should_retry(self, state: RetryCallState) -> bool:
        # An exception is not ours to repeat.
        failure = _failure_of(state)
        return failure is not None and self.policy.may_repeat(
            failure, state.attempt_number, self.safe
        )

    def _wait(self, state: RetryCallState) -> float:
        failure = _failure_of(state)
        if failure is None:
            return 0.0
        return self.policy.delay(failure, state.attempt_number, self.clock.chance())

    def _tell(self, state: RetryCallState) -> None:
        failure = _failure_of(state)
        if failure is not None:
            self.before_wait(failure, state.upcoming_sleep)


@dataclass(slots=True)
class _Trouble:
    """The seconds that a request has cost in failed exchanges and waits."""

    seconds: float = 0.0


def read_number(text: str) -> int | None:
    """Return a header's whole number; None for all else, such as `\u00b2`, and for one without measure."""
    return int(text) if _NUMBER.fullmatch(text.strip()) else None


def read_date(text: str | None, now: datetime) -> datetime | None:
    """Return the instant (UTC) of a Date header, None for one that says nothing believable.

    A server whose clock is decades off would take our cursors there, past all that comes.
    """
    try:
        said = parsedate_to_datetime(text or "")
        instant = (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None
    return instant if abs(instant - now) < _BELIEVABLE else None


def read_retry_after(text: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for (a number or a date), None if unread."""
    if not text:
        return None
    if _SECONDS.fullmatch(text.strip()):
        return max(0.0, float(text))
    date = read_date(text, now)
    return None if date is None else max(0.0, (date - now).total_seconds())


def _may_repeat(kind: FailureKind, safe: bool) -> bool:
    if kind is FailureKind.EXPIRED:
        return False
    return safe or kind in (FailureKind.THROTTLED, FailureKind.UNSENT)


def _keep_error(attempt: Callable[[], ResultT]) -> ResultT | _Raised:
    try:
        return attempt()
    except Exception as error:
        return _Raised([error])


def _failure_of(state: RetryCallState) -> Failure | None:
    if state.outcome is None or state.outcome.failed:
        return None
    outcome = state.outcome.result()
    return outcome if isinstance(outcome, Failure) else None


def _last_outcome(state: RetryCallState) -> object:
    return None if state.outcome is None else state.outcome.result()
