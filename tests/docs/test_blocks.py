"""Every page with code in it says here what runs that code, or why nothing does."""

import re
from pathlib import Path

import pytest

from tests.docs.commands import blocks
from tests.test_readme import commands_of

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"

GUIDES = "tests/docs/test_guides.py"
RUN_BY = {
    "ci.md": "tests/packaging/test_ci.py",
    "document-pages.md": GUIDES,
    "generated-code.md": "tests/emit/test_documentation.py",
    "how-to/conflicts.md": GUIDES,
    "how-to/erasing.md": GUIDES,
    "how-to/own-document.md": GUIDES,
    "new-system.md": "tests/runtime/connectors/test_new_system.py",
    "profiles.md": "tests/profiles/test_documentation.py",
    "settings.md": "tests/test_settings.py",
}
"""Pages whose code a test takes from the page and runs, reads or compares whole."""

KNOWN_BY_NAME = {
    "audit.md": "reports of a moment; tests/docs/test_guides.py runs its commands",
    "companies.md": "keys of accounts that nobody here has; tests/companies run its commands",
    "connectors.md": "a package of somebody's own; the profile's part is read below",
    "concepts.md": "pictures in letters",
    "console.md": "serves until it is stopped; tests of the console run it",
    "dialect.md": "patterns of sentences; tests/reader reads documents that have each",
    "drift.md": "reports of changes; tests/drift makes each",
    "how-to/backup.md": "needs sqlite3's own shell",
    "how-to/companies.md": "needs companies",
    "how-to/containers.md": "needs a builder of images",
    "how-to/cron.md": "needs cron",
    "how-to/monitoring.md": "needs a mail server; tests/docs/test_guides.py runs its commands",
    "how-to/postgresql.md": "names a server; tests of the store run on one",
    "how-to/secrets.md": "names accounts",
    "how-to/systemd.md": "needs systemd",
    "json.md": "shapes, not values",
    "observability.md": "serves until it is stopped; tests/runtime/connectors/test_observing.py measures runs",
    "releasing.md": "makes a release; tests/packaging builds one",
    "running.md": "many machines; tests/acceptance/test_workers.py has workers on PostgreSQL",
    "sandbox.md": "serves until it is stopped; the README's test runs most of it",
    "store.md": "lists of what a run left; tests/docs/test_guides.py runs its commands",
    "terminal.md": "looks of a terminal; tests/cli/test_run_terminal.py has one",
    "webhooks.md": "needs systems that deliver; tests/service have them",
}
"""Pages whose code nothing runs as it stands: why, and what runs it elsewhere. Its commands and options are
held to the code all the same, and TOML, YAML and Python are read."""


def shown(page: Path) -> list[str]:
    text = page.read_text("utf-8")
    return [block for language, block in blocks(text) if not language.startswith("{")]


def test_each_page_with_code_is_run_or_listed() -> None:
    pages = {
        str(page.relative_to(DOCS))
        for page in DOCS.rglob("*.md")
        if not {"made", "mine", "problems"} & set(page.relative_to(DOCS).parts) and shown(page)
    }
    assert pages == {*RUN_BY, *KNOWN_BY_NAME, "tutorial/first-sync.md"}


@pytest.mark.parametrize("page", RUN_BY)
def test_what_runs_a_page_reads_it(page: str) -> None:
    assert Path(page).name in (ROOT / RUN_BY[page]).read_text("utf-8")


def test_what_the_tutorial_does_the_readme_s_test_does() -> None:
    ran = {command for block in shown(ROOT / "README.md") for command, _ in commands_of(block)}
    tutorial = shown(DOCS / "tutorial" / "first-sync.md")
    steps = {command for block in tutorial for command, _ in commands_of(block)}
    # Two lists, which read the store alone: tests/cli/test_lists.py runs both.
    lists = {"links --state ambiguous", "conflicts --all"}
    assert steps - ran == {f"../../.venv/bin/specbridge {one}" for one in lists}


def test_each_variable_is_told_and_no_other() -> None:
    code = (ROOT / "generator").rglob("*.py")
    pattern = r"(?<!_)SPECBRIDGE_(?!SANDBOX)[A-Z]+(?:_[A-Z]+)*"
    known = {name for one in code for name in re.findall(pattern, one.read_text("utf-8"))}
    told = {
        name for page in DOCS.rglob("*.md") for name in re.findall(pattern, page.read_text("utf-8"))
    }
    assert {name.removesuffix("_FILE") for name in told} == {
        name.removesuffix("_FILE") for name in known
    }


def test_what_is_said_to_run_elsewhere_is_there() -> None:
    named = re.findall(r"tests/[\w/]+(?:\.py)?", " ".join(KNOWN_BY_NAME.values()))
    assert [one for one in named if not (ROOT / one).exists()] == []
