"""Whatever documents repeat, turn round and join: one record, one identity, and no edit lost."""

import pytest

from tests.runtime.soak import play_company_portion, play_in_portions

STORIES = 2000


@pytest.mark.timeout(900)  # at most four minutes of two cores, shared with whatever else runs
def test_any_company_comes_to_rest_and_nothing_is_made_twice() -> None:
    assert play_in_portions(play_company_portion, STORIES, processes=2) == STORIES


@pytest.mark.timeout(600)
def test_any_company_comes_to_rest_on_postgresql(postgresql_url: str) -> None:
    assert play_company_portion(25, 0, postgresql_url) == 25
