"""docs/profiles.md says of every key what it means, and its example is a profile."""

import re
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path

import pytest
from specbridge.model import calls, profile, webhooks
from specbridge.profiles.load import read_profile

PAGE = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")
KNOWN = {**vars(calls), **vars(profile), **vars(webhooks)}.values()
KINDS = [one for one in KNOWN if isinstance(one, type) and is_dataclass(one)]
WORDS = [
    one for one in KNOWN if isinstance(one, type) and issubclass(one, Enum) and one is not Enum
]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_key_is_described(kind: type) -> None:
    keys = {one.name for one in fields(kind)}
    assert {key for key in keys if not re.search(rf"`{key}\b", PAGE)} == set()


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.__name__)
def test_every_word_is_named(kind: type[Enum]) -> None:
    assert {one.value for one in kind if f"`{one.value}`" not in PAGE} == set()


HEAD = """
name = "acme"
labels = ["Acme"]
base_url = "https://acme.example"
"""
RESOURCE = """
[[resources]]
name = "Contacts"
id = "id"
modified_at = "changed"
properties = [
    { path = "id", read_only = true },
    { path = "changed", type = "datetime", read_only = true },
    { path = "version", read_only = true },
    { path = "origin" },
]
"""


def complete(text: str) -> str:
    """Return a whole profile around an example of the page."""
    if text.startswith("[[resources]]"):
        return HEAD + RESOURCE + 'list = { path = "/contacts" }\n' + text
    if "properties = [" in text:
        resource = RESOURCE[: RESOURCE.index("modified_at")]
        return HEAD + resource + text
    if text.startswith(("[[auth]]", "[[limits]]", "prefixes =", "code_lists.", "[webhooks]")):
        return HEAD + text + RESOURCE
    if text.startswith("# ") and "\npaging = " in text:
        return HEAD + text + RESOURCE + 'list = { path = "/c" }'
    return HEAD + RESOURCE + text


TEXTS = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
PARTS = [
    text for text in TEXTS if "[tool.specbridge]" not in text and not text.startswith("name =")
]


@pytest.mark.parametrize("text", PARTS)
def test_every_example_can_stand_in_a_profile(text: str) -> None:
    read_profile(complete(text), "acme.toml")


def test_the_example_is_a_profile() -> None:
    texts = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    found = read_profile(texts[-1], "ledgerly.toml")
    assert [one.name for one in found.resources] == ["Agents", "Buyers"]
    assert found.resources[1].properties[-1].path == ("phones[]", "number")
