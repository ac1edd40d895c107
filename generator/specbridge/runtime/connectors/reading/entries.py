"""Custom fields that an API has as arrays of keys and values, and everything else as objects; pure."""

from collections.abc import Mapping

from specbridge.model.conversion import ValueType
from specbridge.model.profile import Entries, Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.reading.rows import Row, value_at

_NOTHING: Row = {}


def open_entries(resource: Resource, row: Row) -> Row:
    """Return a row of an answer with its arrays of keys and values as objects; of a key the first counts."""
    opened = row
    for one in resource.entries:
        listed = value_at(opened, one.path)
        if isinstance(listed, list):
            opened = set_value(opened, one.path, _object_of(one, listed))
    return opened


def close_entries(resource: Resource, row: Row) -> Row:
    """Return a record as it is sent, with its objects as arrays of keys and values."""
    closed = row
    for one in resource.entries:
        value = value_at(closed, one.path)
        if isinstance(value, dict):
            closed = set_value(closed, one.path, _array_of(one, value, []))
    return closed


def close_changes(
    resource: Resource, changes: Mapping[Path, Json], raw: Row = _NOTHING
) -> Mapping[Path, Json]:
    """Return changes as they are sent: those below an array of keys and values become that array.

    `raw` is the record as it was just read: where an update must send the whole array, what else is in it stays.
    """
    left = dict(changes)
    for one in resource.entries:
        depth = len(one.path)
        below = {path: value for path, value in left.items() if path[:depth] == one.path}
        if not below:
            continue
        left = {path: value for path, value in left.items() if path not in below}
        wanted: dict[str, Json] = {}
        for path, value in below.items():
            if len(path) > depth:
                wanted[path[depth]] = value
            elif isinstance(value, dict):
                wanted |= value
        before = value_at(raw, one.path)
        kept = before if isinstance(before, list) else []
        left[one.path] = _array_of(one, wanted, kept)
    return left


def changes_entries(resource: Resource, changes: Mapping[Path, Json]) -> bool:
    """Return whether an update sends an array whole that must be read before."""
    return any(
        path[: len(one.path)] == one.path
        for one in resource.entries
        if not one.changed
        for path in changes
    )


def set_value(row: Row, path: Path, value: Json) -> Row:
    """Return a row with a value at a path all of whose objects are there."""
    name, rest = path[0], path[1:]
    if not rest:
        return {**row, name: value}
    inner = row.get(name)
    return {**row, name: dict(set_value(inner if isinstance(inner, dict) else {}, rest, value))}


def _object_of(one: Entries, listed: list[Json]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for element in listed:
        if isinstance(element, dict) and element.get(one.key) is not None:
            found.setdefault(str(element[one.key]), element.get(one.value))
    return found


def _array_of(one: Entries, wanted: Mapping[str, Json], before: list[Json]) -> list[Json]:
    """Return the elements there are, with the wanted values in them, and those that are new."""
    left = dict(wanted)
    elements: list[Json] = []
    for element in before:
        key = str(element.get(one.key)) if isinstance(element, dict) else ""
        if isinstance(element, dict) and key in left:
            elements.append({**element, one.value: left.pop(key)})
        elif not one.changed:
            elements.append(element)
    new: list[Json] = [{one.key: _key(one, key), one.value: value} for key, value in left.items()]
    return elements + new


def _key(one: Entries, key: str) -> Json:
    whole = one.key_type is ValueType.INTEGER and key.isascii() and key.isdecimal()
    return int(key) if whole else key
