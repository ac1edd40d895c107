"""Pages of all keys of the settings and of profiles, from the types that they are read into."""

import inspect
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any, get_args

from specbridge.model.profile import Profile
from specbridge.profiles.kinds import Kind, hints_of, inner_hint, kind_of
from specbridge.settings import Settings
from texts import plain, table

_DEPTH = 2
# What a file does not say: where it is.
_PLACES = {(Settings, "root"), (Profile, "path")}
# Of the settings' type of a path, and yet texts.
_TEXTS = {"documents", "profiles", "ignore", "per_document_ignores"}
_SETTINGS = """\
# All settings

Every key of `[tool.specbridge]`, its type and what holds without it. What they are for is told [on their own page](../../settings.md).

"""
_PROFILES = """\
# All keys of a profile

Every table of a profile and its keys, with their types. How they work together is told [on the page of profiles](../../profiles.md),
and `specbridge profile schema` prints the same for editors.

"""


def settings_page() -> str:
    """Return the page of the settings' keys."""
    return _SETTINGS + "\n".join(_table(one) for one in tables(Settings))


def profile_page() -> str:
    """Return the page of a profile's keys."""
    return _PROFILES + "\n".join(_table(one) for one in tables(Profile))


def tables(root: Any) -> list[Any]:
    """Return the dataclass and all that its fields hold, each once, in the order of the fields."""
    found: list[Any] = []
    _collect(root, found)
    return found


def keys(hint: Any) -> list["Field[Any]"]:
    """Return the fields of a dataclass that a file may say."""
    return [one for one in fields(hint) if (hint, one.name) not in _PLACES]


def _collect(hint: Any, found: list[Any]) -> None:
    if hint in found:
        return
    found.append(hint)
    for one in keys(hint):
        for inner in _dataclasses(hints_of(hint)[one.name]):
            _collect(inner, found)


def _dataclasses(hint: Any) -> Iterator[Any]:
    match kind_of(hint):
        case Kind.TABLE:
            yield hint
        case Kind.OPTIONAL | Kind.ARRAY | Kind.MAPPING:
            yield from _dataclasses(inner_hint(hint))
        case Kind.ROW:
            for part in get_args(hint):
                yield from _dataclasses(part)


def _table(hint: Any) -> str:
    rows = (
        (f"`{one.name}`", _words(hints_of(hint)[one.name], one.name), _without(one))
        for one in keys(hint)
    )
    paragraphs = (inspect.getdoc(hint) or "").split("\n\n")
    told = "\n\n".join(plain(text, _DEPTH) for text in paragraphs)
    return f"## {hint.__name__}\n\n{told}\n\n{table(('key', 'type', 'without it'), rows)}"


def _words(hint: Any, name: str) -> str:
    """Return in words what stands in TOML for a type."""
    kind = kind_of(hint)
    match kind:
        case Kind.OPTIONAL:
            return _words(inner_hint(hint), name)
        case Kind.ARRAY | Kind.MAPPING:
            return f"{_OF_WHAT[kind]} {_words(inner_hint(hint), name)}"
        case Kind.ROW:
            return "array of " + ", ".join(_words(part, name) for part in get_args(hint))
        case _:
            return _word(hint, name)


def _word(hint: Any, name: str) -> str:
    match kind_of(hint):
        case Kind.TABLE:
            return f"[{hint.__name__}](#{hint.__name__.lower()})"
        case Kind.ENUM:
            return ", ".join(f"`{member.value}`" for member in hint)
        case Kind.PATH if name not in _TEXTS:
            return "path"
        case Kind.PATH | Kind.WORDS:
            return "array of texts"
        case _:
            return _SCALARS.get(hint, "any value")


_OF_WHAT = {Kind.ARRAY: "array of", Kind.MAPPING: "table of free names, each"}
_SCALARS = {str: "text", int: "whole number", float: "number", bool: "`true` or `false`"}


def _without(one: "Field[Any]") -> str:
    if one.default is MISSING and one.default_factory is MISSING:
        return "must be there"
    value = one.default.value if isinstance(one.default, Enum) else one.default
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case str() if value:
            return f'`"{value}"`'
        case int() | float():
            return f"`{value:g}`"
        case (str(), *_):
            return "`" + ", ".join(f'"{word}"' for word in value).join("[]") + "`"
        case _:
            return "what its keys say" if is_dataclass(value) else "nothing"
