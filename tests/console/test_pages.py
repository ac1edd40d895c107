"""The console over a store that real runs left, in a real browser: by keyboard, without scripts, for everyone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from time import monotonic, sleep
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page
from specbridge.cli.service.console import ConsoleWork

from tests.console.stage import (
    GO,
    ZENDESK,
    Served,
    World,
    form_of,
    forms_of,
    kept_deeds,
    open_world,
    serve_console,
)
from tests.pages.browsing import Opened, violations

PAGES = (
    *(
        "/",
        "/conflicts",
        "/letters",
        "/ambiguous",
        "/vanished",
        "/things",
        "/runs",
        "/run?number=1",
    ),
    *("/flows", "/plan", "/deeds", "/thing?resource=1&id=10007"),
)
PATIENCE = 120.0
"""Seconds that a run may take on a machine that is busy with others."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A console that is served over a world."""

    world: World
    served: Served


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    before, folder = dict(os.environ), tmp_path_factory.mktemp("desk")
    place = os.getcwd()  # noqa: PTH109  # to come back to
    with open_world(folder) as world:
        os.environ.update(world.environment)
        os.chdir(folder)
        try:
            with serve_console(world.url, ConsoleWork(None), "anna") as served:
                yield Desk(world=world, served=served)
        finally:
            os.chdir(place)
            os.environ.clear()
            os.environ.update(before)


@contextmanager
def looking(browser: Browser, desk: Desk, name: str = "anna", **how: object) -> Iterator[Opened]:
    """Give a window of somebody who has come in."""
    context = browser.new_context(**how)  # type: ignore[arg-type]  # the browser's own options
    try:
        found = Opened(context.new_page())
        found.page.goto(desk.served.entries[name])
        assert found.page.url == f"{desk.served.address}/"
        yield found
    finally:
        context.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 390)], ids=str)
def test_every_page_is_for_everyone(browser: Browser, desk: Desk, scheme: str, width: int) -> None:
    how: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    # The checker is a script, which the pages would not run.
    with looking(browser, desk, bypass_csp=True, **how) as window:
        for path in PAGES:
            window.page.goto(f"{desk.served.address}{path}")
            assert violations(window.page) == [], path
            wide = window.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, path
        assert window.complaints == []


def test_every_page_is_quiet_under_its_own_policy(browser: Browser, desk: Desk) -> None:
    with looking(browser, desk) as window:
        for path in PAGES:
            window.page.goto(f"{desk.served.address}{path}")
        assert window.complaints == []
        assert {url.split("/")[2] for url in window.requests} == {desk.served.address[7:]}


def press(page: Page, name: str) -> None:
    """Press a button as who has no pointer does: reach it with Tab, then Enter."""
    for _ in range(300):
        page.keyboard.press("Tab")
        if page.locator(":focus").count() and page.locator(":focus").inner_text().startswith(name):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"no {name!r} was reached on {page.url}")


def test_everything_is_done_by_keyboard_and_without_scripts(browser: Browser, desk: Desk) -> None:
    earlier = len(kept_deeds(desk.world.url))
    with looking(browser, desk, java_script_enabled=False) as window:
        page, address = window.page, desk.served.address
        page.goto(f"{address}/conflicts")
        press(page, "zendesk wins")
        assert "Settled" in page.get_by_role("status").inner_text()
        page.goto(f"{address}/letters")
        press(page, "Acknowledge")
        assert "acknowledged" in page.locator("tbody").inner_text()
        page.goto(f"{address}/ambiguous")
        press(page, "Pin")
        assert "Pinned" in page.get_by_role("status").inner_text()
        page.goto(f"{address}/flows")
        press(page, "Pause")
        assert "paused since" in page.locator("main").inner_text()
        press(page, "Resume")
        page.goto(f"{address}/plan")
        press(page, "Plan: what")
        finish(page)
        assert "What it would do" in page.locator("main").inner_text()
        page.goto(f"{address}/plan")
        press(page, "Run now")
        finish(page)
        told = page.locator("main").inner_text()
        assert "left_over" in told, told
        page.goto(f"{address}/runs")
        page.locator("tbody a").first.click()
        # What was settled has been written.
        assert "Name: KYSTFISK AS" in page.locator("#writes ~ table").inner_text()
        page.locator("[type=checkbox]").first.focus()
        page.keyboard.press("Space")
        press(page, "Undo the chosen writes")
        finish(page)
        assert "restored" in page.locator("main").inner_text()
        assert window.complaints == []
    kinds = [kind for _, kind, _ in kept_deeds(desk.world.url)[earlier:]]
    assert kinds == ["settle", "acknowledge", "pin", "pause", "resume", "run", "undo"]


def finish(page: Page) -> None:
    """Look again until what was begun has ended."""
    assert "/job?" in page.url, page.locator("main").inner_text()
    for _ in range(100):
        if "under way" not in page.locator("main").inner_text():
            return
        page.wait_for_timeout(200)
        page.reload()
    raise AssertionError(page.locator("main").inner_text())


def test_who_only_reads_sees_all_and_no_button(browser: Browser, desk: Desk) -> None:
    with looking(browser, desk, "reader") as window:
        for path in PAGES:
            window.page.goto(f"{desk.served.address}{path}")
            assert window.page.locator("form[method=post], [type=checkbox]").count() == 0
        assert "reads only" in window.page.locator("header").inner_text()


def test_a_run_in_the_middle_wins_or_is_told_of_and_nothing_is_lost(desk: Desk) -> None:
    world, client = desk.world, desk.served.client("anna")
    value = min(world.names(GO) & world.names(ZENDESK))
    for of, called in ((GO, "Go"), (ZENDESK, "Zendesk")):
        world.rename(of, {value: f"{value} ({called})"})
    world.run("sync")
    seen = forms_of(client.get("/conflicts").text, "/do/settle")[-1]
    world.rename(ZENDESK, {f"{value} (Zendesk)": f"{value} AS"})
    world.run("sync")
    late = client.post("/do/settle", data={**seen, "choice": "target"})
    assert late.status_code == httpx.codes.CONFLICT
    assert f"{value} AS" in open_conflicts(client)
    # Whoever decides while a run is under way has it carried out, or is told.
    begin = {**form_of(client.get("/plan").text, "/do/work"), "choice": "run"}
    assert client.post("/do/work", data=begin).status_code == httpx.codes.SEE_OTHER
    fresh = forms_of(client.get("/conflicts").text, "/do/settle")[-1]
    deadline, answers = monotonic() + PATIENCE, list[int]()
    while httpx.codes.SEE_OTHER not in answers:
        assert monotonic() < deadline
        answers.append(client.post("/do/settle", data={**fresh, "choice": "target"}).status_code)
    assert set(answers) <= {httpx.codes.SEE_OTHER, httpx.codes.CONFLICT}
    while "under way" in client.get("/plan").text.partition("What was begun here")[2]:
        assert monotonic() < deadline
        sleep(0.1)
    world.run("sync")
    assert f"{value} AS" in world.names(GO) & world.names(ZENDESK)
    assert f"{value} AS" not in open_conflicts(client)


def open_conflicts(client: httpx.Client) -> str:
    """Return what the list of conflicts shows."""
    return unescape(client.get("/conflicts").text)
