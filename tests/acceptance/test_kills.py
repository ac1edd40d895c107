"""Killed first syncs end as undisturbed ones do; kills.py kills hundreds on request (scenario G2)."""

from tests.acceptance.kills import Course, draw_instants, run_killed, run_through

RECORDS = 60
SEED = 7


def assert_kills_leave_no_trace(course: Course, instants: int) -> None:
    expected = run_through(course)
    assert expected.duplicates == []
    for instant in draw_instants(instants, expected.requests, SEED):
        ending = run_killed(course, *instant)
        assert ending.duplicates == [], instant
        assert ending.differences(expected) == [], instant


def test_g2_killed_syncs_end_as_undisturbed_ones_on_sqlite() -> None:
    assert_kills_leave_no_trace(Course(records=RECORDS), instants=4)


def test_g2_killed_syncs_end_as_undisturbed_ones_on_postgresql(server: str) -> None:
    assert_kills_leave_no_trace(Course(records=RECORDS, server=server), instants=2)
