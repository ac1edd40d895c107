"""With scripts: what is done is shown where one is; htmx is what its authors released, and runs nothing of texts."""

import re
import threading
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256, sha384
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from specbridge.errors import PackageError
from specbridge.runtime.reports.report import Report
from specbridge.service.console.jobs import Which

from tests.console.seeded import seed
from tests.console.stage import ROOT, Idle, Served, kept_deeds, serve_console
from tests.pages.browsing import Opened

TEMPLATES = ROOT / "templates"


@pytest.fixture
def url(tmp_path: Path) -> str:
    place = f"sqlite:///{tmp_path / 'store.db'}"
    seed(place)
    return place


@pytest.fixture
def served(url: str) -> Iterator[Served]:
    with serve_console(url, Idle(), "anna", "ola") as found:
        yield found


def test_htmx_is_what_was_released() -> None:
    whole = (TEMPLATES / "htmx.min.js").read_bytes()
    told = (TEMPLATES / "htmx.NOTICE.md").read_text("utf-8")
    assert f"`{sha256(whole).hexdigest()}`" in told
    assert f"`{b64encode(sha384(whole).digest()).decode()}`" in told
    (version,) = re.findall(rb'version:"([\d.]+)"', whole)
    assert f"| Version | {version.decode()} |" in told
    assert "`0BSD`" in told


def test_scripts_are_given_as_they_lie_and_to_nobody_else(served: Served) -> None:
    for name in ("htmx.min.js", "console.js"):
        answer = served.client("reader").get(f"/{name}")
        assert answer.content == (TEMPLATES / name).read_bytes()
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert httpx.get(f"{served.address}/{name}").status_code == httpx.codes.FORBIDDEN
    policy = served.client("anna").get("/").headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


@pytest.fixture
def window(browser: Browser, served: Served) -> Iterator[Opened]:
    context = browser.new_context(viewport={"width": 1200, "height": 300}, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    found = Opened(context.new_page())
    found.page.goto(served.entries["anna"])
    yield found
    context.close()


def open_page(window: Opened, served: Served, path: str) -> Page:
    """Open a page, and mark it: a page that is loaded anew has no mark."""
    window.page.goto(f"{served.address}{path}")
    window.page.evaluate("window.same = true")
    return window.page


def test_what_is_done_is_shown_where_one_is(window: Opened, served: Served, url: str) -> None:
    page = open_page(window, served, "/letters?flow=1")
    button = page.get_by_role("button", name="Acknowledge the record s2")
    page.get_by_role("button", name="Try again the record s2").focus()
    place = page.evaluate("scrollY")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The next run tries it again")
    # Who works through a list by keyboard goes on from the same button.
    expect(page.get_by_role("button", name="Try again the record s2")).to_be_focused()
    expect(page.get_by_role("button", name="Try again the record s2")).to_be_in_viewport()
    assert page.evaluate("scrollY") == place > 0
    button.click()
    expect(page.locator("tbody")).to_contain_text("acknowledged")
    expect(page.get_by_role("status")).to_be_in_viewport()
    assert page.evaluate("window.same") is True
    assert page.url.endswith("/letters?flow=1")
    assert window.complaints == []
    assert [kind for _, kind, _ in kept_deeds(url)] == ["retry", "acknowledge"]


def test_who_was_slower_is_told_and_keeps_the_list(window: Opened, served: Served) -> None:
    page = open_page(window, served, "/conflicts")
    ola = served.client("ola")
    form = re.findall(r'name="(\w+)" value="([^"]*)"', ola.get("/conflicts").text.split("<form")[1])
    sent = {**dict(form), "choice": "target"}
    assert ola.post("/do/settle", data=sent).status_code == httpx.codes.SEE_OTHER
    page.get_by_role("button", name="poweroffice-go wins").first.click()
    expect(page.get_by_role("alert")).to_contain_text("ola was the last to act on it")
    assert page.locator("tbody tr").count() == len(("1", "2"))
    page.get_by_role("link", name="Back to the page as it is now").click()
    expect(page.locator("tbody")).to_contain_text("target wins at the next run")


TWICE = """button => {
    const { x, y } = button.getBoundingClientRect();
    const under = () => document.elementFromPoint(x + 9, y + 9);
    under().click();
    return new Promise(done => setTimeout(() => {
        const same = under() === button;
        under().click();
        done(same);
    }, 250));
}"""
"""What a person's double click does: its second half comes when the answer to the first may be there."""


@pytest.mark.parametrize(
    "way",
    [("/conflicts", "zendesk wins", "Settled"), ("/ambiguous", "Pin", "Pinned")],
)
def test_pressed_twice_it_is_done_once_and_nothing_to_what_comes_to_lie_there(
    window: Opened, served: Served, url: str, way: tuple[str, str, str]
) -> None:
    path, name, told = way
    page = open_page(window, served, path)
    button = page.get_by_role("button", name=name).first
    button.scroll_into_view_if_needed()
    assert button.evaluate(TWICE) is True
    expect(page.get_by_role("status")).to_contain_text(told)
    assert page.get_by_role("alert").count() == 0
    assert len([one for one in window.requests if "/do/" in one]) == 1
    assert len(kept_deeds(url)) == 1


def test_a_reason_goes_with_the_button_that_enter_presses(
    window: Opened, served: Served, url: str
) -> None:
    page = open_page(window, served, "/flows")
    page.get_by_label("Why to pause shop").fill("the accountants' week")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("the accountants' week")
    assert kept_deeds(url) == [("anna", "pause", "shop: the accountants' week")]


def test_a_console_that_has_ended_is_told_of(browser: Browser, url: str) -> None:
    with serve_console(url, Idle(), "anna") as served:
        page = browser.new_page()
        page.goto(served.entries["anna"])
        page.goto(f"{served.address}/conflicts")
    page.get_by_role("button", name="zendesk wins").first.click()
    expect(page.get_by_role("alert")).to_contain_text("does not answer")
    page.close()


class Slow(Idle):
    """Work that lasts until it is told to end."""

    def __init__(self) -> None:
        self.ended = threading.Event()

    def plan(self, which: Which, progress: object) -> Report:
        """Say how far it is, and wait."""
        assert callable(progress)
        progress("records read", 7)
        self.ended.wait(60)
        raise PackageError("the systems do not answer")


def kinds_of_requests(page: Page) -> set[str]:
    """Return what a page asks for from now on, by kind, while it does."""
    found = set[str]()
    page.on("request", lambda one: found.add(one.resource_type))
    return found


def test_what_goes_on_is_looked_at_again(browser: Browser, url: str) -> None:
    work = Slow()
    with serve_console(url, work, "anna") as served:
        for scripts in (True, False):
            work.ended.clear()
            page = browser.new_context(java_script_enabled=scripts).new_page()
            page.goto(served.entries["anna"])
            page.goto(f"{served.address}/plan")
            page.get_by_role("button", name="Plan").click()
            expect(page.locator("main")).to_contain_text("records read")
            asked = kinds_of_requests(page)
            work.ended.set()
            expect(page.locator("main")).to_contain_text("do not answer", timeout=20_000)
            # Without scripts the page is loaded anew.
            assert asked == {"xhr" if scripts else "document"}
            # Nothing goes on any more: nobody looks again.
            assert page.locator("[hx-trigger], meta[http-equiv=refresh]").count() == 0
            page.context.close()
