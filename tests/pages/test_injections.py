"""Whatever names, ids, values and documents hold, a page shows it and does nothing of it."""

import csv
import io
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from specbridge.pages.audit.packing import safe_address
from specbridge.pages.audit.page import write_audit_page
from specbridge.pages.texts import visible

from tests.pages.browsing import opened
from tests.pages.injections import TEXTS
from tests.pages.reports import look_around, make_example, make_report, make_statement


def write(path: Path, text: str) -> Path:
    path.write_text(write_audit_page(make_report(text), look_around(text)), encoding="utf-8")
    return path


def look_at_all(page: Page) -> None:
    """Touch whatever might run something: views, fields, and every element's events."""
    page.wait_for_selector("#tools:visible")
    page.click("#by-record")
    page.hover("#list tbody tr")
    page.click("#by-statement")
    page.fill("#search", "a")
    page.fill("#search", "")
    for kind in ("mouseover", "focus", "error", "load"):
        page.evaluate(
            "kind => document.querySelectorAll('*').forEach(e => e.dispatchEvent(new Event(kind)))",
            kind,
        )


@pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without"])
def test_nothing_of_what_records_and_documents_hold_runs(
    tmp_path: Path, browser: Browser, *, scripts: bool
) -> None:
    # All at once in the head, and one by one in the rows.
    whole = "\n".join(text for name, text in TEXTS.items() if name != "huge")
    rows = [make_statement(text, (make_example(text),)) for text in TEXTS.values()]
    held = [make_statement(text, held=True) for text in TEXTS.values()]
    report = make_report(whole, *rows, *held)
    page = tmp_path / "page.html"
    page.write_text(write_audit_page(report, look_around(whole)), encoding="utf-8")
    with opened(browser, page, scripts=scripts) as found:
        if scripts:
            look_at_all(found.page)
            assert found.page.evaluate("window.ran") is None
            links = found.page.evaluate("[...document.querySelectorAll('#list a')].length")
            assert links == 0
        elements = "iframe, form, base, object, img, link, meta[http-equiv=refresh], [onfocus]"
        assert found.page.locator(elements).count() == 0
        assert found.page.title() == " ".join(visible(f"Audit of {whole}").split())
        assert found.complaints == []
        assert found.requests == [page.as_uri()]


def test_a_record_s_texts_are_shown_as_they_are(tmp_path: Path, browser: Browser) -> None:
    text = TEXTS["image"]
    with opened(browser, write(tmp_path / "page.html", text)) as found:
        found.page.wait_for_selector("#list table")
        assert found.page.locator("#list .name").first.inner_text() == text
        assert found.page.locator("#list .words").first.inner_text() == text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_no_text_leaves_its_place_in_the_file(text: str) -> None:
    page = write_audit_page(make_report(text), look_around(text))
    page.encode("utf-8")
    assert page.count("<script") == 3
    assert page.count("</script") == 3
    assert "<script>window.ran=1" not in page
    assert not any(letter in page for letter in "\x00\x1b\x9b\u2028\u2029\u202e")


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://desk.example/agent/users/1", True),
        ("http://127.0.0.1:8000/a?b=c#d", True),
        ("https://büro.example/1", True),
        ("HTTPS://desk.example/", True),
        ("", False),
        ("/agent/users/1", False),
        ("//desk.example/1", False),
        ("https:desk.example", False),
        ("https://desk.example/a b", False),
        ("https://desk.example/\u202e", False),
        ("https://[desk", False),
        ("https://desk.example@evil.example/", False),
        ("https://[::1]:8000/1", True),
    ],
)
def test_only_addresses_of_the_web_are_followed(address: str, safe: bool) -> None:
    assert bool(safe_address(address)) is safe


def test_no_cell_of_the_csv_is_a_formula(tmp_path: Path, browser: Browser) -> None:
    formulas = [text for name, text in TEXTS.items() if name.startswith(("formula", "quotes"))]
    rows = [make_statement(text, (make_example(text),)) for text in formulas]
    page = tmp_path / "page.html"
    page.write_text(write_audit_page(make_report("Name", *rows), look_around("x")), "utf-8")
    with opened(browser, page) as found:
        found.page.wait_for_selector("#list table")
        found.page.click("#by-record")
        with found.page.expect_download() as coming:
            found.page.click("#csv")
        content = Path(str(coming.value.path())).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert len({len(line) for line in lines}) == 1
    cells = [cell for line in lines[1:] for cell in line]
    assert not any(cell.lstrip().startswith(tuple("=+-@\uff1d")) for cell in cells)
    for text in formulas:
        assert any(cell.endswith(visible(text)) for cell in cells), text
