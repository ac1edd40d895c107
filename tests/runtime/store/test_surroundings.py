"""Stores as they are run: beside other programs, behind poolers, in any encoding, and cut off."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from specbridge.errors import StoreBusyError, StoreError
from specbridge.runtime.decide.options import RunOptions
from specbridge.runtime.engine.run import run_sync
from specbridge.runtime.reports.report import RunOutcome
from specbridge.runtime.store.engine import open_reading, open_store
from specbridge.runtime.store.tables.schema import version
from sqlalchemy import Connection, Engine, create_engine, event, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from tests.runtime.bench import Bench
from tests.runtime.servers import restart_postgresql

OPENINGS: list[Callable[[str], object]] = [
    open_store,
    open_reading,
    lambda url: open_store(url, scratch=True),
]


@contextmanager
def administered(url: str, database: str | None = None) -> Iterator[Connection]:
    address = make_url(url).set(drivername="postgresql+psycopg")
    address = address if database is None else address.set(database=database)
    engine = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


@pytest.mark.parametrize("opening", OPENINGS)
def test_a_file_of_another_program_is_refused(
    tmp_path: Path, opening: Callable[[str], object]
) -> None:
    path = tmp_path / "notes.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE notes (text)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"another program's.*\(notes\); name a file"):
        opening(f"sqlite:///{path}")
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir() if one.stat().st_size] == ["notes.db"]


def test_a_database_with_tables_of_our_names_is_refused(postgresql: str) -> None:
    with new_encoded(postgresql, "UTF8") as url:
        with administered(url) as connection:
            connection.execute(text("CREATE TABLE links (a integer)"))
        with pytest.raises(StoreError, match=r"another program's.*\(links\)"):
            open_store(url)
        # Others beside ours do no harm.
        with administered(url) as connection:
            connection.execute(text("ALTER TABLE links RENAME TO theirs"))
        open_store(url).close()


@pytest.mark.parametrize("opening", OPENINGS)
def test_a_newer_store_is_refused(url: str, opening: Callable[[str], object]) -> None:
    with open_store(url) as store:
        store.connection.execute(update(version).values(version_num="0999"))
        store.commit()
    with pytest.raises(StoreError, match=r"newer specbridge \(schema 0999; this one knows 0\d+\)"):
        opening(url)


def test_another_programs_migrations_are_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "app.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num)")
        connection.execute("INSERT INTO alembic_version VALUES ('1975ea83b712')")
    with pytest.raises(StoreError, match="another program's"):
        open_store(f"sqlite:///{path}")


def test_first_runs_at_once_do_not_collide(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path / 'store.db'}"]
    with new_encoded(request.getfixturevalue("postgresql"), "UTF8") as new:
        for url in (*urls, new):
            bench = Bench(url)
            bench.ledgerly.put("Firms", {"Name": "Firm"})

            def first(_number: int, bench: Bench = bench) -> RunOutcome | None:
                try:
                    return bench.sync().outcome
                except StoreBusyError:
                    return None

            with ThreadPoolExecutor(4) as pool:
                ended = set(pool.map(first, range(4)))
            assert RunOutcome.CLEAN in ended
            assert ended <= {RunOutcome.CLEAN, None}
            assert len(bench.acme.records("companies")) == 1


@contextmanager
def new_encoded(server: str, encoding: str) -> Iterator[str]:
    """Give the URL of an empty database in an encoding, and drop it afterwards."""
    name = f"encoded_{encoding.lower()}"
    made = f"ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    with administered(server) as connection:
        connection.execute(text(f"CREATE DATABASE {name} {made}"))
        try:
            yield make_url(server).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def test_a_database_that_knows_bytes_only_holds_any_text(postgresql: str) -> None:
    with new_encoded(postgresql, "SQL_ASCII") as url:
        bench = Bench(url)
        for name in ("Łódź", "Ωmega", "雪", "plain"):
            bench.ledgerly.put("Firms", {"Name": name})
        assert bench.sync().outcome is RunOutcome.CLEAN
        firm, *_ = bench.ledgerly.records("Firms")
        bench.ledgerly.edit("Firms", firm, Name="Žižkov")
        assert bench.plan().writes == 1
        assert bench.sync().outcome is RunOutcome.CLEAN
        names = {str(row["name"]) for row in bench.acme.rows("companies")}
        assert names == {"Žižkov", "Ωmega", "雪", "plain"}


def test_a_database_that_cannot_hold_every_text_is_refused_before_anything_is_made(
    postgresql: str,
) -> None:
    with new_encoded(postgresql, "LATIN1") as url:
        with pytest.raises(StoreError, match=r"encoded in LATIN1.*UTF8"):
            open_store(url)
        with administered(url) as connection:
            made = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            assert connection.execute(text(made)).scalar_one() == 0


def test_nothing_of_a_session_outlasts_a_transaction(postgresql_url: str) -> None:
    """Behind a pooler each transaction may be on a connection that others have used."""

    def forget(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        if connection.dialect.name == "sqlite" or driver is None:
            return
        prepared = driver.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
        assert prepared == (0,)
        driver.rollback()
        driver.autocommit = True
        driver.execute("DISCARD ALL")
        driver.autocommit = False

    bench = Bench(postgresql_url)
    for number in range(30):
        bench.ledgerly.put("Firms", {"Name": f"Firm {number}"})
    event.listen(Engine, "begin", forget, insert=True)
    try:
        # More often than the driver sees a statement before it would prepare it.
        for _ in range(7):
            assert bench.sync().outcome is RunOutcome.CLEAN
        assert bench.plan().outcome is RunOutcome.CLEAN
    finally:
        event.remove(Engine, "begin", forget)


def cut_off(url: str) -> None:
    """End all connections to a database, as its administrator would."""
    with administered(url, "postgres") as connection:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(text(ended), {"name": make_url(url).database})


CUTS: dict[str, Callable[[str], None]] = {
    "dropped": cut_off,
    "restarted": restart_postgresql,
    # As after a power cut: the server goes through its log first.
    "crashed": partial(restart_postgresql, mode="immediate"),
}


@pytest.mark.parametrize("subject", ["read", "sync", "write"])
@pytest.mark.parametrize("cut", CUTS)
def test_a_store_that_is_cut_off_ends_the_run_in_one_line_and_the_next_goes_on(
    postgresql_url: str, cut: str, subject: str
) -> None:
    bench = Bench(postgresql_url)
    for number in range(6):
        bench.ledgerly.put("Firms", {"Name": f"Firm {number}"})
    done: list[str] = []

    def progress(said: str, _count: int) -> None:
        if said.startswith(subject) and not done:
            done.append(said)
            CUTS[cut](postgresql_url)

    edges = replace(bench.edges(), progress=progress)
    with pytest.raises(StoreError) as raised, open_store(bench.url) as store:
        run_sync(bench.task, store, edges, RunOptions())
    assert done
    assert len(str(raised.value).splitlines()) == 1
    assert "the store failed" in str(raised.value)
    assert bench.sync().outcome is RunOutcome.CLEAN
    names = [str(row["name"]) for row in bench.acme.rows("companies")]
    assert sorted(names) == [f"Firm {number}" for number in range(6)]
