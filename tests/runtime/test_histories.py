"""Any history of edits, creations, deletions, faults and crashes ends with both systems equal."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from generator.runtime.store.engine import open_store
from tests.runtime.histories import HISTORIES, History, Step


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "store.db"
    open_store(f"sqlite:///{path}").close()
    return path


@given(steps=HISTORIES)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_history_converges(template: Path, tmp_path: Path, steps: Sequence[Step]) -> None:
    history = History(template, tmp_path)
    history.play(steps)
    history.settle()
    history.check()
