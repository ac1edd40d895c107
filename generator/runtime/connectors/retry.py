"""When a failed request is made again, and after how long; pure.

stamina was weighed: it sleeps by itself and counts attempts only, while here the server's own
Retry-After decides, and a request that may have been carried out must not be repeated at all.
"""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from generator.errors import ApiError


class FailureKind(Enum):
    """Why there is no answer to work with."""

    THROTTLED = "throttled"  # refused before it was carried out: any request may be repeated
    UNSENT = "unsent"  # never reached the server: likewise
    LOST = "lost"  # no answer: carried out or not
    SERVER = "server"  # 5xx: likewise
    MALFORMED = "malformed"  # an answer that cannot be read: likewise
    EXPIRED = "expired"  # the token was refused: another one may help, once


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A request that failed; `error` is what to raise, `retry_after` the server's wish in seconds."""

    kind: FailureKind
    error: ApiError
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How patient a connector is.

    A request is made at most `attempts` times (`reconnects` where nothing answers at all, `rereads`
    where the answer cannot be read). Waits double from `first` to at most `longest` seconds;
    Retry-After lengthens them. All waits of a request together stay within `patience` seconds.
    """

    attempts: int = 8
    reconnects: int = 4
    rereads: int = 4
    first: float = 0.2
    longest: float = 5.0
    patience: float = 300.0

    def delay(self, failure: Failure, attempt: int, safe: bool, chance: float) -> float | None:
        """Return the seconds to wait after failed attempt `attempt` (from 1), None to give up.

        `chance` (0 to 1) spreads the waits of clients that failed together.
        """
        if attempt >= self._limit(failure.kind) or not _may_repeat(failure.kind, safe):
            return None
        if failure.kind is FailureKind.EXPIRED:
            return 0.0
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


def read_retry_after(text: str | None, now: datetime) -> float | None:
    """Return the seconds that a Retry-After header asks for (a number or a date), None if unread."""
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _may_repeat(kind: FailureKind, safe: bool) -> bool:
    return safe or kind in (FailureKind.THROTTLED, FailureKind.UNSENT, FailureKind.EXPIRED)
