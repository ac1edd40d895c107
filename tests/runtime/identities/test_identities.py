"""Whatever documents repeat, turn round and join: one record, one identity, and no edit lost."""

import pytest

from tests.runtime.soak import play_company_portion, play_in_portions

STORIES = 200


@pytest.mark.timeout(
    900
)  # half a minute of two cores, shared with whatever else runs; make soak plays the others
def test_any_company_comes_to_rest_and_nothing_is_made_twice() -> None:
    assert play_in_portions(play_company_portion, STORIES, processes=2) == STORIES


@pytest.mark.timeout(600)
def test_any_company_comes_to_rest_on_postgresql(postgresql_url: str) -> None:
    assert play_company_portion(10, 0, postgresql_url) == 10
