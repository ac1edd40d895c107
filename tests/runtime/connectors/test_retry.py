"""Which failures are worth another attempt, and when."""

from datetime import UTC, datetime

import pytest

from generator.errors import ServerError
from generator.runtime.connectors.retry import (
    Failure,
    FailureKind,
    RetryPolicy,
    read_retry_after,
)

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)
POLICY = RetryPolicy()


def failure(kind: FailureKind, retry_after: float | None = None) -> Failure:
    return Failure(kind=kind, error=ServerError("no"), retry_after=retry_after)


@pytest.mark.parametrize("kind", list(FailureKind))
def test_unsafe_requests_are_repeated_only_where_nothing_can_have_happened(
    kind: FailureKind,
) -> None:
    repeated = POLICY.delay(failure(kind), 1, False, 0.5) is not None
    sure = kind in (FailureKind.THROTTLED, FailureKind.UNSENT, FailureKind.EXPIRED)
    assert repeated is sure
    assert POLICY.delay(failure(kind), 1, True, 0.5) is not None


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
    assert POLICY.delay(failure(kind), attempts - 1, True, 0.0) is not None
    assert POLICY.delay(failure(kind), attempts, True, 0.0) is None


def test_waits_double_up_to_the_longest() -> None:
    waits = [POLICY.delay(failure(FailureKind.SERVER), n, True, 1.0) for n in range(1, 8)]
    assert waits == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_chance_spreads_waits() -> None:
    low = POLICY.delay(failure(FailureKind.SERVER), 3, True, 0.0)
    high = POLICY.delay(failure(FailureKind.SERVER), 3, True, 1.0)
    assert (low, high) == (0.4, 0.8)


@pytest.mark.parametrize("kind", [FailureKind.THROTTLED, FailureKind.SERVER])
def test_retry_after_is_obeyed(kind: FailureKind) -> None:
    delay = POLICY.delay(failure(kind, 42.0), 1, True, 1.0)
    assert delay is not None
    assert 42.0 <= delay <= 42.25


def test_a_throttled_request_waits_a_second_at_least() -> None:
    assert POLICY.delay(failure(FailureKind.THROTTLED), 1, True, 0.0) == 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("-3", 0.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 11:00:30 GMT", 0.0),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(text: str | None, expected: float | None) -> None:
    assert read_retry_after(text, NOW) == expected
