"""A new store is made at once; it must be what all migrations together leave."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from specbridge.errors import StoreError
from specbridge.runtime.store.engine import check_sqlite, open_store
from specbridge.runtime.store.opening.migrating import SCRIPTS, upgrade_schema
from specbridge.runtime.store.tables.schema import HEAD, queue
from sqlalchemy import Connection, func, insert, inspect, select, text

from tests.runtime.store.older import NOW, content, empty_database, old_store


def describe(connection: Connection) -> dict[str, object]:
    """Return all that the database says of its tables."""
    found = inspect(connection)
    return {
        name: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(name)],
            found.get_pk_constraint(name)["constrained_columns"],
            sorted((str(i["name"]), i["column_names"]) for i in found.get_indexes(name)),
            sorted(u["column_names"] for u in found.get_unique_constraints(name)),
            sorted(
                (f["constrained_columns"], f["referred_table"])
                for f in found.get_foreign_keys(name)
            ),
        )
        for name in found.get_table_names()
    }


def stated(connection: Connection) -> dict[str, set[str]]:
    """Return what inspection does not tell: how SQLite numbers and keeps rows, and indexes' ends."""
    if connection.dialect.name != "sqlite":
        partial = "SELECT indexdef FROM pg_indexes WHERE indexdef LIKE '% WHERE %'"
        return {"indexes": set(connection.execute(text(partial)).scalars())}
    found = {}
    for words in ("AUTOINCREMENT", "WITHOUT ROWID", "WHERE state = 'open'", "WHERE vanished IS 1"):
        wanted = f"SELECT name FROM sqlite_master WHERE sql LIKE '%{words.replace(chr(39), chr(39) * 2)}%'"
        found[words] = set(connection.execute(text(wanted)).scalars())
    return found


def test_a_new_store_has_the_schema_that_the_migrations_leave(url: str) -> None:
    with open_store(url) as store:
        made = describe(store.connection), stated(store.connection)
    # Of PostgreSQL the same database: its names are given once.
    with empty_database(url.replace("store.db", "migrated.db")) as migrated:
        upgrade_schema(migrated)
        assert (describe(migrated), stated(migrated)) == made
        assert all(made[1].values())


def test_the_migrations_leave_no_name_that_a_new_store_has_not(postgresql_url: str) -> None:
    names = text(
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace "
        "UNION SELECT conname FROM pg_constraint "
        "WHERE connamespace = current_schema()::regnamespace AND contype <> 'n'"
    )
    with open_store(postgresql_url) as store:
        made = set(store.connection.execute(names).scalars())
    with empty_database(postgresql_url) as migrated:
        upgrade_schema(migrated)
        # Alembic names its table's key by itself.
        assert set(migrated.execute(names).scalars()) ^ made == {
            *("alembic_version_pkc", "alembic_version_pkey")
        }


def test_a_new_store_is_at_the_newest_migration_and_stays_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    open_store(url).close()
    with open_store(url) as store:
        upgrade_schema(store.connection)
        said = store.connection.execute(text("SELECT version_num FROM alembic_version"))
        assert said.scalars().all() == [HEAD]


def test_a_store_of_the_first_schema_keeps_its_rows(url: str) -> None:
    with old_store(url) as connection:
        upgrade_schema(connection)
        assert content(connection) == NOW
        # Numbers go on where they were.
        connection.execute(insert(queue).values(pairing=1, side=0, id="new"))
        assert connection.execute(select(func.max(queue.c.number))).scalar_one() == 4
        connection.rollback()


def test_a_store_of_the_second_schema_goes_back_to_the_first_with_its_rows(url: str) -> None:
    with old_store(url) as connection:
        schema, rows = describe(connection), content(connection)
        upgrade_schema(connection, "0002")
        assert describe(connection) != schema
        downgrade(connection)
        assert (describe(connection), content(connection)) == (schema, rows)


def test_a_store_of_today_does_not_go_back(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store, pytest.raises(StoreError, match="use the copy"):
        downgrade(store.connection)


def downgrade(connection: Connection) -> None:
    """Take a store back to the first schema, which no command does."""
    config = Config()
    config.set_main_option("script_location", SCRIPTS)
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.downgrade(config, "0001")


@pytest.mark.parametrize("version", [(3, 26, 0), (3, 32, 3)])
def test_a_sqlite_that_is_too_old_is_told_with_what_to_do(version: tuple[int, ...]) -> None:
    with pytest.raises(StoreError, match=r"SQLite is 3\.\d+\.\d, .* 3\.33 or newer; use"):
        check_sqlite(version)


def test_newer_sqlites_will_do() -> None:
    for version in ((3, 33, 0), (3, 40, 1), (4, 0, 0)):
        check_sqlite(version)
