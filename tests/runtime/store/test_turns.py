"""Turns at a limit that several processes share, given by the store: on SQLite, then on PostgreSQL."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from time import monotonic

import pytest
from specbridge.errors import StoreError
from specbridge.runtime.store.engine import open_store
from specbridge.runtime.store.limits.turn_places import BESIDE, Offset
from specbridge.runtime.store.limits.turns import StoreTurns
from specbridge.runtime.turns import Terms, Turn
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from tests.runtime.store.test_pooler import pooled

PACED = Terms(key="paced", requests=10, span=1.05, gap=0.105)
WINDOW = Terms(key="window", requests=5, span=60.0)
PATIENT = 1000.0


@contextmanager
def giving(url: str, processes: int = 1) -> Iterator[list[StoreTurns]]:
    """Give turns of a store as so many processes ask for them."""
    found = [StoreTurns(url) for _ in range(processes)]
    assert all(one.usable() for one in found)
    yield found
    for one in found:
        one.disconnect()


def execute(url: str, statement: str) -> None:
    """Execute a statement where the turns are."""
    if url.startswith("sqlite"):
        with sqlite3.connect(f"{make_url(url).database}{BESIDE}") as file:
            file.execute(statement)
            return
    address = make_url(url).set(drivername="postgresql+psycopg")
    engine = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))


def take(turns: StoreTurns, terms: Terms, patience: float = PATIENT) -> Turn:
    turn = turns.take(terms, patience)
    assert turn is not None
    return turn


def most_within(starts: list[float], seconds: float) -> int:
    return max(sum(start <= other < start + seconds for other in starts) for start in starts)


def test_a_pace_is_kept_whoever_asks(url: str) -> None:
    """Four processes of four threads each ask as fast as they can."""
    with giving(url, 4) as asking, ThreadPoolExecutor(16) as pool:
        given = pool.map(lambda n: take(asking[n % 4], PACED), range(80))
        starts = sorted(turn.start for turn in given)
    assert most_within(starts, 1.0) <= 10
    assert 79 / (starts[-1] - starts[0]) > 9.3


def test_turns_are_given_in_the_order_in_which_they_are_asked_for(url: str) -> None:
    with giving(url, 3) as asking:
        turns = [take(asking[n % 3], PACED) for n in range(12)]
    starts = [turn.start for turn in turns]
    assert starts == sorted(starts)
    # What three processes know of the time is the same.
    gaps = [later.wait - turn.wait for turn, later in pairwise(turns)]
    assert max(gaps) < 0.3


def test_a_window_may_be_used_up_at_once(url: str) -> None:
    with giving(url, 2) as asking:
        waits = [take(asking[n % 2], WINDOW).wait for n in range(11)]
    assert max(waits[:5]) < 0.1
    assert all(59.0 < wait <= 60.0 for wait in waits[5:10])
    assert 119.0 < waits[10] <= 120.0


def test_a_large_window_is_remembered_by_chunks_and_never_exceeded(url: str) -> None:
    terms = Terms(key="large", requests=20, span=60.0, chunk=3)
    with giving(url) as (turns,):
        starts = [take(turns, terms).start for _ in range(60)]
    assert 18 <= most_within(starts, 60.0) <= 20


def test_an_answer_that_asks_to_wait_holds_for_all(url: str) -> None:
    with giving(url, 2) as (one, another):
        take(one, PACED)
        one.close(PACED, 30.0)
        refused = take(another, PACED, 5.0)
        assert not refused.taken
        assert 29.0 < refused.asked <= 30.0
        assert another.look(PACED).asked == pytest.approx(30.0, abs=1.0)
        # A shorter wish does not open it again.
        another.close(PACED, 1.0)
        taken = take(one, PACED)
        assert taken.taken
        # Nothing was counted for the one that was refused.
        assert 28.0 < taken.wait <= 30.0


def test_the_account_s_own_size_is_everybody_s(url: str) -> None:
    with giving(url, 2) as (one, another):
        for _ in range(5):
            take(one, WINDOW)
        one.resize(WINDOW, 8)
        turns = [take(another, WINDOW) for _ in range(3)]
        assert {turn.size for turn in turns} == {8}
        assert max(turn.wait for turn in turns) < 0.1
        assert take(another, WINDOW).wait > 50.0
        # Less than the profile says is what answers ask for.
        another.resize(WINDOW, 2)
        refused = take(one, WINDOW, 5.0)
        assert not refused.taken
        assert refused.asked > 50.0


def test_the_pace_is_that_of_the_account(url: str) -> None:
    with giving(url) as (turns,):
        take(turns, PACED)
        turns.resize(PACED, 40)
        starts = [take(turns, PACED).start for _ in range(81)]
    assert 79 / (starts[-1] - starts[1]) == pytest.approx(40 / 1.05, rel=0.1)
    assert most_within(starts, 1.0) <= 40


def test_of_a_limit_by_the_day_nobody_waits_for_the_end(url: str) -> None:
    day = Terms(key="day", requests=2, span=86_400.0, stops=True)
    with giving(url) as (turns,):
        assert [take(turns, day, 300.0).taken for _ in range(3)] == [True, True, False]


def test_a_turn_that_was_missed_is_put_off_until_others_are_too_far(url: str) -> None:
    terms = Terms(key="missed", requests=2, span=60.0)
    with giving(url, 2) as (one, another):
        missed = take(one, terms)
        assert one.defer(terms, missed, 0.5)
        other = take(another, terms)
        take(another, terms)
        last = take(another, terms)
        assert not one.defer(terms, missed, 0.5)
        assert last.start - other.start == pytest.approx(60.0, abs=0.001)


def test_a_clock_that_was_set_back_stops_nobody(url: str) -> None:
    with giving(url) as (turns,):
        take(turns, PACED)
        execute(url, "UPDATE turns SET asked_at = asked_at + 3600, next_at = next_at + 3600")
        assert take(turns, PACED).wait < 0.1


def test_who_keeps_the_store_locked_keeps_nobody_from_a_turn(url: str) -> None:
    """A run holds the store for as long as it writes; on SQLite for all of it."""
    with open_store(url) as store, giving(url) as (turns,):
        store.connection.exec_driver_sql("UPDATE companies SET followed = followed")
        began = monotonic()
        take(turns, PACED)
        assert monotonic() - began < 2.0


def test_a_connection_that_is_cut_is_opened_anew(postgresql_url: str) -> None:
    with giving(postgresql_url) as (turns,):
        for _ in range(3):
            take(turns, PACED)
            execute(
                postgresql_url,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
        assert take(turns, PACED).taken


def test_a_store_that_is_gone_is_told_in_words_without_its_password() -> None:
    turns = StoreTurns("postgresql://us:s3cret@127.0.0.1:9/none")
    with pytest.raises(StoreError, match=r"^the store failed: ") as caught:
        take(turns, PACED)
    assert "s3cret" not in str(caught.value)


def test_who_may_only_read_keeps_limits_alone(postgresql_url: str) -> None:
    execute(postgresql_url, "CREATE ROLE reading_only LOGIN")
    try:
        execute(postgresql_url, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reading_only")
        reading = make_url(postgresql_url).set(username="reading_only")
        assert not StoreTurns(reading.render_as_string(hide_password=False)).usable()
        execute(postgresql_url, "DROP TABLE turns")
        # An older store has no such table.
        assert not StoreTurns(postgresql_url).usable()
    finally:
        execute(postgresql_url, "DROP OWNED BY reading_only; DROP ROLE reading_only")


def test_who_gets_no_answer_goes_on_alone(postgresql_url: str, tmp_path: Path) -> None:
    """A run holds the only connection of a pooler, and asks for a turn: both would wait for ever."""
    with (
        pooled(postgresql_url, tmp_path, 1) as pooler,
        giving(pooler) as (turns,),
        open_store(pooler) as store,
    ):
        take(turns, PACED)
        store.connection.exec_driver_sql("SELECT 1")
        began = monotonic()
        assert turns.take(PACED, PATIENT) is None
        assert 4.0 < monotonic() - began < 9.0
        assert not turns.usable()
        # Nor are the threads waited for that come after it.
        turns.close(PACED, 10.0)
        assert turns.take(PACED, PATIENT) is None
        assert monotonic() - began < 9.0
    # What it did not say is not to be had from it either.
    with giving(postgresql_url) as (beside,):
        assert beside.look(PACED).asked == 0.0


@pytest.mark.parametrize("size", [1, 2])
def test_turns_are_given_behind_a_pooler(postgresql_url: str, tmp_path: Path, size: int) -> None:
    # Through it and past it: the time and the turns are the same.
    with (
        pooled(postgresql_url, tmp_path, size) as pooler,
        giving(pooler, 3) as through,
        giving(postgresql_url) as past,
    ):
        asking = [*through, *past]
        starts = [take(asking[n % 4], PACED).start for n in range(24)]
    assert starts == sorted(starts)
    assert most_within(starts, 1.0) <= 10


def test_the_quickest_answer_tells_the_time_best() -> None:
    offset = Offset()
    offset.learn(0.0, 0.4, 100.3)
    assert offset.seconds == pytest.approx(100.1)
    offset.learn(1.0, 1.002, 101.201)
    assert offset.seconds == pytest.approx(100.2)
    # One that took long says less.
    offset.learn(2.0, 2.6, 102.2)
    assert offset.seconds == pytest.approx(100.2)
    # But where it says that the clock was set.
    offset.learn(3.0, 3.6, 203.5)
    assert offset.seconds == pytest.approx(200.2)
