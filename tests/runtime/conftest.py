"""Stores to test on: SQLite always, and a database of the PostgreSQL that all tests share."""

from pathlib import Path

import pytest

from tests.runtime.bench import Bench


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
