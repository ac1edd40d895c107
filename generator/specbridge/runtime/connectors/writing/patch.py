"""JSON Patch (RFC 6902): changes as operations, with `test` operations as their precondition; pure."""

from collections.abc import Iterator, Mapping

from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.reading.rows import Row, has_path, nest, value_at


def build_patch(changes: Mapping[Path, Json], current: Row) -> list[Json]:
    """Return the operations that make the changes where the record still is as it was.

    A property that `current` does not state is changed without a test.
    """
    grouped = group_changes(changes, current)
    # All tests first: behind its own replacement one would meet the new value.
    return [*_tests(grouped, current), *_replacements(grouped)]


def build_bare_patch(changes: Mapping[Path, Json], current: Row) -> list[Json]:
    """Return the operations without tests, for a server that does not know them."""
    return list(_replacements(group_changes(changes, current)))


def group_changes(changes: Mapping[Path, Json], current: Row) -> dict[Path, Json]:
    """Return the changes with those inside an object that is null made one: the whole object.

    An operation on a property of an object that is not there fails.
    """
    grouped: dict[Path, Json] = {}
    inside: dict[Path, dict[Path, Json]] = {}
    for path, value in changes.items():
        parent = _null_parent(path, current)
        if parent is None:
            grouped[path] = value
        else:
            inside.setdefault(parent, {})[path[len(parent) :]] = value
    return {**grouped, **{parent: nest(values) for parent, values in inside.items()}}


def pointer(path: Path) -> str:
    """Return a path as a JSON Pointer (RFC 6901)."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)


def _null_parent(path: Path, current: Row) -> Path | None:
    for depth in range(1, len(path)):
        parent = path[:depth]
        if has_path(current, parent) and value_at(current, parent) is None:
            return parent
    return None


def _tests(changes: Mapping[Path, Json], current: Row) -> Iterator[Json]:
    for path in changes:
        if has_path(current, path):
            yield {"op": "test", "path": pointer(path), "value": value_at(current, path)}


def _replacements(changes: Mapping[Path, Json]) -> Iterator[Json]:
    for path, value in changes.items():
        yield {"op": "replace", "path": pointer(path), "value": value}
