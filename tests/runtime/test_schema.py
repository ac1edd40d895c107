"""A new store is made at once; it must be what all migrations together leave."""

from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect, text

from generator.runtime.store.engine import open_store
from generator.runtime.store.migrating import upgrade_schema
from generator.runtime.store.schema import HEAD


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


def numbered(connection: Connection) -> set[str]:
    """Return the tables whose numbers are never given twice."""
    wanted = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"
    return set(connection.execute(text(wanted)).scalars())


def test_a_new_store_has_the_schema_that_the_migrations_leave(tmp_path: Path) -> None:
    engine = create_engine("sqlite://")
    with open_store(f"sqlite:///{tmp_path / 'new.db'}") as store, engine.connect() as migrated:
        upgrade_schema(migrated)
        assert describe(store.connection) == describe(migrated)
        assert numbered(store.connection) == numbered(migrated) != set()
    engine.dispose()


def test_a_new_store_is_at_the_newest_migration_and_stays_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    open_store(url).close()
    with open_store(url) as store:
        upgrade_schema(store.connection)
        said = store.connection.execute(text("SELECT version_num FROM alembic_version"))
        assert said.scalars().all() == [HEAD]
