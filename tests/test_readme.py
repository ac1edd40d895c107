"""The README keeps its word: its links lead somewhere, its commands exist, its Python runs."""

import re
from pathlib import Path

import pytest
from specbridge.cli.main import COMMANDS

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


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
        for match in re.finditer(r"^\$ specbridge +([a-z-]+)", block, re.MULTILINE)
    ]
    assert [name for name in shown if name not in COMMANDS] == []


def test_python_that_asserts_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGES_TEXT, re.DOTALL)
    runnable = [block for block in blocks if "assert" in block]
    assert runnable
    for block in runnable:
        exec(compile(block, "README.md", "exec"), {})


PAGES_TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_code_shown_is_the_code_committed() -> None:
    shown = re.search(r"```python\n(class Users.*?)```", PAGES_TEXT, re.DOTALL)
    assert shown is not None
    mapper = ROOT / "generated/powerofficego_zendesk/mappers/contactperson_to_users.py"
    without_docstrings = re.sub(r'    """.*?"""\n', "", mapper.read_text("utf-8"), flags=re.DOTALL)
    assert shown[1].strip() in without_docstrings
