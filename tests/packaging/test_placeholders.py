"""No tag and no address is claimed that does not exist: there is one placeholder for each."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = [
    *sorted((ROOT / ".github").rglob("*.yml")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted(ROOT.glob("*.md")),
    ROOT / ".pre-commit-hooks.yaml",
    ROOT / "action.yml",
    ROOT / "pyproject.toml",
]
# A version of this project where it is taken from: `rev: v1.2.3`, `@v1.2.3`, `specbridge==1.2.3`.
CLAIMED = re.compile(r"(?:rev: |specbridge\S*@|specbridge==)v?\d\S*")
ADDRESS = re.compile(r"https?://\S*specbridge\S*")


@pytest.mark.parametrize("path", PARTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_placeholders_are_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert CLAIMED.findall(text) == []
    assert [found for found in ADDRESS.findall(text) if "/OWNER/specbridge" not in found] == []


def test_what_ci_takes_names_the_placeholders() -> None:
    text = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    assert "rev: vVERSION" in text
    assert "uses: OWNER/specbridge@vVERSION" in text
    assert "specbridge==VERSION" in text


def test_the_project_names_no_address_until_there_is_one() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert "urls" not in tomllib.loads(text)["project"]
    assert "# [project.urls]" in text
    assert "OWNER/specbridge" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_changelog_begins_with_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    headings = re.findall(r"^## (\S+) - ", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == project["version"]
