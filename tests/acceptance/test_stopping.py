"""Stopped syncs have lost their lease when they go on; stopping.py stops many on request."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.acceptance.stopping import staged, stop_often
from tests.runtime.servers import running_postgresql


@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Iterator[str | None]:
    if request.param == "sqlite":
        yield None
        return
    with ExitStack() as stack:
        try:
            uri = stack.enter_context(running_postgresql())
        except Exception as error:  # whatever keeps a server from starting here
            pytest.skip(f"NO POSTGRESQL: stops were tested on SQLite only: {error}")
        yield uri


def test_a_stopped_sync_sends_nothing_more_and_no_edit_is_lost(
    server: str | None, tmp_path: Path
) -> None:
    with staged(tmp_path, 3, 1.0, server) as stage:
        tally = stop_often(stage, 1)
    assert tally.stops == tally.gave_up == 1
    assert tally.sent_afterwards == 0
    assert tally.lost_edits == []
