"""Pages over stores that nobody has at hand: of nothing, of names without end, of many companies; for everyone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from playwright.sync_api import Browser
from specbridge.runtime.store.engine import open_store

from tests.console.seeded import seed, seed_company, seed_texts
from tests.console.stage import Idle, Served, serve_console
from tests.pages.browsing import Opened, violations

TEXTS = {
    "long": "Ø" * 3000,
    "words": "Firm and sons " * 200,
    "emoji": "\U0001f469\u200d\U0001f469\u200d\U0001f467 Kafé",
    "from right to left": "شركة الاختبار (عمان) 12",
    "turned round": "abc\u202efdp.exe",
    "lines": "a\nb\r\nc\td",
    "json": '{"a": [1, null, {"b": "c"}]}',
    "wide": "株式会社テスト" * 30,
}
COMPANIES = ("شركة", f"Ærlig & Sønner <i>AS</i> {'x' * 200}")
LISTS = ("/conflicts", "/letters")
PAGES = (*LISTS, "/", "/ambiguous", "/things", "/run?number=1", "/flows", "/deeds")
LOOKED_AT_CLOSELY = ("/conflicts", "/things", "/flows")


def seed_nothing(url: str) -> None:
    open_store(url).close()


def seed_companies(url: str) -> None:
    seed(url)
    for number, name in enumerate(COMPANIES, 2):
        seed_company(url, number, name)


SEEDS: dict[str, Callable[[str], None]] = {
    "nothing": seed_nothing,
    "texts": partial(seed_texts, texts=TEXTS),
    "companies": seed_companies,
}


@pytest.fixture(params=SEEDS)
def served(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[Served]:
    SEEDS[request.param](sqlite_url)
    with serve_console(sqlite_url, Idle(), "anna") as found:
        yield found


@contextmanager
def looking(browser: Browser, served: Served, scheme: str, width: int) -> Iterator[Opened]:
    """Give a window of a width, in light or dark; the checker is a script, which the pages would not run."""
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": 900},
        bypass_csp=True,
    )
    found = Opened(context.new_page())
    found.page.goto(served.entries["anna"])
    yield found
    context.close()


def test_every_page_is_for_everyone_whatever_is_in_the_store(
    browser: Browser, served: Served
) -> None:
    for scheme, width, pages in (("dark", 390, PAGES), ("light", 1200, LISTS)):
        with looking(browser, served, scheme, width) as window:
            for path in pages:
                answer = window.page.goto(f"{served.address}{path}")
                assert answer is not None
                if answer.status == 404:
                    continue
                assert window.page.evaluate("document.documentElement.scrollWidth") <= width, path
                # Its words stay words: no column is squeezed until they stand letter under letter.
                buttons = [one.bounding_box() for one in window.page.locator("td button").all()[:9]]
                assert all(box is not None and box["height"] < 100 for box in buttons), path
                if scheme == "dark" and path in LOOKED_AT_CLOSELY:
                    assert violations(window.page) == [], path
            assert [one for one in window.complaints if "404" not in one] == []


def test_whose_something_is_stands_on_its_buttons(browser: Browser, sqlite_url: str) -> None:
    seed_companies(sqlite_url)
    with (
        serve_console(sqlite_url, Idle(), "anna") as served,
        looking(browser, served, "light", 1200) as window,
    ):
        window.page.goto(f"{served.address}/flows")
        names = window.page.get_by_role("button", name="Pause").all_inner_texts()
        assert len(names) == len(set(names)) == 2 * (len(COMPANIES) + 1)
        window.page.goto(f"{served.address}/conflicts")
        # The company without a name has none to be shown.
        assert ": customers" not in window.page.locator("tbody").inner_text()
        assert "شركة: firms" in window.page.locator("tbody").inner_text()
