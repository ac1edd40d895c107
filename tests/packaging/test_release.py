"""The sdist and the wheel hold what they should, and one build is like the other."""

import re
import runpy
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path

from tests.packaging.conftest import ROOT, Release, build

SHIPPED = {
    "templates": ROOT / "templates",
    "problems": ROOT / "docs" / "problems",
    "example/specs": ROOT / "docs" / "example" / "specs",
    "documents": ROOT / "specs",
    "profiles": ROOT / "generator" / "specbridge" / "profiles",
}
# What a checkout holds and an sdist need not: what git and the tools keep for themselves.
KEPT_OUT = {".git", "__pycache__"}


def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_the_wheel_has_one_name_at_its_top(release: Release) -> None:
    tops = {name.split("/")[0] for name in names(release.wheel)}
    version = release.wheel.name.split("-")[1]
    assert tops == {"specbridge", f"specbridge-{version}.dist-info"}


def test_the_wheel_holds_what_the_commands_read(release: Release) -> None:
    held = set(names(release.wheel))
    for room, folder in SHIPPED.items():
        files = {path.name for path in folder.iterdir() if path.is_file()}
        assert {f"specbridge/{room}/{name}" for name in files} <= held, room
    assert "specbridge/example/pyproject.toml" in held
    assert "specbridge/py.typed" in held


def test_the_wheel_holds_every_module_and_nothing_of_the_tools(release: Release) -> None:
    source = ROOT / "generator"
    modules = {str(path.relative_to(source)) for path in source.rglob("*.py")}
    held = set(names(release.wheel))
    assert {name for name in held if name.endswith(".py")} == modules
    assert [name for name in held if "__pycache__" in name] == []


def test_the_wheel_of_the_sdist_is_the_wheel_of_the_checkout(
    release: Release, tmp_path: Path
) -> None:
    build(tmp_path, ROOT, "--wheel")
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == release.wheel.name
    assert wheel.read_bytes() == release.wheel.read_bytes()


def test_the_sdist_holds_what_make_test_needs(release: Release) -> None:
    with tarfile.open(release.sdist) as archive:
        held = {name.split("/", 1)[1] for name in archive.getnames()}
    rooms = (".ci", ".github", "docs", "generated", "specs", "templates", "tests")
    files = {
        str(path.relative_to(ROOT))
        for room in rooms
        for path in (ROOT / room).rglob("*")
        if path.is_file() and not KEPT_OUT & set(path.parts)
        # What `make docs` writes beside the pages is in no repository.
        and "made" not in path.parts
    }
    pages = {path.name for path in ROOT.glob("*.md")}
    assert files | pages | {"LICENSE", "Makefile", "pyproject.toml"} <= held


def test_the_index_gets_a_text_without_relative_links(release: Release) -> None:
    with zipfile.ZipFile(release.wheel) as archive:
        (path,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        metadata = message_from_bytes(archive.read(path))
    assert metadata["Description-Content-Type"] == "text/markdown"
    text = metadata.get_payload()
    assert isinstance(text, str)
    assert re.findall(r"\]\((?!https://|#)", text) == []
    assert "write a profile (`docs/new-system.md`)" in text
    assert "docs/pictures" not in text
    assert metadata.get_all("License-File") == ["LICENSE"]


def test_with_an_address_the_index_links_to_the_release() -> None:
    for_index = runpy.run_path(str(ROOT / ".ci" / "readme.py"))["for_index"]
    urls = {"Repository": "https://code.example/OWNER/specbridge"}
    text = "[a page](docs/a.md), [one](#below), [another](https://b.example/)"
    shown = "[a page](https://code.example/OWNER/specbridge/blob/v1.2.3/docs/a.md)"
    assert for_index(text, urls, "1.2.3") == text.replace("[a page](docs/a.md)", shown)
    assert for_index(text, {}, "1.2.3").startswith("a page (`docs/a.md`), [one](#below), [another]")
    picture = "![A page](docs/pictures/a.png)\n\nText"
    assert for_index(picture, {}, "1.2.3").startswith("Text")
    told = for_index(picture, urls, "1.2.3")
    assert told.startswith(
        "![A page](https://code.example/OWNER/specbridge/raw/v1.2.3/docs/pictures/"
    )
