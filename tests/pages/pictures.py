"""The pictures of the audit's page in docs/pictures: `python -m tests.pages.pictures`.

It needs Chromium. The audits of earlier nights are made up, for the sandbox has lived through none.
"""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import sync_playwright
from specbridge.runtime.store.history.audits import KeptAudit, keep_audit

from tests.pages.browsing import launch, opened
from tests.pages.world import ROOT, World, working_world

PICTURES = ROOT / "docs" / "pictures"
_DAY = 86400.0
_NIGHTS = (31, 24, 25, 17, 17, 12, 14, 9, 9, 6, 7, 3, 3, 2)
"""How many checks did not hold, night after night."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the page: its file, how it is looked at, and how much of it is shown."""

    name: str
    dark: bool
    width: int
    height: int
    records: bool = False


_ALL = (
    Picture("audit.png", False, 1120, 1500),
    Picture("audit-dark.png", True, 1120, 1500),
    Picture("audit-records.png", False, 1120, 1100, records=True),
    Picture("audit-phone.png", False, 390, 1400),
)


def take_pictures(page: Path, folder: Path) -> None:
    """Take all pictures of a page into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for picture in _ALL:
            with opened(browser, page, dark=picture.dark, width=picture.width) as found:
                found.page.wait_for_selector("#list table")
                found.page.set_viewport_size({"width": picture.width, "height": picture.height})
                if picture.records:
                    found.page.click("#by-record")
                    found.page.evaluate(
                        "document.getElementById('findings').scrollIntoView({behavior: 'instant'})"
                    )
                found.page.screenshot(path=folder / picture.name)
        browser.close()


def live_through_nights(world: World) -> None:
    """Keep audits of earlier nights in the world's store."""
    url, scope = world.environment["SPECBRIDGE_STORE"], ["powerofficego_zendesk"]
    begin = time.time() - len(_NIGHTS) * _DAY
    for night, fails in enumerate(_NIGHTS):
        audit = KeptAudit(
            at=begin + night * _DAY, checked=124, holds=124 - fails, left_over=4 + fails // 5
        )
        keep_audit(url, "", scope, audit)


def main() -> None:
    """Make a world, audit it, and take the pictures."""
    with tempfile.TemporaryDirectory() as folder, working_world(Path(folder), 40) as world:
        live_through_nights(world)
        take_pictures(world.audit(), PICTURES)


if __name__ == "__main__":
    main()
