"""What the pages say there is, there is, and the reverse: commands, options, settings, keys, exit codes."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any, get_args

import click
import pytest
import yaml
from specbridge.cli.ending import FAULT, USAGE
from specbridge.cli.main import main
from specbridge.errors import SpecbridgeError
from specbridge.model.profile import Profile
from specbridge.profiles.kinds import hints_of
from specbridge.runtime.reports.report import RunOutcome
from specbridge.settings import Settings, parse_settings

from tests.docs.commands import blocks, command_lines, fault_of

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"))
    if "made" not in page.parts and "mine" not in page.parts and page.name != "CHANGELOG.md"
)


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference") / "made"
    subprocess.run([sys.executable, ROOT / ".ci" / "reference", folder], check=True)
    return folder


def commands(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            assert command is not None
            if not command.hidden:
                yield from commands(click.Context(command, parent=context, info_name=name))


def test_each_command_has_a_page_with_all_its_options(made: Path) -> None:
    every = list(commands(click.Context(main, info_name="specbridge")))
    pages = {page.stem for page in (made / "commands").glob("specbridge*.md")}
    assert pages == {one.command_path.replace(" ", "-") for one in every}
    for one in every:
        text = (made / "commands" / f"{one.command_path.replace(' ', '-')}.md").read_text("utf-8")
        shown = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))
        for option in one.command.get_params(one):
            if isinstance(option, click.Option) and not option.hidden:
                assert shown >= {name for name in option.opts if name.startswith("--")}


@pytest.mark.parametrize(
    ("root", "page"), [(Settings, "settings"), (Profile, "profile-keys")], ids=["settings", "keys"]
)
def test_each_key_is_listed_and_no_other(made: Path, root: type, page: str) -> None:
    text = (made / f"{page}.md").read_text("utf-8")
    listed = {
        (part.split("\n")[0], key)
        for part in text.split("\n## ")[1:]
        for key in re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)
    }
    places = {("Settings", "root"), ("Profile", "path")}
    assert listed == {(one.__name__, key) for one in held(root) for key in keys(one)} - places


def held(root: Any) -> set[Any]:
    """Return every dataclass that a type names, or what these name, itself among them."""
    found: set[Any] = set()
    hints: list[Any] = [root]
    while hints:
        hint = hints.pop()
        if isinstance(hint, type) and is_dataclass(hint) and hint not in found:
            found.add(hint)
            hints += [hints_of(hint)[key] for key in keys(hint)]
        hints += get_args(hint)
    return found


def keys(hint: Any) -> list[str]:
    return [one.name for one in fields(hint)]


def test_each_problem_is_listed(made: Path) -> None:
    listed = re.findall(
        r"^\| \[([EW]\d{3})\]", (made / "codes.md").read_text("utf-8"), re.MULTILINE
    )
    assert listed == sorted(page.stem for page in (DOCS / "problems").glob("*.md"))


def test_each_exit_code_is_on_its_page_and_no_other() -> None:
    page = (DOCS / "exit-codes.md").read_text("utf-8")
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    # 1 is no failure: that documents and modules differ.
    signals = {128 + 2, 128 + 15}
    outcomes = {one.exit_code for one in RunOutcome}
    assert told == {0, 1, USAGE, FAULT} | signals | outcomes | exit_codes(SpecbridgeError)


def exit_codes(root: type[SpecbridgeError]) -> set[int]:
    return {root.exit_code}.union(*(exit_codes(one) for one in root.__subclasses__()))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_pages_name_no_command_and_no_option_that_is_not_there(page: Path) -> None:
    faults = [fault_of(line) for line in command_lines(page.read_text("utf-8"))]
    assert [fault for fault in faults if fault is not None] == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("specbridge sync --watch 60 --metrics-port 9464 # on", None),
        ("specbridge conflicts settle 7 --winner source | less", None),
        ("specbridge status erase zendesk Users 7", None),
        ("specbridge COMMAND --help", None),
        ("specbridge synk", "specbridge has no synk"),
        ("specbridge sync --wach 60", "specbridge sync has no --wach"),
        ("specbridge profile chek", "specbridge profile has no chek"),
    ],
)
def test_what_is_not_there_is_found(line: str, fault: str | None) -> None:
    found = fault_of(line)
    assert found is None if fault is None else found == f"{line}: {fault}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_each_block_can_be_read_as_what_it_says_it_is(page: Path) -> None:
    for language, block in blocks(page.read_text("utf-8")):
        match language:
            case "toml":
                tomllib.loads(dedent(block))
                if "[tool.specbridge" in block:
                    parse_settings(block, Path("/project/pyproject.toml"))
            case "python":
                compile(dedent(block), str(page), "exec")
            case "yaml":
                yaml.safe_load(block)
