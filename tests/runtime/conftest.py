"""Stores to test on: SQLite always, and a real PostgreSQL that comes as a package."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.runtime.bench import Bench
from tests.runtime.servers import new_database, running_postgresql


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Start a PostgreSQL of our own and yield the URL of its first database."""
    with ExitStack() as stack:
        try:
            uri = stack.enter_context(running_postgresql())
        except Exception as error:  # whatever keeps a server from starting here
            pytest.skip(f"NO POSTGRESQL: the store was tested on SQLite only: {error}")
        yield uri


@pytest.fixture
def postgresql_url(postgresql: str) -> Iterator[str]:
    """Yield the URL of a new, migrated database, and drop it afterwards."""
    with new_database(postgresql) as url:
        yield url


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
