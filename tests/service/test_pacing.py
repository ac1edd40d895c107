"""How soon a company runs again: by its schedule, sooner while it is busy, later where it fails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from specbridge.runtime.store.leasing.schedules import Turn
from specbridge.service.queue.pacing import SHORTEST, bounds_of, next_period, pause_after
from specbridge.service.queue.turns import Begun, Plan, plan_next

seconds = st.floats(1.0, 100_000.0)


@given(seconds, st.floats(0.0, 200_000.0), st.booleans(), st.floats(0.0, 10_000.0))
def test_a_period_never_leaves_its_bounds(
    schedule: float, before: float, busy: bool, late: float
) -> None:
    bounds = bounds_of(schedule)
    period = next_period(before, bounds, busy=busy, late=late)
    assert bounds.shortest <= period <= bounds.longest == schedule


def test_a_busy_company_is_read_ever_more_often_and_a_calm_one_less() -> None:
    bounds, period, found = bounds_of(480.0), 0.0, []
    for busy in [True] * 5 + [False] * 6:
        period = next_period(period, bounds, busy=busy, late=0.0)
        found.append(period)
    assert found[:5] == [240.0, 120.0, 60.0, 60.0, 60.0]
    assert found[-1] == 480.0
    assert found[5:] == sorted(found[5:])


@pytest.mark.parametrize(
    ("schedule", "shortest"), [(5.0, 5.0), (60.0, SHORTEST), (600.0, 75.0)], ids=str
)
def test_nobody_is_read_more_often_than_exports_allow_unless_told_to(
    schedule: float, shortest: float
) -> None:
    assert bounds_of(schedule).shortest == shortest


def test_whoever_waits_long_for_its_turn_does_not_ask_for_it_more_often() -> None:
    bounds = bounds_of(480.0)
    assert next_period(240.0, bounds, busy=True, late=200.0) == 360.0


def test_failures_are_tried_again_ever_more_seldom_up_to_an_hour() -> None:
    assert [pause_after(count) for count in (1, 2, 3, 9, 10_000)] == [15, 30, 60, 3600, 3600]


def turn(
    next_at: float = 1000.0, period: float = 0.0, polled_at: float = 0.0, ran_at: float = 0.0
) -> Turn:
    return Turn(
        company="acme",
        next_at=next_at,
        period=period,
        polled_at=polled_at,
        ran_at=ran_at,
        failures=0,
        runs=0,
        failed=0,
    )


def begun(now: float, *systems: str, **known: float) -> Begun:
    return Begun(turn=turn(**known), now=now, woken=frozenset({1}), systems=frozenset(systems))


EVERY = Plan(480.0, lambda began, now: None)


def test_a_woken_run_lists_the_systems_that_told_only_after_a_while() -> None:
    assert begun(1000.0, "zendesk", next_at=2000.0, polled_at=990.0).unpolled == {"zendesk"}
    assert begun(1000.0, "zendesk", next_at=2000.0, polled_at=980.0).unpolled == frozenset()
    # It is due anyway: whoever only wakes must not keep it from being read.
    assert begun(1000.0, "zendesk", next_at=1000.0, polled_at=990.0).unpolled == frozenset()


def test_a_run_that_listed_nothing_leaves_the_next_listing_where_it_was() -> None:
    short = begun(1000.0, "zendesk", next_at=2000.0, polled_at=990.0, period=480.0)
    ended = plan_next(short, EVERY, 1001.0, busy=True)
    assert (ended.next_at, ended.period, ended.polled_at) == (1470.0, 480.0, None)


def test_a_listing_is_followed_by_the_next_a_period_after_it_began() -> None:
    ended = plan_next(begun(1000.0, period=480.0), EVERY, 1060.0, busy=False)
    assert (ended.next_at, ended.polled_at) == (1480.0, 1000.0)


def test_times_of_day_are_kept_and_without_any_schedule_only_wakes_count() -> None:
    at_six = Plan(None, lambda began, now: 5000.0)
    assert plan_next(begun(1000.0), at_six, 1001.0, busy=True).next_at == 5000.0
    never = Plan(None, lambda began, now: None)
    assert plan_next(begun(1000.0), never, 1001.0, busy=True).next_at > 4e9 - 1
