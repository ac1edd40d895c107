"""Many rows at once come back as they were, in their order, whatever they hold and however they go in."""

from collections.abc import Iterator

import pytest
from specbridge.errors import StoreError
from specbridge.runtime.store.engine import Store, open_store, store_errors
from specbridge.runtime.store.history.journal import start_run
from specbridge.runtime.store.tables.rows import insert_rows, update_rows
from specbridge.runtime.store.tables.schema import companies, journal, queue
from sqlalchemy import create_engine, insert, select, text

ODD = ('"', "\\", "{", "}", ",", "\n", "\t", "\r", "\\N", "\\.", "NULL", "null", "", " ", "é", "😀")
SIZES = (1, 49, 50, 12_000)
COLUMNS = (
    *("run", "pairing", "kind", "resource", "record_id", "origin"),
    *("before", "after", "effects", "state", "reason"),
)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """Give a store with a company, whose number is 1."""
    with open_store(url) as store:
        store.connection.execute(insert(companies).values(number=1, name="odd"))
        start_run(store.connection, 1, ["odd"], "sync", 0.0)
        store.commit()
        yield store


def texts(count: int) -> list[str]:
    """Return so many different texts, of every odd kind."""
    return [f"{ODD[number % len(ODD)]}{number}{ODD[-number % len(ODD)]}" for number in range(count)]


@pytest.mark.parametrize("count", SIZES)
def test_new_rows_come_back_in_their_order(store: Store, count: int) -> None:
    rows: list[tuple[object, ...]] = [
        (1, None, "create", 7, None if number % 3 else one, one, one, one, "null", "open", "")
        for number, one in enumerate(texts(count))
    ]
    insert_rows(store.connection, journal, COLUMNS, rows)
    wanted = select(*(journal.c[name] for name in COLUMNS)).order_by(journal.c.number)
    assert [tuple(row) for row in store.connection.execute(wanted)] == rows


@pytest.mark.parametrize("count", SIZES)
def test_a_row_that_is_there_is_replaced_where_that_is_wanted(store: Store, count: int) -> None:
    half = [(number, 1, 0, one) for number, one in enumerate(texts(count)[::2])]
    whole = [(number, 2, 1, one) for number, one in enumerate(texts(count))]
    columns = ("number", "pairing", "side", "id")
    insert_rows(store.connection, queue, columns, half)
    insert_rows(store.connection, queue, columns, whole, replacing=("number",))
    chosen = select(*(queue.c[name] for name in columns)).order_by(queue.c.number)
    assert [tuple(row) for row in store.connection.execute(chosen)] == whole


@pytest.mark.parametrize("count", SIZES)
def test_updates_reach_the_rows_that_are_meant(store: Store, count: int) -> None:
    given = texts(count)
    rows = [(number, 1, 0, f"old {number}") for number in range(count)]
    columns = ("number", "pairing", "side", "id")
    insert_rows(store.connection, queue, columns, rows)
    insert_rows(store.connection, queue, columns, [(count, 2, 0, "old 0")])
    changed = [(one, 1, f"old {number}") for number, one in enumerate(given)]
    update_rows(store.connection, queue, ("id",), ("pairing", "id"), changed)
    chosen = select(queue.c.id).order_by(queue.c.number)
    assert list(store.connection.execute(chosen).scalars()) == [*given, "old 0"]


@pytest.mark.parametrize("count", SIZES)
def test_rows_that_are_the_first_thing_done_are_committed(
    url: str, store: Store, count: int
) -> None:
    rows = [(1, 0, one) for one in texts(count)]
    insert_rows(store.connection, queue, ("pairing", "side", "id"), rows)
    store.commit()
    with open_store(url) as other:
        assert len(other.connection.execute(select(queue.c.id)).all()) == count


@pytest.mark.parametrize("count", SIZES)
def test_rows_that_clash_are_told_without_their_values(store: Store, count: int) -> None:
    rows = [(1, 0, "secret"), *((1, 0, one) for one in texts(count)), (1, 0, "secret")]
    with pytest.raises(StoreError, match="the store failed: ") as failure, store_errors():
        insert_rows(store.connection, queue, ("pairing", "side", "id"), rows)
    assert "secret" not in str(failure.value)
    store.rollback()
    assert store.connection.execute(select(queue.c.id)).all() == []


def test_a_connection_that_is_lost_is_told(postgresql_url: str) -> None:
    with open_store(postgresql_url) as store:
        (process,) = store.connection.execute(text("SELECT pg_backend_pid()")).one()
        store.commit()
        other = create_engine(postgresql_url.replace("postgresql:", "postgresql+psycopg:"))
        with other.connect() as killer:
            killer.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})
        other.dispose()
        with pytest.raises(StoreError, match="the store failed: "), store_errors():
            store.connection.execute(text("SELECT 1"))


def test_nothing_outlasts_a_transaction_of_postgresql(postgresql_url: str) -> None:
    """A pooler gives each transaction any connection: what one leaves there, others would find."""
    with open_store(postgresql_url) as store:
        cost = text("SELECT current_setting('random_page_cost')")
        for _ in range(10):  # the driver prepares what it sees five times
            assert store.connection.execute(cost).scalar() == "1.1"
        prepared = text("SELECT count(*) FROM pg_prepared_statements")
        assert store.connection.execute(prepared).scalar() == 0
        store.commit()
        driver = store.connection.connection.driver_connection
        assert driver is not None
        assert driver.execute(str(cost)).fetchone() == ("4",)
        driver.rollback()
