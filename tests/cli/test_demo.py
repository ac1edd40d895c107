"""The demo is the commands: each is run, in this order, and the story that they tell is true."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = (
    "generate",
    "plan",
    "sync",
    "sync",
    "conflicts --all",
    "sync",
    "audit --html audit.html",
)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("anywhere")
    done = subprocess.run(
        [sys.executable, "-m", "specbridge", "demo"],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(tmp_path_factory.mktemp("temporary"))},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return folder, done.stdout


def test_the_commands_are_run_in_order(story: tuple[Path, str]) -> None:
    assert tuple(re.findall(r"^\$ specbridge (.*)$", story[1], re.MULTILINE)) == COMMANDS


def test_the_story_is_told_by_what_they_print(story: tuple[Path, str]) -> None:
    parts = re.split(r"^\$ specbridge .*$", story[1], flags=re.MULTILINE)
    generate, plan, first, second, conflicts, third, audit = parts[1:]
    assert "wrote generated/powerofficego_zendesk" in generate
    assert "def to_organizations(" in generate
    assert "would" in plan
    assert "written" not in plan
    assert "5 created in Zendesk" in first
    assert "2 updated in PowerOffice GO" in second
    assert "International" in conflicts
    assert "0 records written" in third
    assert "the document holds" in audit


def test_the_readme_shows_how_it_ends(story: tuple[Path, str]) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    shown = readme.partition("$ make demo\n...\n")[2].partition("```")[0]
    assert shown.count("\n") == 2
    assert story[1].endswith(shown)


def test_it_ends_with_the_page_that_it_leaves(story: tuple[Path, str]) -> None:
    folder, text = story
    *_, told, command = text.rstrip().split("\n")
    assert told.startswith("The audit's page is .specbridge/audit.html;")
    assert command.split() == [command.split()[0], ".specbridge/audit.html"]
    page = folder / ".specbridge/audit.html"
    assert "</html>" in page.read_text(encoding="utf-8")
    # Nothing else stays, and git takes none of it in.
    assert {path.name for path in folder.rglob("*")} == {".specbridge", ".gitignore", "audit.html"}
    assert (folder / ".specbridge/.gitignore").read_text() == "*\n"
