"""What whoever looks on is told of waits: which one, how long, and that it has ended early."""

from dataclasses import replace

import pytest
from specbridge.model.profile import Limit
from specbridge.runtime.connectors.transport.clock import Clock
from specbridge.runtime.connectors.transport.limits import Scheduler
from specbridge.runtime.connectors.transport.sharing import name_limit

from tests.runtime.connectors.clocks import ManualTime

Told = list[tuple[str, float]]
A_MINUTE = Limit(requests=2, seconds=60.0, method="GET", path="/exports/", header="exports")


def looking_on(time: ManualTime) -> tuple[Clock, Told]:
    """Return a clock, and what it tells of waits."""
    told: Told = []
    return replace(time.clock(), told=lambda why, seconds: told.append((why, seconds))), told


def test_a_limit_that_is_used_up_is_told_with_what_is_left_of_the_wait() -> None:
    clock, told = looking_on(ManualTime())
    scheduler = Scheduler((A_MINUTE,), clock)
    for _ in range(2):
        scheduler.wait_turn("GET", "/exports/users")
    assert told == []
    scheduler.wait_turn("GET", "/exports/users")
    named = "its limit, 2 in 60 s (GET /exports/)"
    assert {why for why, _ in told} == {named}
    seconds = [left for _, left in told]
    assert 60.0 < seconds[0] < 63.0
    assert seconds == sorted(seconds, reverse=True)
    assert seconds[-1] == 0.0


def test_the_limit_that_lets_a_request_go_last_is_named() -> None:
    clock, told = looking_on(ManualTime())
    scheduler = Scheduler((Limit(requests=1, seconds=5.0), A_MINUTE), clock)
    for _ in range(2):
        scheduler.wait_turn("GET", "/exports/users")
    assert {why for why, _ in told} == {"its limit, 1 in 5 s"}


def test_a_usual_pace_is_no_wait() -> None:
    clock, told = looking_on(ManualTime())
    scheduler = Scheduler((Limit(requests=10, seconds=1.0),), clock)
    for _ in range(50):
        scheduler.wait_turn("GET", "/x")
    assert told == []


def test_a_limit_is_named_by_the_account_s_own_size() -> None:
    assert name_limit(A_MINUTE, 20) == "its limit, 20 in 60 s (GET /exports/)"
    assert name_limit(Limit(requests=9, seconds=0.5), 9) == "its limit, 9 in 0.5 s"


@pytest.mark.parametrize(
    ("seconds", "heard"), [(0.2, False), (0.5, True), (30.0, True), (0.0, True)]
)
def test_what_nobody_would_notice_is_not_told(seconds: float, heard: bool) -> None:
    clock, told = looking_on(ManualTime())
    clock.tell("a job", seconds)
    assert bool(told) is heard


def test_where_nobody_looks_on_nothing_is_told() -> None:
    ManualTime().clock().tell("a job", 30.0)
