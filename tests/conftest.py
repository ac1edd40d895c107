"""What all tests share: how many run at once, how garbage is collected meanwhile, and a PostgreSQL."""

import gc
import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.runtime.servers import new_database, running_postgresql

_LONG = 900
"""Seconds: tests that are given so much are begun first, or all others would be done while they go on."""

_COLLECTED_AFTER = 20_000
"""New objects after which garbage is looked for: what tests leave behind is little beside what they load."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have each process begin with long tests: each is given as many, one after another, of what was collected."""
    longest = [item for item in items if _is_long(item)]
    others = [item for item in items if not _is_long(item)]
    processes = pytest_xdist_auto_num_workers()
    share = -(-len(items) // processes)
    items.clear()
    for number in range(processes):
        own = longest[number::processes]
        rest = max(0, share - len(own))
        items += own + others[:rest]
        del others[:rest]


def _is_long(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("timeout")
    return marker is not None and marker.args[:1] >= (_LONG,)


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return half as many again as there are processors: a fifth of the time tests wait for each other's clocks."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)


def pytest_collection_finish() -> None:
    """Have garbage not be looked for among all the modules and tests that are loaded: a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER, 10, 10)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Start a PostgreSQL of our own, one for all tests of a process, and yield the URL of its first database."""
    with ExitStack() as stack:
        try:
            uri = stack.enter_context(running_postgresql())
        except Exception as error:  # whatever keeps a server from starting here
            pytest.skip(f"NO POSTGRESQL: this was tested on SQLite only: {error}")
        yield uri


@pytest.fixture
def postgresql_url(postgresql: str) -> Iterator[str]:
    """Yield the URL of a new, migrated database, and drop it afterwards."""
    with new_database(postgresql) as url:
        yield url
