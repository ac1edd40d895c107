"""The settings' dataclasses from TOML values, led by their fields' types."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from specbridge.suggesting import suggest

# Fields of the type of a path (names from the record's root) that hold a list of words instead.
_WORDS = frozenset({"documents", "profiles", "ignore", "packages"})
_TEXTS: Any = tuple[str, ...]
_SCALARS: Mapping[Any, tuple[type, ...]] = {
    str: (str,),
    int: (int,),
    float: (float, int),
    bool: (bool,),
}


def build_value(hint: Any, value: Any, where: str) -> Any:
    """Return a TOML value as a value of the hinted type.

    A dataclass is a table, a tuple an array, an enumeration its value, a path a dotted text or an
    array of names. `where` is the keys so far, ending in a dot. Raises ValueError, which names the
    key, for what is not so.
    """
    origin = get_origin(hint)
    builder: Callable[[Any, Any, str], Any]
    if hint in _SCALARS:
        builder = _build_scalar
    elif is_dataclass(hint):
        builder = _build_dataclass
    elif isinstance(hint, type) and issubclass(hint, Enum):
        builder = _build_enum
    elif origin in (Union, UnionType):
        builder = _build_union
    elif origin is Mapping:
        builder = _build_mapping
    else:
        builder = _build_tuple
    return builder(hint, value, where)


def _build_dataclass(hint: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{where.rstrip('.')} must be a table")
    hints = _hints_of(hint)
    for key in value:
        if key not in hints:
            raise ValueError(f"{where}{key}: there is no such key; {suggest(key, hints)}")
    built = {key: _build_field(hints[key], key, value[key], where) for key in value}
    for field in fields(hint):
        needed = field.default is MISSING and field.default_factory is MISSING
        if needed and field.name not in built:
            raise ValueError(f"{where}{field.name}: is missing")
    return hint(**built)


def _build_field(hint: Any, key: str, value: Any, where: str) -> Any:
    if hint == _TEXTS and key in _WORDS:
        return _build_words(value, f"{where}{key}")
    return build_value(hint, value, f"{where}{key}.")


def _build_words(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise ValueError(f"{where}: must be an array of texts")
    return tuple(value)


def _build_scalar(hint: Any, value: Any, where: str) -> Any:
    # bool is an int to Python, never to a profile.
    if not isinstance(value, _SCALARS[hint]) or (isinstance(value, bool) and hint is not bool):
        raise ValueError(f"{where.rstrip('.')}: must be of type {hint.__name__}, not {value!r}")
    # TOML has `nan` and `inf`, which compare like no number that anybody means.
    if not is_json(value):
        raise ValueError(f"{where.rstrip('.')}: must be a finite number, not {value!r}")
    return hint(value)


def _build_enum(hint: Any, value: Any, where: str) -> Any:
    for member in hint:
        if member.value == value:
            return member
    known = ", ".join(str(member.value) for member in hint)
    raise ValueError(f"{where.rstrip('.')}: {value!r} is none of {known}")


def _build_union(hint: Any, value: Any, where: str) -> Any:
    some = [part for part in get_args(hint) if part is not NoneType]
    if len(some) == 1:
        return build_value(some[0], value, where)
    # The only union of several types is Json; TOML has instants, `nan` and `inf` besides.
    if not is_json(value):
        raise ValueError(f"{where.rstrip('.')}: must be a value that JSON has, not {value!r}")
    return _without_sign(value)


def _without_sign(value: Any) -> Any:
    """Return a value of TOML with 0.0 for -0.0, as documents have it: one meaning has one text."""
    match value:
        case float():
            return value or 0.0
        case list():
            return list(map(_without_sign, value))
        case dict():
            return {key: _without_sign(one) for key, one in value.items()}
        case _:
            return value


def is_json(value: Any) -> bool:
    """Return whether JSON has a value of TOML, and all that is within it."""
    match value:
        case float():
            return isfinite(value)
        case list():
            return all(map(is_json, value))
        case dict():
            return all(map(is_json, value.values()))
        case _:
            return isinstance(value, str | int)


def _build_mapping(hint: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{where.rstrip('.')}: must be a table")
    _, part = get_args(hint)
    return {key: build_value(part, value[key], f"{where}{key}.") for key in value}


def _build_tuple(hint: Any, value: Any, where: str) -> Any:
    if hint == _TEXTS:
        return _build_path(value, where)
    if not isinstance(value, list):
        raise ValueError(f"{where.rstrip('.')}: must be an array")
    parts = get_args(hint)
    hints = [parts[0]] * len(value) if parts[-1] is Ellipsis else list(parts)
    if len(hints) != len(value):
        raise ValueError(f"{where.rstrip('.')}: must have {len(hints)} entries")
    return tuple(
        build_value(part, item, f"{where[:-1]}[{number}].")
        for number, (part, item) in enumerate(zip(hints, value, strict=True))
    )


def _build_path(value: Any, where: str) -> tuple[str, ...]:
    names = value.split(".") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise ValueError(f"{where.rstrip('.')}: must be a dotted path or an array of names")
    return tuple(names)


# Each call evaluates every annotation anew, and a profile has hundreds of tables.
@cache
def _hints_of(hint: Any) -> Mapping[str, Any]:
    return get_type_hints(hint)
