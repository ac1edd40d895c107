"""What all tests share: how many of them run at once, and how garbage is collected meanwhile."""

import gc
import os

import pytest

_COLLECTED_AFTER = 20_000
"""New objects after which garbage is looked for: what tests leave behind is little beside what they load."""


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return half as many again as there are processors: a fifth of the time tests wait for each other's clocks."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)


def pytest_collection_finish() -> None:
    """Have garbage not be looked for among all the modules and tests that are loaded: a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_AFTER, 10, 10)
