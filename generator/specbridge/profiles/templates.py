"""The names between braces: in the template of a search's body, and in the paths of calls."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from specbridge.model.profile import Profile, Property
from specbridge.model.values import Json

_NAME = re.compile(r"\{(\w+)\}")


def template_names(template: Json | Mapping[str, Json]) -> frozenset[str]:
    """Return the names that a template has between braces, in any of its texts."""
    return frozenset(name for text in _texts(template) for name in _NAME.findall(text))


def place_paths(profile: Profile, own: Mapping[str, str]) -> Profile:
    """Return the profile with its prefixes in the paths of all calls and limits; those of `own` come first."""
    words = {f"{{{name}}}": own.get(name) or text for name, text in profile.prefixes.items()}
    placed: Profile = _place(profile, words) if words else profile
    return replace(placed, prefixes={}) if words else profile


def _place(value: Any, words: Mapping[str, str]) -> Any:
    """Return any part of a profile with the words in those of its texts that are paths."""
    if isinstance(value, str):
        for word, text in words.items() if value.startswith("/") else ():
            value = value.replace(word, text)
        return value
    # They have no calls, and are most of a profile.
    if isinstance(value, Property):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        parts = {one.name: _place(getattr(value, one.name), words) for one in fields(value)}
        return replace(value, **parts)
    if isinstance(value, tuple):
        return tuple(_place(part, words) for part in value)
    if isinstance(value, Mapping):
        return {name: _place(part, words) for name, part in value.items()}
    return value


def _texts(template: Json | Mapping[str, Json]) -> Iterator[str]:
    if isinstance(template, str):
        yield template
    elif isinstance(template, Mapping):
        for part in template.values():
            yield from _texts(part)
    elif isinstance(template, list):
        for part in template:
            yield from _texts(part)
