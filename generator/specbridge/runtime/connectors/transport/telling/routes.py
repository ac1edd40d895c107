"""Requests' paths without what may tell of a record: only the API's own words stay; pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from urllib.parse import urlsplit

from specbridge.model.profile import Profile

_BORDERS = re.compile(r"[/?]")


def path_words(profile: Profile) -> frozenset[str]:
    """Return the segments of all paths that a profile states."""
    words = {
        word
        for text in _texts(profile)
        if "/" in text
        for word in _BORDERS.split(text)
        if "{" not in word
    }
    return frozenset(words)


def route_of(path: str, words: frozenset[str]) -> str:
    """Return a path with `{id}` in place of each segment that is none of the words."""
    parts = urlsplit(path).path.split("/")
    return "/".join(part if not part or part in words else "{id}" for part in parts)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for one in fields(value):
            yield from _texts(getattr(value, one.name))
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)
