"""Pages in a real browser: opened from a file, in light or dark, wide or narrow, and checked for access."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has none
from playwright.sync_api import Browser, Page, Playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), "")
NEEDED = "SPECBRIDGE_NEEDS_CHROMIUM"
"""Set where a missing browser is a failure: in CI, which installs it."""

_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser:
    """Return a browser; the test that asks for it is skipped, or in CI fails, where there is none."""
    if not Path(CHROMIUM).is_file():
        told = "NO CHROMIUM: the pages were not opened in a browser (apt-get install chromium)"
        if os.environ.get(NEEDED):
            pytest.fail(told)
        pytest.skip(told)
    return playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGUMENTS)


class Opened:
    """A page that was opened, with all that it complained of or asked the network for."""

    def __init__(self, page: Page) -> None:
        """Listen from the beginning on."""
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda one: self.complaints.append(f"{one.type}: {one.text}"))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: self.requests.append(request.url))


@contextmanager
def opened(
    browser: Browser, path: Path, *, dark: bool = False, width: int = 1200, scripts: bool = True
) -> Iterator[Opened]:
    """Open a file in a window of its own, and close it at the end."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
        accept_downloads=True,
        device_scale_factor=1,
    )
    try:
        found = Opened(context.new_page())
        found.page.goto(path.resolve().as_uri())
        yield found
    finally:
        context.close()


def violations(page: Page) -> list[str]:
    """Return what the checker of accessibility finds: the rule, and where."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found
        for node in one["nodes"]
    ]
