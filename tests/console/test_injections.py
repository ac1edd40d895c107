"""Texts of records that would do something if a page took them for more than texts: nothing runs."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from specbridge.pages.console import SCRIPTS
from specbridge.pages.embedding import digest_of
from specbridge.pages.render import script_bytes

from tests.console.seeded import seed_texts
from tests.console.stage import Idle, Served, serve_console
from tests.pages.browsing import Opened
from tests.pages.injections import TEXTS

PAGES = (
    *("/", "/conflicts", "/letters", "/ambiguous", "/vanished", "/things?resource=1", "/runs"),
    *("/run?number=1", "/flows", "/plan", "/deeds"),
)
MOST_AT_ONCE = 30
OURS = {
    f'<script src="/{name}" integrity="{digest_of(script_bytes(name))}" defer>' for name in SCRIPTS
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    url = f"sqlite:///{tmp_path_factory.mktemp('texts') / 'store.db'}"
    seed_texts(url, TEXTS)
    with serve_console(url, Idle(), "<script>window.ran=1</script>") as found:
        yield found


def test_nothing_of_any_text_runs(browser: Browser, served: Served) -> None:
    assert len(TEXTS) >= MOST_AT_ONCE
    context = browser.new_context()
    window = Opened(context.new_page())
    window.page.goto(served.entries["<script>window.ran=1</script>"])
    for path in PAGES:
        window.page.goto(f"{served.address}{path}")
        assert window.page.evaluate("window.ran") is None
        assert window.page.locator("main script, iframe, img, svg, object, base").count() == 0
    # A link leads on within the console, whatever its record is called.
    window.page.goto(f"{served.address}/conflicts")
    for link in window.page.locator("tbody a").all()[:5]:
        assert (link.get_attribute("href") or "").startswith("/pair?")
    window.page.locator("tbody a").first.click()
    assert window.page.locator(".beside h3").count() == len(("source", "target"))
    assert window.complaints == []
    assert {url.split("/")[2] for url in window.requests} == {served.address[7:]}
    context.close()


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_asked_for_is_a_text_as_well(served: Served, name: str) -> None:
    hostile = TEXTS[name].encode(errors="replace").decode()[:2000]
    client = served.client("reader")
    for path in ("/things", "/pair", "/letters", "/vanished", "/conflicts"):
        query = dict.fromkeys(("words", "source", "target", "after", "flow", "at", "told"), hostile)
        answer = client.get(path, params=query)
        assert answer.status_code in (200, 404)
        # Two of our own are loaded; none is written into a page.
        assert not set(re.findall(r"<script[^>]*>", answer.text, re.IGNORECASE)) - OURS
        assert len(re.findall(r"<script", answer.text, re.IGNORECASE)) == len(OURS)
        assert "onfocus='window" not in answer.text
