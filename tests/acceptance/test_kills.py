"""Killed syncs end as undisturbed ones do; kills.py kills hundreds on request (scenario G2)."""

from pathlib import Path

import pytest

from tests.acceptance.kills import draw_instants, open_course, try_instant, undisturbed

SEED = 7
RECORDS = 60


def assert_kills_leave_no_trace(folder: Path, world: str, server: str | None, count: int) -> None:
    course = open_course(folder, world, RECORDS, server)
    calm = undisturbed(course)
    assert [ending.differences(ending) for ending in calm.values()] == [[], []]
    for instant in draw_instants(count, calm, SEED):
        assert try_instant(course, instant, calm[instant.later]) == []


def test_g2_killed_syncs_end_as_undisturbed_ones(tmp_path: Path, server: str | None) -> None:
    assert_kills_leave_no_trace(tmp_path, "first sync", server, 4)


# One of each kind; the others are played on request.
@pytest.mark.parametrize("world", ["its mirror", "triangle of systems"])
def test_killed_syncs_of_documents_that_come_back_to_a_record_end_so_too(
    tmp_path: Path, world: str
) -> None:
    assert_kills_leave_no_trace(tmp_path, world, None, 2)
