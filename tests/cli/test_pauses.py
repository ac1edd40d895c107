"""What ends the pauses of a watch: its time, a wish to stop, or what was woken meanwhile."""

import threading
import time
from pathlib import Path

import pytest
from specbridge.cli.runs.waking import Pauses
from specbridge.runtime.store.accounts import number_company
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.seen.wakes import Woken, add_wakes


@pytest.fixture
def pauses(tmp_path: Path) -> Pauses:
    return Pauses(f"sqlite:///{tmp_path / 'store.db'}", "", threading.Event())


def wake(pauses: Pauses, company: str = "") -> None:
    with open_store(pauses.url) as store:
        number = number_company(store.connection, company)
        add_wakes(store.connection, number, [Woken("zendesk", "Users", "1")], time.time())
        store.commit()


def test_time_ends_a_pause(pauses: Pauses) -> None:
    assert pauses.wait(0) == frozenset()
    assert pauses.wait(0.1) == frozenset()


def test_a_wish_to_stop_ends_it_at_once(pauses: Pauses) -> None:
    pauses.stop.set()
    assert pauses.wait(60) is None


def test_a_woken_record_ends_it_and_its_system_need_not_be_listed(pauses: Pauses) -> None:
    pauses.note_run()
    wake(pauses)
    began = time.monotonic()
    assert pauses.wait(60) == frozenset({"zendesk"})
    assert time.monotonic() - began < 2


def test_what_was_not_listed_for_long_is(pauses: Pauses) -> None:
    wake(pauses)
    assert pauses.wait(60) == frozenset()


def test_what_a_run_left_or_another_company_has_ends_none(pauses: Pauses) -> None:
    wake(pauses)
    wake(pauses, "other")
    pauses.note_run()
    began = time.monotonic()
    assert pauses.wait(1.2) == frozenset()
    assert time.monotonic() - began >= 1.2


def test_without_a_store_nothing_was_woken(tmp_path: Path) -> None:
    gone = Pauses(f"sqlite:///{tmp_path / 'nowhere' / 'store.db'}", "", threading.Event())
    assert gone.wait(1.1) == frozenset()
