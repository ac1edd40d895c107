"""TOML values as a profile's types, strictly; all that is wrong is told at once.

Single values are converted by msgspec. Tables, paths and JSON values are walked here: msgspec takes
keys that a dataclass has not in silence, and knows neither dotted paths nor recursive aliases.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields
from functools import cache
from math import isfinite
from typing import Any, TypeVar, get_args

import msgspec

from specbridge.model.tables import is_json
from specbridge.profiles.faults import Fault, Key, suggest
from specbridge.profiles.kinds import Kind, hints_of, inner_hint, kind_of

TableT = TypeVar("TableT")

_BROKEN: Any = object()
"""In the place of a value that cannot be built; what it is part of cannot be built either."""


# What `profile draft` writes for what no description says.
_OPEN = "decide"
_UNDECIDED = "is still to be decided: see the comment above it, and delete the line then"


def read_table(
    hint: type[TableT], table: Mapping[str, object]
) -> tuple[TableT | None, tuple[Fault, ...]]:
    """Return a TOML table as a dataclass, None where it is none, and all faults that it has."""
    faults: list[Fault] = []
    built = _read_table(hint, table, (), faults)
    return None if built is _BROKEN else built, tuple(faults)


def _read(hint: Any, value: Any, key: Key, faults: list[Fault]) -> Any:
    return _READERS[kind_of(hint)](hint, value, key, faults)


def _read_table(hint: Any, value: Any, key: Key, faults: list[Fault]) -> Any:
    if not isinstance(value, Mapping):
        return _fail("must be a table", key, faults)
    hints = hints_of(hint)
    for name, part in value.items():
        if name == _OPEN and isinstance(part, Mapping):
            faults.extend(Fault(key=(*key, name, one), text=_UNDECIDED) for one in part)
        elif name not in hints:
            faults.append(
                Fault(key=(*key, name), text=f"there is no such key; {suggest(name, hints)}")
            )
    for one in _needed(hint):
        if one.name not in value:
            faults.append(Fault(key=(*key, one.name), text="is missing"))
    before = len(faults)
    built = {
        name: _read(hints[name], part, (*key, name), faults)
        for name, part in value.items()
        if name in hints
    }
    whole = len(faults) == before and all(one.name in value for one in _needed(hint))
    return hint(**built) if whole else _BROKEN


def _read_json(_hint: Any, value: Any, key: Key, faults: list[Fault]) -> Any:
    # TOML has instants, `nan` and `inf` besides.
    if is_json(value):
        return value
    return _fail(f"must be a value that JSON has, not {value!r}", key, faults)


def _read_path(_hint: Any, value: Any, key: Key, faults: list[Fault]) -> Any:
    names = value.split(".") if isinstance(value, str) else value
    if isinstance(names, list) and all(isinstance(name, str) and name for name in names):
        return tuple(names)
    return _fail("must be a dotted path or an array of names", key, faults)


def _read_array(hint: Any, value: Any, key: Key, faults: list[Fault]) -> Any:
    if not isinstance(value, list):
        return _fail("must be an array", key, faults)
    many = kind_of(hint) is Kind.ARRAY
    hints = [inner_hint(hint)] * len(value) if many else list(get_args(hint))
    if len(hints) != len(value):
        return _fail(f"must have {len(hints)} entries", key, faults)
    places = enumerate(zip(hints, value, strict=True))
    built = [_read(one, part, (*key, number), faults) for number, (one, part) in places]
    return _BROKEN if any(part is _BROKEN for part in built) else tuple(built)


def _read_mapping(hint: Any, value: Any, key: Key, faults: list[Fault]) -> Any:
    if not isinstance(value, Mapping):
        return _fail("must be a table", key, faults)
    inner = inner_hint(hint)
    built = {name: _read(inner, part, (*key, name), faults) for name, part in value.items()}
    return _BROKEN if any(part is _BROKEN for part in built.values()) else built


def _read_word(hint: Any, value: Any, key: Key, faults: list[Fault]) -> Any:
    words = {member.value: member for member in hint}
    if isinstance(value, str) and value in words:
        return words[value]
    near = suggest(value, words) if isinstance(value, str) else suggest("", words)
    return _fail(f"{value!r} is no word for it; {near}", key, faults)


def _read_scalar(hint: Any, value: Any, key: Key, faults: list[Fault]) -> Any:
    # TOML has `nan` and `inf`, which compare like no number that anybody means.
    if isinstance(value, float) and not isfinite(value):
        return _fail(f"must be a finite number, not {value!r}", key, faults)
    try:
        return msgspec.convert(value, hint)
    except msgspec.ValidationError as error:
        text = str(error).partition(" - at ")[0].replace("`", "")
        return _fail(f"{text[:1].lower()}{text[1:]}: {value!r}", key, faults)


def _read_optional(hint: Any, value: Any, key: Key, faults: list[Fault]) -> Any:
    return _read(inner_hint(hint), value, key, faults)


def _fail(text: str, key: Key, faults: list[Fault]) -> Any:
    faults.append(Fault(key=key, text=text))
    return _BROKEN


@cache
def _needed(hint: Any) -> tuple[Field[Any], ...]:
    """Return the fields of a dataclass that have no default."""
    return tuple(
        one for one in fields(hint) if one.default is MISSING and one.default_factory is MISSING
    )


_READERS: Mapping[Kind, Callable[[Any, Any, Key, list[Fault]], Any]] = {
    Kind.TABLE: _read_table,
    Kind.OPTIONAL: _read_optional,
    Kind.JSON: _read_json,
    Kind.PATH: _read_path,
    Kind.ARRAY: _read_array,
    Kind.ROW: _read_array,
    Kind.MAPPING: _read_mapping,
    Kind.ENUM: _read_word,
    Kind.WORDS: _read_scalar,
    Kind.SCALAR: _read_scalar,
}
