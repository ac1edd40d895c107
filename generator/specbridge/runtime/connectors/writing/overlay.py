"""The whole of a record as the body of an update: what was read, with the changes in it; pure."""

from collections.abc import Mapping

from specbridge.model.calls import WriteCall
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.reading.rows import Row, nest


def whole_body(call: WriteCall, row: Row, changes: Mapping[Path, Json]) -> dict[str, Json]:
    """Return the record with the changes, without what the call omits.

    All else stays as it was read, whether the profile lists it or not: a property that the body left out
    would be emptied, and an object without its id could become another one.
    """
    body: dict[str, Json] = dict(row)
    for path in call.omits:
        body = without(body, path)
    return merge_values(merge_values(call.constants, body), nest(changes))


def whole_objects(call: WriteCall, row: Row, changes: Mapping[Path, Json]) -> dict[str, Json]:
    """Return the changed properties; an object of which a part changes is whole, as it was read."""
    touched = {path[0] for path in changes}
    body = {
        name: value for name, value in whole_body(call, row, changes).items() if name in touched
    }
    return merge_values(call.constants, body)


def merge_values(one: Mapping[str, Json], other: Mapping[str, Json]) -> dict[str, Json]:
    """Return the one with the other in it; objects that both have are merged, the other's values win."""
    merged = dict(one)
    for name, value in other.items():
        present = merged.get(name)
        if isinstance(present, dict) and isinstance(value, dict):
            merged[name] = merge_values(present, value)
        else:
            merged[name] = value
    return merged


def without(body: dict[str, Json], path: Path) -> dict[str, Json]:
    """Return an object without a property; what lies within a list stays."""
    name, rest = path[0], path[1:]
    inner = body.get(name)
    if not rest:
        return {key: value for key, value in body.items() if key != name}
    return {**body, name: without(inner, rest)} if isinstance(inner, dict) else body
