"""One browser for all tests of pages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.pages.browsing import launch


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give a headless browser; skip loudly where there is none."""
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()
