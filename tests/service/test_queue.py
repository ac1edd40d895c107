"""The queue on the store: who is due, what waits, what people change by hand; all on a real PostgreSQL."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing

import psycopg
import pytest
from procrastinate.schema import SchemaManager, migrations_path
from specbridge.errors import ChangedError, StoreError
from specbridge.runtime.store.accounts import number_company
from specbridge.runtime.store.engine import Store, open_store
from specbridge.runtime.store.leasing.pausing import WHOLE, Pause, pause, resume
from specbridge.runtime.store.leasing.schedules import Ended, end_run, read_turns, waiting_wakes
from specbridge.runtime.store.opening.addresses import driver_address
from specbridge.runtime.store.seen.wakes import Woken, add_wakes
from specbridge.runtime.store.tables.schema import companies, pauses, schedules, wakes
from specbridge.service.queue.engine import QUEUE, app_of_slot
from specbridge.service.queue.jobs import (
    cancel_job,
    defer_woken,
    read_jobs,
    retry_job,
    start_company,
)
from specbridge.service.queue.schema import has_queue, prepare_queue
from specbridge.service.queue.slot import sweep
from specbridge.service.queue.ticking import enrol, tick
from sqlalchemy import delete

from tests.runtime.servers import new_database

NAMES = ("acme", "nord", "sol")
FAR = 4e9


@pytest.fixture(scope="module")
def queue_url(postgresql: str) -> Iterator[str]:
    with new_database(postgresql) as url:
        with open_store(url) as store:
            assert not has_queue(store)
            assert list(prepare_queue(store)) == []
            assert has_queue(store)
        yield url


@pytest.fixture
def store(queue_url: str) -> Iterator[Store]:
    """Give a store of three companies that are due."""
    enrol(queue_url, [(name, 60.0) for name in NAMES])
    with open_store(queue_url) as opened:
        connection = opened.connection
        for table in (schedules, wakes, pauses, companies):
            connection.execute(delete(table))
        connection.exec_driver_sql("DELETE FROM procrastinate_jobs")
        opened.commit()
    enrol(queue_url, [(name, 60.0) for name in NAMES])
    with open_store(queue_url) as opened:
        yield opened


def states(store: Store) -> list[tuple[str, str]]:
    return [(job.company, job.state) for job in read_jobs(store)]


def rest(store: Store, *names: str) -> None:
    """Have companies be due in the far future."""
    for name in names:
        ended = Ended(next_at=FAR, period=60.0, polled_at=1.0, failed=False)
        end_run(store.connection, name, ended, 1.0)
    store.commit()


def woken(store: Store, name: str) -> None:
    number = number_company(store.connection, name)
    add_wakes(store.connection, number, [Woken("zendesk", "Users", "7")], 1.0)


def take(store: Store) -> int:
    """Take the next job as a worker does that gives no further sign of life."""
    driver = store.connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    row = driver.execute("SELECT * FROM procrastinate_register_worker_v1()").fetchone()
    assert row is not None
    found = driver.execute("SELECT id FROM procrastinate_fetch_job_v2(%s, %s)", ([QUEUE], row[0]))
    job = found.fetchone()
    store.connection.exec_driver_sql(
        "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
    )
    driver.commit()
    assert job is not None
    return int(job[0])


def swept(url: str) -> None:
    async def once() -> None:
        async with app_of_slot(url).open_async() as app:
            await sweep(app.job_manager)

    asyncio.run(once())


def test_whoever_is_due_is_queued_once(store: Store) -> None:
    rest(store, "nord")
    assert tick(store, NAMES) == 2
    assert tick(store, NAMES) == 0
    assert states(store) == [("acme", "todo"), ("sol", "todo")]


def test_others_companies_are_left_alone(store: Store) -> None:
    assert tick(store, ["sol"]) == 1
    assert states(store) == [("sol", "todo")]


def test_of_two_that_tick_at_once_one_does_it(store: Store, queue_url: str) -> None:
    store.connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5127402164)")
    with open_store(queue_url) as other:
        assert tick(other, NAMES) == 0
    assert tick(store, NAMES) == 3


def test_paused_companies_wait_until_they_are_resumed(store: Store) -> None:
    number = number_company(store.connection, "sol")
    pause(store.connection, number, Pause(WHOLE, 1.0, "moving house"))
    assert tick(store, NAMES) == 2
    resume(store.connection, number, WHOLE)
    assert tick(store, NAMES) == 1


def test_a_wake_makes_a_company_due_at_once_in_the_same_transaction(
    store: Store, queue_url: str
) -> None:
    rest(store, *NAMES)
    woken(store, "nord")
    defer_woken(store, "nord")
    with open_store(queue_url) as other:
        assert states(other) == []
    store.commit()
    with open_store(queue_url) as other:
        assert states(other) == [("nord", "todo")]
        assert tick(other, NAMES) == 0


def test_a_wake_that_nobody_queued_is_found_by_the_tick(store: Store) -> None:
    rest(store, *NAMES)
    woken(store, "nord")
    assert tick(store, NAMES) == 1
    assert states(store) == [("nord", "todo")]


def test_what_a_run_left_calls_for_no_other_and_what_came_meanwhile_does(store: Store) -> None:
    woken(store, "sol")
    there = frozenset(waiting_wakes(store.connection, "sol"))
    rest(store, "acme", "nord")
    ended = Ended(next_at=FAR, period=60.0, polled_at=None, failed=False, woken=there)
    end_run(store.connection, "sol", ended, 1.0)
    assert tick(store, NAMES) == 0
    woken(store, "sol")
    end_run(store.connection, "sol", ended, 1.0)
    assert tick(store, NAMES) == 1


def test_after_failures_only_time_makes_a_company_due(store: Store) -> None:
    rest(store, *NAMES)
    failed = Ended(next_at=FAR, period=60.0, polled_at=None, failed=True)
    end_run(store.connection, "sol", failed, 1.0)
    end_run(store.connection, "sol", failed, 1.0)
    woken(store, "sol")
    defer_woken(store, "sol")
    assert tick(store, NAMES) == 0
    turn = read_turns(store.connection)["sol"]
    assert (turn.failures, turn.failed, turn.runs) == (2, 2, 3)


def test_a_job_of_a_dead_worker_is_put_back(store: Store, queue_url: str) -> None:
    tick(store, ["acme"])
    job = take(store)
    assert states(store) == [("acme", "doing")]
    store.rollback()
    swept(queue_url)
    assert [(one.id, one.state) for one in read_jobs(store)] == [(job, "todo")]


def test_a_stalled_job_whose_successor_waits_ends_and_blocks_nobody(
    store: Store, queue_url: str
) -> None:
    tick(store, ["acme"])
    job = take(store)
    assert start_company(store, "acme")
    store.commit()
    swept(queue_url)
    (left,) = read_jobs(store)
    assert (left.id != job, left.state) == (True, "todo")
    store.rollback()
    assert take(store) == left.id


def test_a_cancelled_job_comes_again_when_its_time_comes(store: Store) -> None:
    tick(store, ["acme"])
    (job,) = read_jobs(store)
    assert cancel_job(store, job.id) == "todo"
    store.commit()
    assert tick(store, ["acme"]) == 0
    assert states(store) == [("acme", "cancelled")]
    with pytest.raises(ChangedError, match="is cancelled"):
        cancel_job(store, job.id)


def test_a_failed_job_is_queued_again_unless_its_company_waits(store: Store) -> None:
    tick(store, ["acme"])
    (job,) = read_jobs(store)
    store.connection.exec_driver_sql("UPDATE procrastinate_jobs SET status = 'failed'")
    retry_job(store, job.id)
    assert states(store) == [("acme", "todo")]
    with pytest.raises(ChangedError, match="only failed can be"):
        retry_job(store, job.id)
    store.connection.exec_driver_sql("UPDATE procrastinate_jobs SET status = 'failed'")
    assert start_company(store, "acme")
    with pytest.raises(ChangedError, match="waits already"):
        retry_job(store, job.id)
    # What was in the transaction before is still there.
    assert states(store) == [("acme", "failed"), ("acme", "todo")]


def test_a_schedule_that_became_denser_counts_at_once(store: Store, queue_url: str) -> None:
    rest(store, *NAMES)
    enrol(queue_url, [("acme", 5.0)])
    assert tick(store, NAMES) == 1


def test_a_store_on_sqlite_is_refused_in_words(tmp_path: object) -> None:
    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        assert read_jobs(store) == ()
        defer_woken(store, "acme")
        with pytest.raises(StoreError, match="workers need a store on PostgreSQL"):
            prepare_queue(store)


def names_of(driver: psycopg.Connection[tuple[object, ...]]) -> Sequence[object]:
    shapes = driver.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name LIKE 'procrastinate%' ORDER BY 1, 2"
    )
    return [
        *shapes,
        *driver.execute(
            "SELECT proname FROM pg_proc WHERE proname LIKE 'procrastinate%' ORDER BY 1"
        ),
    ]


def make_older_queue(url: str) -> None:
    """Make the tables as the engine's version 3.3 has them."""
    names = sorted(path.name for path in migrations_path.glob("*.sql") if path.name < "03.04")
    with closing(psycopg.connect(str(driver_address(url)), autocommit=True)) as driver:
        for name in names:
            driver.execute((migrations_path / name).read_bytes())
        driver.execute("CREATE TABLE specbridge_queue_migrations (name text PRIMARY KEY)")
        driver.execute(
            "INSERT INTO specbridge_queue_migrations SELECT unnest(%s::text[])", (names,)
        )


