"""One browser for all tests of a module."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.pages.browsing import launch


# Not for the whole session: as long as it lives, its loop is the thread's, and other tests run their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a headless browser; skip loudly where there is none."""
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()
