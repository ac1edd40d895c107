"""What all tests share: how many of them run at once."""

import os

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return half as many again as there are processors: a fifth of the time tests wait for each other's clocks."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)
