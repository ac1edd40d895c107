"""Stores on both databases for companies, and the office with two of them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.companies.office import Companies, opened_companies
from tests.runtime.servers import new_database, running_postgresql


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Start a PostgreSQL of our own and yield the URL of its first database."""
    with ExitStack() as stack:
        try:
            uri = stack.enter_context(running_postgresql())
        except Exception as error:  # whatever keeps a server from starting here
            pytest.skip(f"NO POSTGRESQL: companies were tested on SQLite only: {error}")
        yield uri


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of a new store: on SQLite, then on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'specbridge.db'}"
        return
    with new_database(request.getfixturevalue("postgresql")) as made:
        yield made


@pytest.fixture
def companies(url: str, tmp_path: Path) -> Iterator[Companies]:
    """Give the two companies of an office, which share a Zendesk, on each database."""
    with opened_companies(tmp_path, url) as opened:
        yield opened