def test_the_queue_of_an_older_engine_is_brought_up_to_date_in_two_steps(postgresql: str) -> None:
    with new_database(postgresql) as older, new_database(postgresql) as newer:
        with open_store(newer) as store:
            prepare_queue(store)
        make_older_queue(older)
        enrol(older, [("acme", 60.0)])
        with open_store(older) as store:
            # Older workers go on with what this one does meanwhile.
            assert tick(store, ["acme"]) == 1
            store.rollback()
            left = prepare_queue(store)
            assert left
            assert all("_post_" in name for name in left)
            assert states(store) == [("acme", "todo")]
            store.rollback()
            assert list(prepare_queue(store, whole=True)) == []
            assert states(store) == [("acme", "todo")]
        made = []
        for url in (older, newer):
            with closing(psycopg.connect(str(driver_address(url)))) as driver:
                made.append(names_of(driver))
        assert made[0] == made[1]


def test_a_queue_of_another_program_is_left_alone(postgresql: str) -> None:
    with new_database(postgresql) as url:
        with closing(psycopg.connect(str(driver_address(url)), autocommit=True)) as driver:
            driver.execute(SchemaManager.get_schema())
        with open_store(url) as store:
            with pytest.raises(StoreError, match="another program"):
                prepare_queue(store)
            assert not has_queue(store)
