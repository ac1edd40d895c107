"""Each key that a command prints as JSON is on the page of JSON, and each key of its shapes is printed by something."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
import pytest
from specbridge.cli.main import main
from specbridge.model.values import Json

from tests.commands import run_command
from tests.console.stage import PACKAGE, SETTINGS, World, open_world

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "json.md").read_text("utf-8")
GENERATOR = ROOT / "generator" / "specbridge"

FOLDER = f"generated/{PACKAGE}"
BLANK = "powerofficego-zendesk.rst"
LABEL = f'[tool.specbridge.blank_labels."{BLANK}"]\ntarget = "Zendesk"\n'
RUN = (
    *("plan", "sync --actions", f"audit {FOLDER}", "status", "links", "conflicts --all"),
    *("dead-letters", "runs", "undo 1 --list", "undo 1", "duplicates", "companies"),
    *("profile check", "profile probe zendesk", f"doctor {FOLDER}"),
    *("generate new -o made", "check old -o made"),
    *("lint new", "diff old new", f"docs {FOLDER} --out site"),
)
"""Commands over a project that was synced, with documents of two ages: all that print JSON, but for these."""

ELSEWHERE = {
    "inspect": "has a schema of its own; tests/cli/test_documents.py holds it to that",
    "profile show": "prints the keys of a profile; the reference lists each",
    "serve": "serves until it is stopped; tests/service runs --check",
    "jobs": "needs a store on PostgreSQL; tests/acceptance have one",
}

NAMED_BY_PEOPLE = {
    "before",
    "after",
    "source_value",
    "target_value",
    "systems",
    "requests",
    "sides",
}
"""Keys of objects whose own keys are properties, systems and the like; what those hold is looked into."""

VALUES = {"before", "after", "source_value", "target_value", "kept"}
"""Keys of values of records, whatever these hold."""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Json]]:
    folder = tmp_path_factory.mktemp("json")
    settings = f'{SETTINGS.replace("*.rst", "new/*.rst")}{LABEL}'
    with open_world(folder, settings) as world:
        text = (ROOT / "specs" / BLANK).read_text("utf-8")
        for name, own in (("old", text), ("new", text.replace("Name", "LegalName", 1))):
            (folder / name).mkdir()
            (folder / name / BLANK).write_text(own, encoding="utf-8")
        yield {command: answer(world, command) for command in RUN}


def answer(world: World, command: str) -> Json:
    """Return what a command prints, as one value; where it prints a line for each, all of them."""
    words = [*command.split(), "--json"]
    done = run_command(words, cwd=world.folder, env=world.environment)
    assert done.stdout, (command, done.stderr)
    try:
        found: Json = json.loads(done.stdout)
    except json.JSONDecodeError:
        found = [json.loads(line) for line in done.stdout.splitlines()]
    return found


def keys(value: Json) -> Iterator[str]:
    """Yield the keys of a value that are ours, and not names of properties or systems."""
    if isinstance(value, list):
        for one in value:
            yield from keys(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield key
            if key in NAMED_BY_PEOPLE and isinstance(one, dict) and key not in VALUES:
                yield from keys(list(one.values()))
            elif key not in VALUES:
                yield from keys(one)


def test_each_command_that_prints_json_is_run_or_listed() -> None:
    found = set(printing(click.Context(main, info_name="specbridge"), ""))
    words = {" ".join(one.split()[:2]) if "profile" in one else one.split()[0] for one in RUN}
    assert found == words | set(ELSEWHERE)


def printing(context: click.Context, name: str) -> Iterator[str]:
    """Yield the commands below one that take --json."""
    if any("--json" in one.opts for one in context.command.params):
        yield name.strip()
    if isinstance(context.command, click.Group):
        for word in context.command.list_commands(context):
            command = context.command.get_command(context, word)
            assert command is not None
            yield from printing(click.Context(command, parent=context), f"{name} {word}")


@pytest.mark.parametrize("command", RUN)
def test_each_key_that_is_printed_is_told(printed: Mapping[str, Json], command: str) -> None:
    told = set(re.findall(r"[`\"](\w+)[`\"]", PAGE))
    assert sorted(set(keys(printed[command])) - told) == []


def test_each_key_that_is_told_is_printed_or_stands_in_the_code(
    printed: Mapping[str, Json],
) -> None:
    shapes = "\n".join(re.findall(r"^```\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
    told = set(re.findall(r'"(\w+)":', shapes))
    seen = {key for value in printed.values() for key in keys(value)}
    code = "\n".join(one.read_text("utf-8") for one in sorted(GENERATOR.rglob("*.py")))
    unseen = sorted(
        key for key in told - seen if not re.search(rf'"{key}"|^    {key}: ', code, re.MULTILINE)
    )
    assert unseen == []
    # Most are printed here and now: the rest is what this project has none of.
    assert len(told & seen) > 0.9 * len(told)


def test_each_object_says_its_version(printed: Mapping[str, Json]) -> None:
    for command, value in printed.items():
        for one in value if isinstance(value, list) else [value]:
            assert isinstance(one, dict)
            assert one["schema_version"] == 1, command
