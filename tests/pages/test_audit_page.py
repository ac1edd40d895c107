"""The audit's page of a real sandbox, in a real browser: what it tells, and how it is worked with."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.browsing import Opened, opened, violations
from tests.pages.world import RENAMED, World, working_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with working_world(tmp_path_factory.mktemp("world")) as found:
        found.audit()
        yield found


@pytest.fixture(scope="module")
def page_file(world: World) -> Path:
    return world.audit()


@pytest.fixture
def page(browser: Browser, page_file: Path) -> Iterator[Page]:
    with opened(browser, page_file) as found:
        ready(found)
        yield found.page
        assert found.complaints == []
        assert found.requests == [page_file.as_uri()]


def ready(found: Opened) -> None:
    found.page.wait_for_selector("#tools:visible")
    found.page.wait_for_selector("#list table")


def results(page: Page) -> list[str]:
    return page.locator("#list > table > tbody > tr > td > .state").all_inner_texts()


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize("width", [1200, 390], ids=["wide", "phone"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_is_open_to_everybody(
    browser: Browser, page_file: Path, *, dark: bool, width: int
) -> None:
    with opened(browser, page_file, dark=dark, width=width) as found:
        ready(found)
        assert violations(found.page) == []
        found.page.click("#by-record")
        assert violations(found.page) == []
        wide = found.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
        assert found.complaints == []


def test_the_head_tells_what_was_audited(page: Page) -> None:
    head = page.locator("header.top").inner_text()
    assert "PowerOffice GO ↔ Zendesk" in head
    for told in ("powerofficego-zendesk.rst", "after run 1", "UTC", "at 127.0.0.1:", "Customers"):
        assert told in head
    drawing = page.locator("figure.on-wide svg")
    assert drawing.locator("title").first.text_content() == "PowerOffice GO and Zendesk"
    assert "checks hold" in str(drawing.locator("desc").text_content())


def test_a_statement_is_told_in_the_document_s_words_with_its_line(page: Page) -> None:
    row = page.locator("#list tr", has_text="Every Powerofficego Customers").first
    assert "powerofficego-zendesk.rst, line 72" in row.inner_text()
    held = page.locator("#list tr", has_text="WebsiteUrl").first.inner_text()
    assert "Held back" in held
    assert "line 87" in held
    assert "Map the property that holds the value you mean" in held


def test_what_differs_is_marked_beside_the_reason_and_the_mend(page: Page) -> None:
    name = RENAMED["Nordlys Elektro AS"]
    row = page.locator("#list .records tr", has_text=name)
    assert row.locator("mark").all_inner_texts() == ["A"]
    assert "What Zendesk holds has not reached PowerOffice GO yet." in row.inner_text()
    assert "PowerOffice GO takes over the value of Zendesk then" in row.inner_text()
    link = row.locator("a")
    assert link.inner_text() == name
    assert "/agent/organizations/" in str(link.get_attribute("href"))
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_it_is_searched_filtered_and_sorted_by_keyboard_alone(page: Page) -> None:
    everything = results(page)
    page.locator("#by-statement").focus()
    press(page, "Tab", "Tab", "Enter")
    assert set(results(page)) == {"Does not hold"}
    assert page.locator("#results [aria-pressed=true]").count() == 1
    press(page, "Space")
    assert results(page) == everything
    page.locator("#search").focus()
    page.keyboard.type("nordlys")
    expect(page.locator("#list > table > tbody > tr:not(.within)")).to_have_count(1)
    assert page.locator("#shown").inner_text().startswith("1 of ")
    press(page, "Tab", "Tab", "Tab", "Tab", "Enter")
    assert results(page) == everything
    head = page.locator("#list th", has_text="Result")
    head.locator("button").focus()
    press(page, "Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert results(page)[0] == "Does not hold"
    press(page, "Enter")
    assert results(page)[0] == "Holds"
    press(page, "Enter")
    assert results(page) == everything


def test_a_search_that_is_drawn_late_takes_the_focus_from_nobody(page: Page) -> None:
    page.locator("#search").focus()
    page.keyboard.type("nordlys")
    head = page.locator("#list th", has_text="Result")
    head.locator("button").focus()
    expect(page.locator("#list > table > tbody > tr:not(.within)")).to_have_count(1)
    press(page, "Enter", "Enter")
    assert head.get_attribute("aria-sort") == "descending"


def test_a_statement_s_records_are_shown_and_hidden_by_keyboard(page: Page) -> None:
    button = page.locator("#list .show").first
    assert button.get_attribute("aria-expanded") == "true"
    before = page.locator("#list .records").count()
    button.focus()
    press(page, "Enter")
    assert page.locator("#list .records").count() == before - 1
    assert button.get_attribute("aria-expanded") == "false"
    press(page, "Enter")
    assert page.locator("#list .records").count() == before


def test_each_field_narrows_what_is_listed(page: Page) -> None:
    total = page.locator("#shown").inner_text()
    page.select_option("#side", "PowerOffice GO")
    assert set(results(page)) == {"Does not hold"}
    page.select_option("#side", "")
    page.select_option("#kind", "linked")
    assert all("Match" in text for text in page.locator("#list .about").all_inner_texts())
    page.select_option("#kind", "")
    page.select_option("#flow", label="Departments ↔ Organizations")
    assert page.locator("#list .about", has_text="Customers").count() == 0
    page.click("#clear")
    assert page.locator("#shown").inner_text() == total


def test_records_are_counted_by_result(page: Page) -> None:
    page.click("#by-record")
    counts = page.locator("#results button").all_inner_texts()
    total = sum(int(text.rpartition("(")[2].rstrip(")")) for text in counts)
    assert page.locator("#shown").inner_text() == f"{total} records"
    assert not [text for text in counts if text.startswith(("Holds", "Held back"))]


def test_what_is_shown_is_saved_as_a_table(page: Page) -> None:
    page.click("#by-record")
    page.fill("#search", "nordlys")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    with page.expect_download() as coming:
        page.click("#csv")
    assert coming.value.suggested_filename == "audit-records.csv"
    text = Path(str(coming.value.path())).read_text(encoding="utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["Result"] == "Does not hold"
    assert row["PowerOffice GO: value"] == "Nordlys Elektro AS"
    assert row["Zendesk: value"] == "Nordlys Elektro ASA"
    assert row["Document"] == "powerofficego-zendesk.rst, line 84"


def test_earlier_audits_are_drawn(page: Page) -> None:
    assert page.locator(".chart circle.fails").count() == 2
    page.locator("summary").focus()
    press(page, "Enter")
    assert page.locator("details tbody tr").count() == 2


def test_without_scripts_head_drawing_and_statements_are_there(
    browser: Browser, page_file: Path
) -> None:
    with opened(browser, page_file, scripts=False) as found:
        text = found.page.locator("body").inner_text()
        assert "Every Powerofficego Customers will be synchronized" in text
        assert "powerofficego-zendesk.rst, line 72" in text
        assert "once scripts may run" in text
        assert found.page.locator("figure.on-wide svg").is_visible()
        assert not found.page.locator("#tools").is_visible()


def test_all_that_is_listed_is_printed(page: Page) -> None:
    page.emulate_media(media="print")
    assert not page.locator("#tools").is_visible()
    assert page.locator("#list table").first.is_visible()
    assert page.locator("figure.on-wide").is_visible()
