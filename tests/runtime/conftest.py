"""Stores to test on: SQLite always, and a real PostgreSQL that comes as a package."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """Return a bench on an SQLite file."""
    return Bench(f"sqlite:///{tmp_path / 'store.db'}")


@pytest.fixture
def unused() -> Iterator[str]:
    yield uuid.uuid4().hex
