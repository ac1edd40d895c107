"""The JSON Schema of profiles, from the same types that they are read into; for editors above all."""

import inspect
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from enum import Enum
from typing import Any, get_args

import msgspec

from specbridge.model.profile import Profile
from specbridge.model.values import Json
from specbridge.profiles.kinds import Kind, hints_of, inner_hint, kind_of

Schema = dict[str, Json]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
# A file does not say where it is.
_NOT_IN_FILES = (Profile, "path")


def profile_schema() -> Schema:
    """Return the schema (draft 2020-12) that every profile fulfils.

    What a profile says of itself, and no schema can say (that a reference names a resource that is
    there), is told by `profile check` alone.
    """
    definitions: dict[str, Json] = {}
    root = _table_schema(Profile, definitions)
    return {"$schema": _DIALECT, "title": "A profile of specbridge", **root, "$defs": definitions}


def _schema(hint: Any, definitions: dict[str, Json]) -> Schema:
    match kind_of(hint):
        case Kind.TABLE:
            return _refer(hint, definitions)
        case Kind.OPTIONAL:
            return _schema(inner_hint(hint), definitions)
        case Kind.ARRAY:
            return {"type": "array", "items": _schema(inner_hint(hint), definitions)}
        case Kind.MAPPING:
            inner = _schema(inner_hint(hint), definitions)
            return {"type": "object", "additionalProperties": inner}
        case Kind.ROW:
            places: list[Json] = [_schema(one, definitions) for one in get_args(hint)]
            return {"type": "array", "prefixItems": places, "items": False, "minItems": len(places)}
        case _:
            return _value_schema(hint)


def _value_schema(hint: Any) -> Schema:
    match kind_of(hint):
        case Kind.JSON:
            return {}
        case Kind.PATH:
            names: Json = {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
            }
            return {"oneOf": [{"type": "string", "pattern": r"^[^.]+(\.[^.]+)*$"}, names]}
        case Kind.ENUM:
            return {"enum": [member.value for member in hint]}
        case _:
            schema: Schema = msgspec.json.schema(hint)
            return schema


def _refer(hint: Any, definitions: dict[str, Json]) -> Schema:
    name = hint.__name__
    if name not in definitions:
        # First: a table may hold one of its own kind.
        definitions[name] = {}
        definitions[name] = _table_schema(hint, definitions)
    return {"$ref": f"#/$defs/{name}"}


def _table_schema(hint: Any, definitions: dict[str, Json]) -> Schema:
    shown = [one for one in fields(hint) if (hint, one.name) != _NOT_IN_FILES]
    properties: dict[str, Json] = {
        one.name: {**_schema(hints_of(hint)[one.name], definitions), **_default(one)}
        for one in shown
    }
    needed: list[Json] = [one.name for one in shown if _is_needed(one)]
    return {
        "type": "object",
        "description": inspect.getdoc(hint) or "",
        "properties": properties,
        "required": needed,
        "additionalProperties": False,
    }


def _is_needed(one: "Field[Any]") -> bool:
    return one.default is MISSING and one.default_factory is MISSING


def _default(one: "Field[Any]") -> Mapping[str, Json]:
    value = one.default.value if isinstance(one.default, Enum) else one.default
    return {"default": value} if isinstance(value, str | int | float) and value != "" else {}
