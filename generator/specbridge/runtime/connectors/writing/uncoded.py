"""Values that an API's own list has no code for: they wait, and the rest of their record goes; pure."""

from msgspec.structs import replace

from specbridge.model.profile import Property, Resource
from specbridge.model.values import Path
from specbridge.runtime.connectors.reading.forms import unknown_code
from specbridge.runtime.connectors.reading.rows import Row, value_at
from specbridge.runtime.connectors.writing.overlay import without
from specbridge.runtime.records import Create, Delete, Refused, Update, Write

_BAD_REQUEST = 400


def set_apart(resource: Resource, write: Write) -> tuple[Write | None, Refused | None]:
    """Return a write without the values that have no code, and what is to be said of these.

    A creation goes without them: the update that they are left for is refused. An update that is of nothing
    else is None.
    """
    if isinstance(write, Delete):
        return write, None
    lacking = [one for one in resource.properties if one.listed and _lacks(one, write)]
    if not lacking:
        return write, None
    if isinstance(write, Create):
        stated: Row = write.properties
        for one in lacking:
            stated = _left_out(stated, one.path)
        return replace(write, properties=stated), None
    paths = {one.path for one in lacking}
    left = {path: value for path, value in write.changes.items() if path not in paths}
    names = ", ".join(".".join(one.path) for one in lacking)
    reason = f"{names} has no code for its value: the system's list {lacking[0].listed} lacks it"
    refused = Refused(key=write.key, status=_BAD_REQUEST, reason=reason)
    return (replace(write, changes=left) if left else None), refused


def _left_out(row: Row, path: Path) -> Row:
    """Return a record without a value, and without the objects that held nothing else."""
    left: Row = without(dict(row), path)
    for depth in range(len(path) - 1, 0, -1):
        if value_at(left, path[:depth]) == {}:
            left = without(dict(left), path[:depth])
    return left


def _lacks(prop: Property, write: Create | Update) -> bool:
    if isinstance(write, Create):
        return unknown_code(prop, value_at(write.properties, prop.path))
    return unknown_code(prop, write.changes.get(prop.path))
