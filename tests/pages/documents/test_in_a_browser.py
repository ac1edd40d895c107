"""The pages of documents in a real browser: nothing in a document runs, and everybody can use them."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser
from specbridge.cli.main import main

from tests.drift.project import DOCUMENT
from tests.pages.browsing import opened, violations

INJECTIONS = (
    "<script>alert(1)</script>",
    "</script><script>alert(2)</script>",
    "<img src=x onerror=alert(3)>",
    "<svg onload=alert(4)>",
    '"><b onmouseover=alert(5)>x',
    "' onfocus='alert(6)' autofocus='",
    "</title><script>alert(7)</script>",
    "</style><style>*{display:none}</style>",
    "<a href=javascript:alert(8)>x</a>",
    "javascript:alert(9)",
    "data:text/html,<script>alert(10)</script>",
    "{{ 7 * 7 }}",
    "{% for x in y %}",
    "{# gone #}",
    "${alert(11)}",
    "<!-- <script>alert(12)</script>",
    "]]><script>alert(13)</script>",
    "&lt;script&gt;alert(14)&lt;/script&gt;",
    "&#60;script&#62;alert(15)",
    "<iframe src=http://127.0.0.1:9/x>",
    "<base href=http://127.0.0.1:9/>",
    "<meta http-equiv=refresh content=0>",
    "<link rel=stylesheet href=http://127.0.0.1:9/x>",
    "<form action=http://127.0.0.1:9/><input>",
    "</section></main><h1>x</h1>",
    "\u202ereversed\u2066",
    "\u2028line\u2029",
    "a\u0007b\u001b[2Jc",
    "../../etc/passwd",
    "url(http://127.0.0.1:9/x)",
    "x" * 500,
)


def section(number: int, text: str) -> str:
    """Return a section that has a text in its heading, its sentences, its cells and its literals."""
    source, target = f"Ledgerly Buyer{number} {text}", f"Acme Contact{number} {text}"
    heading = f"{source} to {target}"
    literal = text.replace("\\", "").replace('"', "'")
    return f"""{heading}
{'-' * max(3, len(heading))}
Every {source} will be synchronized with a {target}.

Once a link between a {source} and a {target} is established, it will keep in sync between the two systems, regardless of where it is edited.

The following properties are synchronized between a {source} and a {target}:

.. list-table::
   :header-rows: 1

   * - {source} Property
     - {target} Property
     - Acme Data Type
   * - {text}
     - {text}
     - ["eq","{literal}","_."]
   * - name (Dependant on having {text} in kind)
     - title
     - "string"

"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "pyproject.toml").write_text("[tool.specbridge]\n", encoding="utf-8")
    (folder / "specs").mkdir()
    head = DOCUMENT.partition("Ledgerly Buyer to")[0]
    hostile = head + "".join(section(n, text) for n, text in enumerate(INJECTIONS))
    (folder / "specs/ledgerly-acme.rst").write_text(hostile, encoding="utf-8")
    name = "<img src=x onerror=alert(16)>.rst"
    (folder / "specs" / name).write_text(DOCUMENT.replace("Ledgerly", "Globex"), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        done = CliRunner().invoke(main, ["docs", "--out", "site"])
    assert done.exit_code == 0, done.output
    return folder / "site"


def plain_page(site: Path) -> str:
    """Return the page of the document whose name alone is hostile."""
    (page,) = site.glob("*img*.html")
    return page.name


def test_nothing_in_a_document_runs(site: Path, browser: Browser) -> None:
    pages = sorted(site.glob("*.html"))
    assert len(pages) >= 6
    for page in pages:
        with opened(browser, page) as found:
            found.page.wait_for_timeout(50)
            assert found.complaints == []
            # The page itself, and nothing else is ever asked for.
            assert found.requests == [page.resolve().as_uri()]
            counted = (
                "document.querySelectorAll('script, img, iframe, form, base, link, h1').length"
            )
            assert found.page.evaluate(counted) == 1
            assert found.page.evaluate("[...document.links].every(a => a.protocol == 'file:')")


def test_every_injection_is_there_to_be_read(site: Path, browser: Browser) -> None:
    with opened(browser, site / "ledgerly-acme.html") as found:
        text = found.page.evaluate("document.body.textContent")
    for injection in INJECTIONS:
        plain = injection.isprintable()
        assert not plain or injection in text, injection
    assert "\\u202ereversed\\u2066" in text


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_have_no_fault_of_access(site: Path, browser: Browser, dark: bool) -> None:
    # Not the long one: the checker looks at each of its elements, and they are all of these kinds.
    for name in (
        (plain_page(site),) if dark else ("index.html", "lineage-acme.html", plain_page(site))
    ):
        with opened(browser, site / name, dark=dark) as found:
            assert violations(found.page) == []


def test_phones_need_no_scrolling_sideways(site: Path, browser: Browser) -> None:
    for page in (site / "index.html", site / "ledgerly-acme.html"):
        with opened(browser, page, width=390) as found:
            wide = "document.documentElement.scrollWidth - window.innerWidth"
            assert found.page.evaluate(wide) <= 0, page.name


def test_the_keyboard_leads_through_a_page(site: Path, browser: Browser) -> None:
    with opened(browser, site / "index.html") as found:
        found.page.keyboard.press("Tab")
        assert found.page.evaluate("document.activeElement.textContent") == "Skip to the content"
        found.page.locator(f'main table a[href="{plain_page(site)}"]').focus()
        found.page.keyboard.press("Enter")
        found.page.wait_for_url(f"**/{plain_page(site)}")
        found.page.locator("summary").first.focus()
        found.page.keyboard.press("Enter")
        assert found.page.locator("details").first.evaluate("one => one.open")
        # From a property to its lineage, by its link alone.
        found.page.locator("table.rows a").first.focus()
        found.page.keyboard.press("Enter")
        assert "#property-" in found.page.url


def test_pages_are_whole_on_paper(site: Path, browser: Browser) -> None:
    with opened(browser, site / "ledgerly-acme.html") as found:
        found.page.emulate_media(media="print")
        assert not found.page.locator("nav").first.is_visible()
        assert found.page.locator("#flows").is_visible()
