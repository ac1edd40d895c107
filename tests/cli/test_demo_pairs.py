"""The demo of other pairs: real commands, and a story that is true of all four systems."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from specbridge.cli.sandbox.pairs import find_pair, pair_names


def play(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "specbridge", "demo", "--pair", name],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_there_is_a_story_of_each_of_the_six_pairs_and_of_all() -> None:
    assert pair_names() == (
        "hubspot-powerofficego",
        "hubspot-tripletex",
        "hubspot-zendesk",
        "powerofficego-tripletex",
        "powerofficego-zendesk",
        "tripletex-zendesk",
        "all",
    )
    assert find_pair("hubspot-tripletex").further == ("hubspot", "tripletex")


@pytest.mark.parametrize("name", ["tripletex-zendesk", "all"])
def test_the_story_is_true(tmp_path: Path, name: str) -> None:
    done = play(tmp_path, name)
    assert done.returncode == 0, done.stdout
    commands = re.findall(r"^\$ specbridge ([\w]+)", done.stdout, re.MULTILINE)
    assert [word for word in commands if word != "sandbox"] == [
        "generate",
        *["sync"] * 3,
        "audit",
    ]
    assert re.findall(r"run 3: .*, (\d+) records written", done.stdout) == ["0"]
    assert re.search(r"^the document holds", done.stdout, re.MULTILINE)


def test_an_unknown_pair_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    done = play(tmp_path, "hubspot-tripletx")
    assert done.returncode == 2
    assert "did you mean hubspot-tripletex?" in done.stdout
