"""The site as `make docs` built it, opened from its files in a real browser: quiet, open to everybody, searchable.

It is not built here: Sphinx needs an environment of its own and most of a minute. Where nobody has built it, this is skipped.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.pages.browsing import launch, opened, violations

SITE = Path(__file__).parent.parent.parent / "build" / "site"
PAGES = (
    "index.html",
    "search.html",
    "settings.html",
    "tutorial/first-sync.html",
    "how-to/conflicts.html",
    "explanation/comparison.html",
    "reference/made/profile-keys.html",
    "reference/made/commands/specbridge-sync.html",
    "problems/E203.html",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not (SITE / "index.html").is_file():
        pytest.skip("NO SITE: its pages were not opened in a browser (make docs builds it)")
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_quiet_and_open_to_everybody(browser: Browser, page: str) -> None:
    with opened(browser, SITE / page, dark=True, width=390) as found:
        assert found.complaints == []
        assert [one for one in found.requests if not one.startswith("file:")] == []
        assert found.page.evaluate("document.documentElement.scrollWidth") <= 390
        # Last: the checker asks for the styles once more, which a browser refuses to a file's page.
        assert violations(found.page) == []


def test_the_search_works_from_a_file(browser: Browser) -> None:
    with opened(browser, SITE / "index.html") as found:
        found.page.fill(".sidebar-search", "pgbouncer")
        found.page.press(".sidebar-search", "Enter")
        expect(found.page.locator("#search-results li a").first).to_be_visible()
        names = found.page.locator("#search-results li > a").all_inner_texts()
        assert "PostgreSQL, and pgbouncer" in names
        assert found.complaints == []
