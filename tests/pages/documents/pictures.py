"""The pictures of documents' pages in docs/pictures: `python -m tests.pages.documents.pictures`.

It needs Chromium.
"""

import tempfile
from pathlib import Path

from click.testing import CliRunner
from playwright.sync_api import sync_playwright
from specbridge.cli.main import main as specbridge

from tests.pages.browsing import launch, opened

PICTURES = Path(__file__).parents[3] / "docs" / "pictures"
_PAGE = "powerofficego-zendesk.html"
_LOOKS = (
    ("document.png", _PAGE, False, 1120, 1330),
    ("document-dark.png", _PAGE, True, 1120, 1330),
    ("document-phone.png", _PAGE, False, 390, 1400),
)


def take_pictures(site: Path, folder: Path) -> None:
    """Take all pictures of the pages in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for name, page, dark, width, height in _LOOKS:
            with opened(browser, site / page, dark=dark, width=width) as found:
                found.page.set_viewport_size({"width": width, "height": height})
                found.page.screenshot(path=folder / name)
        browser.close()


def main() -> None:
    """Make the pages of this project's documents and take their pictures."""
    with tempfile.TemporaryDirectory() as folder:
        done = CliRunner().invoke(specbridge, ["docs", "--out", folder])
        assert done.exit_code == 0, done.output
        take_pictures(Path(folder), PICTURES)


if __name__ == "__main__":
    main()
