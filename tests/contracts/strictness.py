"""Properties that a schema does not name: a validator lets them pass, a contract does not."""

from collections.abc import Iterator
from typing import Any

from tests.contracts.descriptions import Node, resolve

_ALTERNATIVES = ("allOf", "anyOf", "oneOf")


def unknown_properties(system: str, schema: Node, value: Any, place: str = "") -> Iterator[str]:
    """Yield the paths of a value's properties that no alternative of its schema names.

    An object whose schema names no property may hold any.
    """
    schemas = list(_alternatives(system, schema))
    if isinstance(value, list):
        for item in (one["items"] for one in schemas if "items" in one):
            for element in value:
                yield from unknown_properties(system, item, element, f"{place}[]")
        return
    known = [one for one in schemas if "properties" in one]
    if not isinstance(value, dict) or not known:
        return
    for name, part in value.items():
        where = f"{place}.{name}" if place else name
        named = [one["properties"][name] for one in known if name in one["properties"]]
        if named:
            yield from unknown_properties(system, {"anyOf": named}, part, where)
        else:
            yield where


def _alternatives(system: str, schema: Node) -> Iterator[Node]:
    node = resolve(system, schema)
    yield node
    for word in _ALTERNATIVES:
        for part in node.get(word, ()):
            yield from _alternatives(system, part)
