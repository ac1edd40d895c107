"""Any history of edits, creations, deletions, faults and crashes ends with both systems equal."""

import pytest

from tests.runtime.soak import play_histories, play_portion

HISTORIES = 2000


@pytest.mark.timeout(900)  # about two minutes of one core, shared with whatever else runs
def test_s6_any_history_converges_and_swapping_the_sides_mirrors_it() -> None:
    assert play_histories(HISTORIES, processes=2) == HISTORIES


def test_s6_any_history_converges_on_postgresql(postgresql_url: str) -> None:
    assert play_portion(50, 0, postgresql_url) == 50
