"""What goes wrong and heals once its cause is gone, on the sandbox's servers."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from specbridge.sandbox.messages import Answer, Call

from tests.acceptance.healing import Ward, opened_ward

TWINS = 2
"""Dead letters of the sandbox's own records: two names are taken twice."""


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    with opened_ward(tmp_path) as ward:
        yield ward


def test_a_complete_reading_right_after_a_first_sync_stops_at_no_guard(tmp_path: Path) -> None:
    """Zendesk's exports withhold the newest minute, and the first sync made most of the records."""
    with opened_ward(tmp_path, records=60, withhold_seconds=60) as ward:
        ward.sync()
        made = len(ward.office.sandbox.zendesk.records("organizations"))
        report = ward.sync(full=True)
        assert report.error is None
        assert report.writes == 0
        assert len(ward.office.sandbox.zendesk.records("organizations")) == made > 40


def test_a_row_that_failed_in_a_job_is_asked_singly_before_it_is_a_dead_letter(
    tmp_path: Path,
) -> None:
    def spoil(call: Call, on: Callable[[Call], Answer]) -> Answer:
        """Have each job refuse its first row, though nothing is wrong with the record."""
        if not call.path.endswith("/organizations/create_many"):
            return on(call)
        rows = json.loads(call.body)["organizations"]
        rows[0] = {"external_id": rows[0]["external_id"]}
        return on(replace(call, body=json.dumps({"organizations": rows}).encode()))

    with opened_ward(tmp_path, records=60) as ward:
        ward.office.sandbox.zendesk.place_gateway(spoil)
        ward.sync()
        assert len(ward.letters()) == TWINS
        assert ward.sync().writes == 0
