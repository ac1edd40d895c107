"""How the fields of a profile's types stand in TOML: tables, arrays, paths, words, single values."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from specbridge.model.values import Words


class Kind(Enum):
    """What stands in TOML for a type."""

    TABLE = "a table of a dataclass"
    OPTIONAL = "what stands for the type that may be left out"
    JSON = "any value that JSON has"
    PATH = "a dotted text or an array of names"
    WORDS = "an array of texts"
    ARRAY = "an array of one type"
    ROW = "an array of a type for each place"
    MAPPING = "a table of free names"
    ENUM = "a word"
    SCALAR = "a text, a number or a boolean"


# A profile has thousands of values, of some dozens of types.
@cache
def kind_of(hint: Any) -> Kind:
    """Return what stands in TOML for a type hint of a profile's fields."""
    origin = get_origin(hint)
    if is_dataclass(hint):
        return Kind.TABLE
    if origin is Annotated or hint == Words:
        return Kind.WORDS
    if origin in (Union, UnionType):
        return Kind.OPTIONAL if len(_some(hint)) == 1 else Kind.JSON
    if origin is Mapping:
        return Kind.MAPPING
    if origin is tuple:
        return _kind_of_tuple(get_args(hint))
    return Kind.ENUM if issubclass(hint, Enum) else Kind.SCALAR


def inner_hint(hint: Any) -> Any:
    """Return the type within an optional one, an array or a table of free names."""
    match kind_of(hint):
        case Kind.OPTIONAL:
            return _some(hint)[0]
        case Kind.MAPPING:
            return get_args(hint)[1]
        case _:
            return get_args(hint)[0]


# Each call evaluates every annotation anew, and a profile has hundreds of tables.
@cache
def hints_of(hint: Any) -> Mapping[str, Any]:
    """Return the types of a dataclass's fields, by name."""
    return get_type_hints(hint, include_extras=True)


def _kind_of_tuple(parts: tuple[Any, ...]) -> Kind:
    if parts[-1] is not Ellipsis:
        return Kind.ROW
    return Kind.PATH if parts[0] is str else Kind.ARRAY


def _some(hint: Any) -> list[Any]:
    return [part for part in get_args(hint) if part is not NoneType]
