"""The guides, done: each command of a page, in its order, in a project that runs have left open work in."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.commands import run_command
from tests.console.stage import PACKAGE, SETTINGS, World, open_world
from tests.docs.commands import shown_lines, words_of

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
DOCUMENT = "powerofficego-zendesk.rst"

PAGES = (
    *("how-to/own-document.md", "audit.md", "document-pages.md", "store.md"),
    *("how-to/conflicts.md", "how-to/monitoring.md", "how-to/erasing.md"),
)
"""Pages whose commands are run, one page after the other."""

WELL, LEFT_OVER = 0, 3


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("guides")
    label = f'[tool.specbridge.blank_labels."{DOCUMENT}"]\ntarget = "Zendesk"\n'
    with open_world(folder, f'{SETTINGS.replace("*.rst", "specs/*.rst")}{label}') as found:
        (folder / "specs").mkdir()
        text = (ROOT / "specs" / DOCUMENT).read_text("utf-8")
        (folder / "specs" / DOCUMENT).write_text(text, encoding="utf-8")
        yield found


def rows(world: World, *words: str) -> list[dict[str, str]]:
    """Return what a list of the store holds."""
    done = run_command([*words, "--json"], cwd=world.folder, env=world.environment)
    found: list[dict[str, str]] = json.loads(done.stdout)
    return found


def there(world: World) -> Mapping[str, str]:
    """Return what stands for the numbers of the pages in this store."""
    waiting = next(one for one in rows(world, "conflicts") if one["state"] == "open")
    pair, *_ = rows(world, "links", "--state", "ambiguous")
    linked = next(one for one in rows(world, "links") if one["state"] == "linked")
    person = next(one for one in rows(world, "links") if "users" in one["flow"])
    return {
        "settle 7 ": f"settle {waiting['conflict']} ",
        "pin customers_to_organizations 1001 19800000000001": f"pin {pair['flow']} {pair['source']} {pair['target']}",
        "split customers_to_organizations 1001 19800000000002": f"split {linked['flow']} {linked['source']} {linked['target']}",
        "undo 12": "undo 1",
        "4711": person["target"],
    }


def test_each_command_of_the_guides_does_what_it_says(world: World) -> None:
    names = there(world)
    found = set[str]()
    for page in PAGES:
        for line in shown_lines((DOCS / page).read_text("utf-8")):
            own = line
            for told, stands in names.items():
                if told in own:
                    found.add(told)
                    own = own.replace(told, stands)
            done = run_command(words_of(own), cwd=world.folder, env=world.environment)
            assert done.returncode in (WELL, LEFT_OVER), (page, own, done.stdout, done.stderr)
    # None of them has gone from its page.
    assert found == set(names)
    assert (world.folder / "audit.html").is_file()
    assert (world.folder / "site" / "index.html").is_file()
    assert PACKAGE in (world.folder / "site" / "index.html").read_text("utf-8")
