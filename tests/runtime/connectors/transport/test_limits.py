"""Limits kept ahead of the server, with a clock that only sleeping moves."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from specbridge.model.profile import Limit
from specbridge.runtime.connectors.transport.limits import (
    Bucket,
    Scheduler,
    Statement,
    read_statement,
)

from tests.runtime.connectors.clocks import ManualTime


def run(limits: tuple[Limit, ...], calls: list[tuple[str, str]]) -> list[float]:
    """Return when each call starts, made as fast as the scheduler lets."""
    time = ManualTime()
    scheduler = Scheduler(limits, time.clock())
    starts = []
    for method, path in calls:
        scheduler.wait_turn(method, path)
        starts.append(time.seconds)
    return starts


def most_within(starts: list[float], seconds: float) -> int:
    return max(sum(start <= other < start + seconds for other in starts) for start in starts)


def test_ten_a_second_reaches_95_percent_and_never_exceeds() -> None:
    starts = run((Limit(requests=10, seconds=1.0),), [("GET", "/x")] * 301)
    assert most_within(starts, 1.0) <= 10
    assert 300 / starts[-1] >= 9.5


def test_a_request_keeps_away_from_one_that_left_late() -> None:
    """Ten threads have their turns and sleep; the first wakes up late, the eleventh in time."""
    bucket = Bucket(Limit(requests=10, seconds=1.0))
    planned = []
    for _ in range(20):
        start = bucket.earliest(0.0)
        planned.append((start, bucket.take(start)))
    first, eleventh = planned[0], planned[10]
    assert bucket.settle(first[1], first[0] + 0.3) == 0.0
    left = first[0] + 0.3
    wait = bucket.settle(eleventh[1], eleventh[0])
    assert wait > 0.0
    assert eleventh[0] + wait >= left + 1.0
    assert bucket.settle(eleventh[1], eleventh[0] + wait) == 0.0
    # Nothing keeps the past alive.
    assert eleventh[1].before is None


def test_a_minute_may_be_used_up_at_once() -> None:
    starts = run((Limit(requests=200, seconds=60.0),), [("GET", "/x")] * 201)
    assert starts[199] == 0.0
    assert 60.0 < starts[200] < 63.0


def test_each_record_has_a_bucket_of_its_own() -> None:
    limit = Limit(requests=2, seconds=60.0, method="PUT", path="/users/{id}", per_record=True)
    starts = run((limit,), [("PUT", "/users/1")] * 2 + [("PUT", "/users/2")] * 2)
    assert starts[-1] == 0.0
    assert run((limit,), [("PUT", "/users/1")] * 3)[-1] > 60.0


@pytest.mark.parametrize(
    ("method", "path", "limited"),
    [
        ("PUT", "/users/1", True),
        ("GET", "/users/1", False),
        ("PUT", "/users/update_many", False),
        ("PUT", "/users/1/identities/2", False),
        ("PUT", "/users", False),
    ],
)
def test_limits_match_method_and_path(method: str, path: str, limited: bool) -> None:
    limit = Limit(requests=1, seconds=60.0, method="PUT", path="/users/{id}")
    starts = run((limit,), [(method, path)] * 2)
    assert (starts[-1] > 0.0) is limited


def test_a_path_that_ends_in_a_slash_is_shared_by_all_below() -> None:
    limit = Limit(requests=1, seconds=60.0, path="/incremental/")
    starts = run((limit,), [("GET", "/incremental/users"), ("GET", "/incremental/organizations")])
    assert starts[-1] > 60.0


def test_retry_after_holds_the_narrowest_bucket() -> None:
    time = ManualTime()
    limits = (
        Limit(requests=100, seconds=60.0),
        Limit(requests=100, seconds=60.0, path="/users/{id}", per_record=True),
    )
    scheduler = Scheduler(limits, time.clock())
    scheduler.hold("PUT", "/users/1", 30.0)
    scheduler.wait_turn("PUT", "/users/2")
    assert time.seconds == 0.0
    scheduler.wait_turn("PUT", "/users/1")
    assert time.seconds == 30.0


def test_the_account_s_own_limit_is_adopted() -> None:
    time = ManualTime()
    limit = Limit(requests=2, seconds=60.0, header="ratelimit-limit")
    scheduler = Scheduler((limit,), time.clock())
    scheduler.wait_turn("GET", "/x")
    scheduler.observe("GET", "/x", {"ratelimit-limit": "700", "ratelimit-remaining": "699"})
    for _ in range(600):
        scheduler.wait_turn("GET", "/x")
    assert time.seconds == 0.0


def test_who_waits_already_is_let_go_by_a_larger_limit() -> None:
    time = ManualTime()
    answers: list[dict[str, str]] = [{"ratelimit-limit": "2500"}]

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        if answers:
            scheduler.observe("GET", "/x", answers.pop())

    limit = Limit(requests=2, seconds=60.0, header="ratelimit-limit")
    scheduler = Scheduler((limit,), replace(time.clock(), sleep=sleep))
    for _ in range(1000):
        scheduler.wait_turn("GET", "/x")
    assert time.seconds <= 1.0


def test_nothing_starts_while_the_server_says_that_nothing_remains() -> None:
    time = ManualTime()
    limit = Limit(requests=100, seconds=60.0, header="zendesk-ratelimit-x")
    scheduler = Scheduler((limit,), time.clock())
    scheduler.observe("GET", "/x", {"zendesk-ratelimit-x": "total=100; remaining=0; resets=17"})
    scheduler.wait_turn("GET", "/x")
    assert time.seconds == 17.0


@pytest.mark.parametrize(
    ("header", "headers", "expected"),
    [
        ("", {"ratelimit-limit": "7"}, Statement()),
        ("ratelimit-limit", {}, Statement()),
        (
            "RateLimit-Limit",
            {"ratelimit-limit": "700", "ratelimit-remaining": "3", "ratelimit-reset": "40"},
            Statement(700, 3, 40),
        ),
        ("b", {"b": "total=30; remaining=29; resets=60"}, Statement(30, 29, 60)),
        ("b", {"b": "nonsense"}, Statement()),
    ],
)
def test_statements(header: str, headers: Mapping[str, str], expected: Statement) -> None:
    assert read_statement(header, headers) == expected


@pytest.mark.parametrize(
    "headers",
    [
        {"x-limit": "\u00b2"},
        {"x-limit": "9" * 5000, "x-remaining": "0", "x-reset": "9" * 5000},
        {"x-limit": "10", "x-remaining": "0", "x-reset": "\u0663"},
        {"x-limit": "total=\u0663; remaining=-1; resets=1e9"},
        {"x-limit": "-5"},
        {"x-limit": "nan", "x-remaining": "0", "x-reset": "inf"},
    ],
)
def test_numbers_that_are_none_change_nothing(headers: dict[str, str]) -> None:
    limit = Limit(requests=10, seconds=60.0, header="X-Limit")
    time = ManualTime()
    scheduler = Scheduler((limit,), time.clock())
    scheduler.observe("GET", "/x", headers)
    assert [scheduler.wait_turn("GET", "/x", 0.0) for _ in range(10)] == [0.0] * 10
    assert time.seconds == 0.0


@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        pytest.param({"x-limit": "9", "x-remaining": "0", "x-reset": "500"}, 500.0, id="reset"),
        pytest.param({"x-limit": "1"}, 62.1, id="a-limit-below-the-profile-s"),
    ],
)
def test_a_wait_beyond_patience_is_not_waited_for(headers: dict[str, str], asked: float) -> None:
    limit = Limit(requests=10, seconds=60.0, header="X-Limit")
    time = ManualTime()
    scheduler = Scheduler((limit,), time.clock())
    assert scheduler.wait_turn("GET", "/x", 5.0) == 0.0
    scheduler.observe("GET", "/x", headers)
    assert scheduler.wait_turn("GET", "/x", 5.0) == pytest.approx(asked)
    assert time.seconds == 0.0
    assert scheduler.wait_turn("GET", "/x", 1000.0) == 0.0
    assert time.seconds == pytest.approx(asked, abs=1.0)


def test_the_profile_s_own_limit_costs_no_patience() -> None:
    time = ManualTime()
    scheduler = Scheduler((Limit(requests=1, seconds=60.0),), time.clock())
    assert [scheduler.wait_turn("GET", "/x", 0.0) for _ in range(3)] == [0.0] * 3
    assert time.seconds > 100.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("32/40", Statement(40, 8, leaks=True)),
        ("40 / 40", Statement(40, 0, leaks=True)),
        ('"default";r=50;t=30', Statement(None, 50, 30.0)),
        ('"burst";r=9;t=1, "day, r=0";r=2;t=86400', Statement(None, 2, 86400.0)),
        ('"default";q=100;w=60', Statement(100)),
    ],
)
def test_headers_of_the_field(text: str, expected: Statement) -> None:
    assert read_statement("RateLimit", {"ratelimit": text}) == expected


def test_a_bucket_that_is_full_by_its_header_leaks_evenly() -> None:
    time = ManualTime()
    scheduler = Scheduler((Limit(requests=40, seconds=20.0, header="x-calls"),), time.clock())
    scheduler.wait_turn("GET", "/x")
    scheduler.observe("GET", "/x", {"x-calls": "40/40"})
    scheduler.wait_turn("GET", "/x")
    assert 0.5 <= time.seconds < 0.6


def test_requests_may_cost_points_of_one_bucket() -> None:
    read = Limit(requests=10, seconds=60.0, method="GET", bucket="points")
    write = replace(read, method="POST", cost=5)
    assert run((read, write), [("POST", "/x")] * 2)[-1] == 0.0
    assert run((read, write), [("POST", "/x")] + [("GET", "/x")] * 5)[-1] == 0.0
    assert run((read, write), [("POST", "/x")] * 2 + [("GET", "/x")])[-1] > 60.0
    every = replace(read, method="")
    assert run((every, write), [("POST", "/x")] * 2)[-1] == 0.0
    assert run((read, write), [("GET", "/x")] * 6 + [("POST", "/x")])[-1] > 60.0


def test_what_has_less_than_a_request_costs_waits_for_all_of_it() -> None:
    time = ManualTime()
    limit = Limit(requests=10, seconds=60.0, cost=5, header="x-total")
    scheduler = Scheduler((limit,), time.clock())
    scheduler.observe("GET", "/x", {"x-total": "3"})
    scheduler.wait_turn("GET", "/x")
    scheduler.wait_turn("GET", "/x")
    assert 60.0 < time.seconds < 63.0


def test_a_limit_by_the_day_ends_the_run_where_one_by_the_second_waits() -> None:
    time = ManualTime()
    day = Limit(requests=3, seconds=86_400.0, stops=True)
    scheduler = Scheduler((day, Limit(requests=1, seconds=1.0)), time.clock())
    waits = [scheduler.wait_turn("GET", "/x", 300.0) for _ in range(4)]
    assert waits[:3] == [0.0] * 3
    assert waits[3] > 86_000.0
    assert time.seconds < 3.0


def test_what_is_left_may_stand_in_headers_of_other_names() -> None:
    time = ManualTime()
    limit = Limit(requests=9, seconds=10.0, header="X-Max", remaining="X-Left", resets="X-Again")
    scheduler = Scheduler((limit,), time.clock())
    scheduler.wait_turn("GET", "/x")
    scheduler.observe("GET", "/x", {"x-max": "9", "x-left": "0", "x-again": "7"})
    scheduler.wait_turn("GET", "/x")
    assert time.seconds == pytest.approx(7.0, abs=0.1)


def test_a_refusal_that_names_a_limit_holds_that_one() -> None:
    time = ManualTime()
    narrow = Limit(requests=9, seconds=1.0, path="/x")
    wide = Limit(requests=99, seconds=10.0, words=("ROLLING",))
    scheduler = Scheduler((wide, narrow), time.clock())
    scheduler.hold("GET", "/x", 5.0, wide)
    scheduler.wait_turn("GET", "/y")
    assert time.seconds == 5.0
