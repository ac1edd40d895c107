"""Stores on both databases for companies, and the office with two of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.companies.office import Companies, opened_companies
from tests.runtime.servers import new_database

KINDS = ["sqlite", "postgresql"]


@contextmanager
def new_store(kind: str, directory: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the URL of a new store: a file of the directory, or a database of a PostgreSQL."""
    if kind == "sqlite":
        yield f"sqlite:///{directory / 'specbridge.db'}"
        return
    with new_database(request.getfixturevalue("postgresql")) as made:
        yield made


@pytest.fixture(params=KINDS)
def companies(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Companies]:
    """Give the two companies of a new office, which share a Zendesk, on each database."""
    with (
        new_store(request.param, tmp_path, request) as url,
        opened_companies(tmp_path, url) as opened,
    ):
        yield opened


@pytest.fixture(scope="module", params=KINDS)
def office(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Companies]:
    """Give one office for all tests of a module: runs do not undo each other."""
    directory = tmp_path_factory.mktemp("office")
    with (
        new_store(request.param, directory, request) as url,
        opened_companies(directory, url) as opened,
    ):
        yield opened


@pytest.fixture
def named(office: Companies) -> Companies:
    """Return the module's office with its two companies as they were named at first."""
    office.name_anew()
    return office
