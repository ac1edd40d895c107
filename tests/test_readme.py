"""The README keeps its word: its links lead somewhere, its commands run as they stand, and print what it shows."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from specbridge.cli.main import COMMANDS
from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser

from tests.shell import Shell, bare_environment

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PAGES_TEXT = README.read_text(encoding="utf-8")

NOT_RUN = {
    "make demo": "tests/cli/test_demo.py plays it once, and compares what is shown here",
    "pip install specbridge": "no release is on an index; tests/packaging installs a wheel",
    "pip install 'specbridge[postgresql]'": "as above",
    "pip install 'specbridge[sandbox]'": "as above",
    "pip install 'specbridge[observability]'": "as above",
    "pip install 'specbridge[scale]'": "as above",
}
"""The commands of the README that are not run here, and why."""


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_exist(page: Path) -> None:
    blocks = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    shown = [
        match[1]
        for block in blocks
        for match in re.finditer(r"^\$ (?:\S*/)?specbridge +([a-z-]+)", block, re.MULTILINE)
    ]
    assert [name for name in shown if name not in COMMANDS] == []


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a checkout as it is after `make demo` has set up its environment."""
    folder = tmp_path / "specbridge"
    folder.mkdir()
    for name in ("docs/example", "specs", "generated", "pyproject.toml", ".gitignore"):
        ignored = shutil.ignore_patterns("__pycache__", "*.db", ".specbridge", "generated")
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copyfile(source, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def test_each_command_prints_what_is_shown(clone: Path, tmp_path: Path) -> None:
    with Shell(clone, bare_environment(tmp_path)) as shell:

        def check_block(example: Example) -> str | None:
            for command, expected in commands_of(example.parsed):
                if command not in NOT_RUN:
                    code, printed = shell.run(command)
                    if code != 0 or not matches(expected, printed):
                        return f"$ {command}\nended with {code} and printed:\n{printed}"
            return None

        document = Document.parse(str(README), CodeBlockParser("console", check_block))
        try:
            for example in document.examples():
                example.evaluate()
        finally:
            # Wherever it broke off, no server is left behind.
            place = clone / "docs/example/.specbridge/sandbox.env"
            shell.run(f"{clone}/.venv/bin/specbridge sandbox stop --env-file {place}")
    # What the audit wrote is there, and none of it gets into the repository.
    assert (clone / "docs/example/.specbridge/audit.html").exists()
    assert git(clone, "ls-files", "--others", "--exclude-standard") == ".venv\n"


def test_what_is_not_run_is_in_the_readme() -> None:
    blocks = re.findall(r"```console\n(.*?)```", PAGES_TEXT, re.DOTALL)
    shown = {command for block in blocks for command, _ in commands_of(block)}
    assert set(NOT_RUN) <= shown


def commands_of(block: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a block, comments aside, with the lines that are shown below it."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        first, *lines = part.rstrip("\n").split("\n")
        yield re.sub(r"\s{2,}# .*", "", first).strip(), lines


def matches(expected: list[str], printed: str) -> bool:
    """Return whether a text is as shown: `...` as a line stands for any lines, in a line for anything."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\n"
        for line in expected
    )
    return re.fullmatch(pattern, f"{printed}\n" if printed else "") is not None


@pytest.mark.parametrize(
    ("expected", "printed", "fits"),
    [
        ([], "", True),
        ([], "a line that nobody shows", False),
        (["a", "..."], "a\nb\nc", True),
        (["a", "..."], "a", True),
        (["a (...)"], "a (0.3 s)", True),
        (["a"], "a\nb", False),
        (["..."], "", True),
    ],
)
def test_what_is_shown_is_compared(expected: list[str], printed: str, fits: bool) -> None:
    assert matches(expected, printed) is fits


def test_the_document_shown_is_the_example_s() -> None:
    (shown,) = re.findall(r"```rst\n(.*?)```", PAGES_TEXT, re.DOTALL)
    assert shown in (ROOT / "docs/example/specs/powerofficego-zendesk.rst").read_text(
        encoding="utf-8"
    )


def test_the_code_shown_is_what_the_example_makes(clone: Path) -> None:
    (shown,) = re.findall(r"```python\n(.*?)```", PAGES_TEXT, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-m", "specbridge", "generate"],
        cwd=clone / "docs/example",
        capture_output=True,
        text=True,
        check=True,
    )
    # The example is clean: nothing is told of it.
    assert done.stderr == ""
    folder = clone / "docs/example/generated/powerofficego_zendesk/mappers"
    mapper = (folder / "customers_to_organizations.py").read_text("utf-8")
    assert shown.strip() in re.sub(r'    """.*?"""\n', "", mapper, flags=re.DOTALL)
