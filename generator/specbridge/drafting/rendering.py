"""Drafts as TOML: the keys that a profile has, and a key `decide` for each thing that is still open."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from typing import Any

from specbridge.drafting.drafting import marks_of
from specbridge.drafting.marks import Draft, Mark
from specbridge.model.calls import Paging
from specbridge.model.profile import Property, Resource

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ODD = re.compile(r"[\x00-\x1f\x7f]")
_HEAD = """\
# A draft, made from an OpenAPI description by `specbridge profile draft`. docs/profiles.md explains the keys.
# What is marked `decide.…` no description says, or it says it in several ways. Look at each, mend the keys
# where need be, and delete the mark: `specbridge profile check` refuses the file as long as one is left.
"""
_TOP = ("name", "labels", "base_url", "errors", "probe")
_PATHS = frozenset(
    {"path", "id", "modified_at", "items", "wrap", "answer_wrap", "property", "external_reference"}
)


def write_draft(draft: Draft) -> str:
    """Return the TOML of a draft; the same draft gives the same text."""
    marks = marks_of(draft)
    profile = draft.profile
    parts = [
        _HEAD.rstrip("\n"),
        "\n".join(f"# {_line(note)}" for note in draft.notes),
        "\n".join(_pairs(profile, _TOP)),
        *(_write_mark(mark) for mark in marks.get(None, ())),
        _table("[paging]", profile.paging),
        *(_table("[[auth]]", one) for one in profile.auth),
        *(
            part
            for resource in profile.resources
            for part in _write_resource(resource, marks.get(resource.name, ()))
        ),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _write_resource(resource: Resource, marks: Sequence[Mark]) -> Iterator[str]:
    names = _names(Resource)
    place = names.index("properties")
    yield "\n".join(["[[resources]]", *_pairs(resource, names[:place])])
    yield from (_write_mark(mark) for mark in marks)
    rows = (f"    {_inline(prop)}," for prop in resource.properties)
    yield "\n".join(["properties = [", *rows, "]", *_pairs(resource, names[place + 1 :])])


def _write_mark(mark: Mark) -> str:
    lines = [f"# To decide: {_line(mark.question)}", *(f"#   {_line(one)}" for one in mark.found)]
    return "\n".join([*lines, f'decide.{mark.subject} = "delete this line when it is decided"'])


def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))


def _pairs(value: Any, names: Sequence[str]) -> Iterator[str]:
    """Yield `key = value` for the fields that are not as they are by default."""
    defaults = {one.name: _default_of(one) for one in fields(value)}
    for name in names:
        stated = getattr(value, name)
        if stated is not None and stated != defaults[name]:
            yield f"{name} = {_value(stated, is_path=_is_path(value, name))}"


def _default_of(one: Any) -> Any:
    if one.default is not MISSING:
        return one.default
    return one.default_factory() if one.default_factory is not MISSING else MISSING


def _is_path(owner: Any, name: str) -> bool:
    # A call's `path` is an address, a property's are names.
    return name in _PATHS and (name != "path" or isinstance(owner, Property))


def _is_names(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(part, str) for part in value)


def _value(value: Any, *, is_path: bool = False) -> str:
    if is_path and isinstance(value, tuple):
        return _path(value)
    if is_dataclass(value):
        return _inline(value)
    if isinstance(value, Enum):
        return _text(str(value.value))
    if isinstance(value, Mapping):
        inner = ", ".join(
            f"{_key(name)} = {_value(one, is_path=True)}" for name, one in value.items()
        )
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, tuple):
        return f"[{', '.join(_value(one, is_path=_is_names(one)) for one in value)}]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _table(head: str, value: Any) -> str:
    """Return a table with its head, nothing where all of it is as it is by default."""
    pairs = tuple(_pairs(value, _names(type(value))))
    return "\n".join([head, *pairs]) if pairs else ""


def _inline(value: Any) -> str:
    if value == Paging():
        return '{ style = "none" }'
    return f"{{ {', '.join(_pairs(value, _names(type(value))))} }}"


def _path(path: tuple[str, ...]) -> str:
    if path and not any("." in name for name in path):
        return _text(".".join(path))
    return f"[{', '.join(_text(name) for name in path)}]"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _text(text: str) -> str:
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")


def _line(text: str) -> str:
    """Return a text as part of a comment: one line, without what a comment cannot hold."""
    return _ODD.sub(" ", text.encode("utf-8", "replace").decode("utf-8"))
