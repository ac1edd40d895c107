"""A store that stays open from run to run: what thousands of short histories can afford."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from specbridge.runtime.store.engine import Store
from specbridge.runtime.store.opening.migrating import upgrade_schema
from specbridge.runtime.store.tables.schema import metadata
from sqlalchemy import create_engine, delete, text
from sqlalchemy.pool import NullPool, StaticPool


class KeptStore:
    """One connection to a database (of SQLite: in memory), which keeps its compiled statements.

    What is not committed when a run ends or dies is rolled back, as it would be with its process.
    """

    def __init__(self, url: str = "sqlite://") -> None:
        """Open the database and bring its schema up to date."""
        pool = StaticPool if url.startswith("sqlite") else NullPool
        address = url.replace("postgresql://", "postgresql+psycopg://")
        self._engine = create_engine(address, poolclass=pool)
        self._connection = self._engine.connect()
        upgrade_schema(self._connection)
        self._connection.commit()
        # Made once: it is executed before each history.
        self._emptying = [delete(table) for table in reversed(metadata.sorted_tables)]

    @contextmanager
    def open(self, *, scratch: bool = False) -> Iterator[Store]:
        """Give the store for one run."""
        try:
            yield Store(self._engine, self._connection, scratch=scratch)
        finally:
            self._connection.rollback()

    def empty(self) -> None:
        """Forget everything."""
        for statement in self._emptying:
            self._connection.execute(statement)
        if self._engine.dialect.name == "sqlite":
            self._connection.execute(text("DELETE FROM sqlite_sequence"))
        self._connection.commit()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
        self._engine.dispose()


@contextmanager
def kept_quietly(url: str = "sqlite://") -> Iterator[KeptStore]:
    """Open a store for histories, and close it; meanwhile nothing is logged, afterwards what was logged before."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    kept = KeptStore(url)
    try:
        yield kept
    finally:
        kept.close()
        structlog.configure(wrapper_class=before)
