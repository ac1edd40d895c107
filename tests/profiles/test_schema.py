"""The schema accepts what is read, and refuses what reading refuses by kind of key."""

import json
import random
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from specbridge.profiles.load import built_in_texts, examine_profile
from specbridge.profiles.schema import profile_schema

DOCS = Path(__file__).parents[2] / "docs"
VALIDATOR = Draft202012Validator(profile_schema())


def whole_profiles() -> Iterator[tuple[str, str]]:
    """Yield every profile of ours and of the documentation."""
    yield from built_in_texts().items()
    for name in ("profiles.md", "new-system.md"):
        page = (DOCS / name).read_text(encoding="utf-8")
        for number, text in enumerate(re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)):
            if "\nlabels = [" in text:
                yield f"{name}-{number}", text


PROFILES = dict(whole_profiles())


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_fulfils_the_schema(name: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(tomllib.loads(PROFILES[name]))] == []


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(profile_schema())
    assert json.loads(json.dumps(profile_schema())) == profile_schema()


# Below them names are the API's own, and their values any.
FREE = (
    "parameters",
    "fields",
    "constants",
    "body",
    "headers",
    "equals",
    "query",
    "token_query",
    "token_body",
    "authorize_query",
)


def mutate(text: str, chance: random.Random) -> tuple[str, str, int]:
    """Return a text with one key misspelled or one value of another kind, what was done, and its line."""
    lines = text.split("\n")
    places = [
        (number, match)
        for number, line in enumerate(lines)
        if not line.lstrip().startswith("#")
        for match in re.finditer(
            r'(?<![\w".-])([a-z_]+)( = )("[^"]*"|\d+\.\d+|\d+|true|false)', line
        )
    ]
    number, match = chance.choice(places)
    key, value = match[1], match[3]
    line = lines[number]
    if chance.random() < 0.5:
        wrong = key[:-1] + key[-1] * 2 + "x"
        lines[number] = f"{line[: match.start(1)]}{wrong}{line[match.end(1):]}"
        return "\n".join(lines), f"{key} -> {wrong}", number + 1
    other = "{ x = 1 }"
    lines[number] = f"{line[: match.start(3)]}{other}{line[match.end(3):]}"
    return "\n".join(lines), f"{key} = {value} -> {other}", number + 1


@pytest.mark.parametrize("name", PROFILES)
def test_two_hundred_mutations_are_refused_by_line_and_key_or_mean_the_same(name: str) -> None:
    chance = random.Random(13)
    whole, _ = examine_profile(PROFILES[name], "")
    for _ in range(200):
        text, what, line = mutate(PROFILES[name], chance)
        found, faults = examine_profile(text, "")
        if found == whole:
            continue
        told = [fault for fault in faults if fault.where.line == line and fault.key]
        free = any(f"{word} = {{" in text.split("\n")[line - 1] or word in what for word in FREE)
        assert told or free, (what, line, [str(fault) for fault in faults])
