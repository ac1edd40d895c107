"""A new store is made at once; it must be what all migrations together leave."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from specbridge.errors import StoreError
from specbridge.runtime.store.engine import check_sqlite, open_store
from specbridge.runtime.store.migrating import SCRIPTS, upgrade_schema
from specbridge.runtime.store.schema import (
    HEAD,
    candidates,
    flows,
    keys,
    mentions,
    packages,
    queue,
    resources,
)
from sqlalchemy import Connection, create_engine, delete, func, insert, inspect, select, text


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
    """Return what SQLite's inspection does not tell: how rows are numbered and kept, and indexes' ends."""
    found = {}
    for words in ("AUTOINCREMENT", "WITHOUT ROWID", "WHERE state = 'open'", "WHERE vanished IS 1"):
        wanted = f"SELECT name FROM sqlite_master WHERE sql LIKE '%{words.replace(chr(39), chr(39) * 2)}%'"
        found[words] = set(connection.execute(text(wanted)).scalars())
    return found


def test_a_new_store_has_the_schema_that_the_migrations_leave(tmp_path: Path) -> None:
    engine = create_engine("sqlite://")
    with open_store(f"sqlite:///{tmp_path / 'new.db'}") as store, engine.connect() as migrated:
        upgrade_schema(migrated)
        assert describe(store.connection) == describe(migrated)
        assert stated(store.connection) == stated(migrated)
        assert all(stated(migrated).values())
    engine.dispose()


def test_a_new_store_is_at_the_newest_migration_and_stays_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    open_store(url).close()
    with open_store(url) as store:
        upgrade_schema(store.connection)
        said = store.connection.execute(text("SELECT version_num FROM alembic_version"))
        assert said.scalars().all() == [HEAD]


def test_a_store_of_the_first_schema_keeps_its_rows(url: str) -> None:
    with empty_database(url) as connection:
        upgrade_schema(connection, "0001")
        fill(connection)
        before = content(connection)
        upgrade_schema(connection)
        assert content(connection) == before
        # Numbers go on where they were.
        connection.execute(insert(queue).values(resource=1, id="new"))
        assert connection.execute(select(func.max(queue.c.number))).scalar_one() == 3
        connection.rollback()


def test_a_store_goes_back_to_the_first_schema_with_its_rows(url: str) -> None:
    with empty_database(url) as connection:
        upgrade_schema(connection, "0001")
        fill(connection)
        schema, rows = describe(connection), content(connection)
        upgrade_schema(connection)
        assert describe(connection) != schema
        config = Config()
        config.set_main_option("script_location", SCRIPTS)
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        assert (describe(connection), content(connection)) == (schema, rows)


@contextmanager
def empty_database(url: str) -> Iterator[Connection]:
    """Yield a connection to a database without tables."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        if engine.name != "sqlite":
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        yield connection
    engine.dispose()


def fill(connection: Connection) -> None:
    """Put rows into the tables that later migrations make anew."""
    connection.execute(insert(packages).values(number=1, name="p"))
    for number, name in ((1, "A"), (2, "B")):
        connection.execute(
            insert(resources).values(
                number=number, package=1, system="s", name=name, shape="", generation=1
            )
        )
    connection.execute(insert(flows).values(number=1, package=1, name="f", source=1, target=2))
    for id_ in ("x", "done"):
        connection.execute(insert(queue).values(resource=1, id=id_))
    connection.execute(delete(queue).where(queue.c.id == "done"))
    connection.execute(insert(keys).values(flow=1, side=0, id="x", rule=0, value=-5))
    connection.execute(insert(mentions).values(resource=1, id="x", to_resource=2, to_id="y"))
    connection.execute(insert(candidates).values(flow=1, source_id="x", target_id="y"))


def content(connection: Connection) -> list[list[tuple[object, ...]]]:
    """Return all rows of those tables."""
    return [
        [tuple(row) for row in connection.execute(select(table))]
        for table in (queue, keys, mentions, candidates)
    ]


@pytest.mark.parametrize("version", [(3, 26, 0), (3, 32, 3)])
def test_a_sqlite_that_is_too_old_is_told_with_what_to_do(version: tuple[int, ...]) -> None:
    with pytest.raises(StoreError, match=r"SQLite is 3\.\d+\.\d, .* 3\.33 or newer; use"):
        check_sqlite(version)


def test_newer_sqlites_will_do() -> None:
    for version in ((3, 33, 0), (3, 40, 1), (4, 0, 0)):
        check_sqlite(version)
