"""Which failures are worth another attempt, and when."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from specbridge.errors import ServerError, UnreachableError
from specbridge.runtime.connectors.transport.retry import (
    Failure,
    FailureKind,
    Patience,
    RetryPolicy,
    read_date,
    read_retry_after,
)

from tests.runtime.connectors.clocks import ManualTime

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
POLICY = RetryPolicy()


def failure(kind: FailureKind, retry_after: float | None = None) -> Failure:
    return Failure(kind=kind, error=ServerError("no"), retry_after=retry_after)


@pytest.mark.parametrize("kind", list(FailureKind))
def test_unsafe_requests_are_repeated_only_where_nothing_can_have_happened(
    kind: FailureKind,
) -> None:
    sure = kind in (FailureKind.THROTTLED, FailureKind.UNSENT)
    assert POLICY.may_repeat(failure(kind), 1, False) is sure
    assert POLICY.may_repeat(failure(kind), 1, True) is (kind is not FailureKind.EXPIRED)


@pytest.mark.parametrize(
    ("kind", "attempts"),
    [
        (FailureKind.THROTTLED, POLICY.attempts),
        (FailureKind.SERVER, POLICY.attempts),
        (FailureKind.LOST, POLICY.attempts),
        (FailureKind.UNSENT, POLICY.reconnects),
        (FailureKind.MALFORMED, POLICY.rereads),
    ],
)
def test_attempts_are_bounded(kind: FailureKind, attempts: int) -> None:
    assert POLICY.may_repeat(failure(kind), attempts - 1, True)
    assert not POLICY.may_repeat(failure(kind), attempts, True)


def test_waits_double_up_to_the_longest() -> None:
    waits = [POLICY.delay(failure(FailureKind.SERVER), n, 1.0) for n in range(1, 8)]
    assert waits == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_chance_spreads_waits() -> None:
    low = POLICY.delay(failure(FailureKind.SERVER), 3, 0.0)
    high = POLICY.delay(failure(FailureKind.SERVER), 3, 1.0)
    assert (low, high) == (0.4, 0.8)


@pytest.mark.parametrize("kind", [FailureKind.THROTTLED, FailureKind.SERVER])
def test_retry_after_is_obeyed(kind: FailureKind) -> None:
    delay = POLICY.delay(failure(kind, 42.0), 1, 1.0)
    assert 42.0 <= delay <= 42.25


def test_a_throttled_request_waits_a_second_at_least() -> None:
    assert POLICY.delay(failure(FailureKind.THROTTLED), 1, 0.0) == 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("1e9", None),
        ("\u00b2", None),
        ("1_000", None),
        ("nan", None),
        ("inf", None),
        ("9" * 5000, None),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
        ("Mon, 23 Nov 2026 12:00:30 -0000", 30.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 11:00:30 GMT", 0.0),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(text: str | None, expected: float | None) -> None:
    assert read_retry_after(text, NOW) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mon, 23 Nov 2026 14:00:00 +0200", NOW),
        ("Mon, 23 Nov 2026 12:00:00 -0000", NOW),
        ("Fri, 31 Dec 9999 23:59:59 -2300", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_a_date_is_believed_where_it_may_be_one(
    text: str | None, expected: datetime | None
) -> None:
    assert read_date(text, NOW) == expected


@dataclass
class Attempts:
    """Fails as often as told, then answers; `waits` are those announced, `left` the patience it was told."""

    failures: list[Failure]
    made: int = 0
    waits: list[float] = field(default_factory=list)
    left: list[float] = field(default_factory=list)

    def attempt(self, left: float) -> str | Failure:
        self.made += 1
        self.left.append(left)
        return self.failures.pop(0) if self.failures else "answer"

    def note(self, _failure: Failure, seconds: float) -> None:
        self.waits.append(seconds)


def patience(attempts: Attempts, time: ManualTime, policy: RetryPolicy = POLICY) -> Patience:
    return Patience(policy=policy, clock=time.clock(1.0), safe=True, before_wait=attempts.note)


def test_an_attempt_is_repeated_until_it_answers() -> None:
    time, attempts = ManualTime(), Attempts([failure(FailureKind.SERVER)] * 3)
    assert patience(attempts, time).repeat(attempts.attempt) == "answer"
    assert attempts.waits == time.sleeps == [0.2, 0.4, 0.8]


def test_all_waits_together_stay_within_patience() -> None:
    time, attempts = ManualTime(), Attempts([failure(FailureKind.SERVER)] * 7)
    with pytest.raises(ServerError):
        patience(attempts, time, RetryPolicy(patience=2.0)).repeat(attempts.attempt)
    assert time.sleeps == [0.2, 0.4, 0.8]
    assert attempts.made == 4


def test_what_failed_exchanges_took_counts_too() -> None:
    lost = [Failure(kind=FailureKind.LOST, error=ServerError("no"), took=1.0)] * 7
    time, attempts = ManualTime(), Attempts(lost)
    with pytest.raises(ServerError):
        patience(attempts, time, RetryPolicy(patience=2.0)).repeat(attempts.attempt)
    assert attempts.left == pytest.approx([2.0, 0.8])


def test_without_patience_nothing_is_repeated() -> None:
    time, attempts = ManualTime(), Attempts([failure(FailureKind.THROTTLED, 0.5)] * 7)
    with pytest.raises(ServerError):
        patience(attempts, time, RetryPolicy(patience=0.0)).repeat(attempts.attempt)
    assert (attempts.made, time.sleeps) == (1, [])


def test_an_exception_is_no_failure_to_be_repeated() -> None:
    time, made = ManualTime(), Attempts([])

    def attempt(_left: float) -> str:
        made.made += 1
        raise UnreachableError("closed")

    with pytest.raises(UnreachableError, match="closed"):
        patience(made, time).repeat(attempt)
    assert made.made == 1
