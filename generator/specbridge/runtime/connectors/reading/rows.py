"""Rows of an answer as records, led by the profile; pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce

from specbridge.model.calls import WriteCall
from specbridge.model.conversion import ValueType
from specbridge.model.profile import Resource
from specbridge.model.values import Json, Path
from specbridge.runtime.connectors.reading.cursors import later
from specbridge.runtime.connectors.transport.malformed import malformed
from specbridge.runtime.connectors.transport.messages import NO_CONTENT, Answer, path_names
from specbridge.runtime.naming import name_of
from specbridge.runtime.records import Change, Record, Tombstone

Row = Mapping[str, Json]

MOST_ROWS = 50_000
"""The most records that one answer may hold; ten times what the largest page is asked for."""

# The longest id that an index of either database takes, whatever its letters, is longer.
_LONGEST_ID = 255
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")  # no database's text holds NUL or half a letter
_WHOLE = re.compile(r"-?\d+", re.ASCII)


def read_rows(answer: Answer, items: Path, where: str) -> tuple[Row, ...]:
    """Return the rows at the path `items` (empty: the body itself); 204 means that there are none.

    Raises MalformedResponseError, naming `where`, for anything else: a success without a body too,
    which says nothing of the rows that there are.
    """
    body = answer.body
    if body is None and answer.status == NO_CONTENT:
        return ()
    rows = body
    if items:
        rows = value_at(body, items) if isinstance(body, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        name = f"{'.'.join(items)!r}" if items else "records"
        said = "has no body, and should be a" if body is None else "is no"
        raise malformed(where, f"the answer {answer.status} {said} list of {name}")
    if len(rows) > MOST_ROWS:
        raise malformed(where, f"the answer holds more than {MOST_ROWS:,} records")
    return tuple(row for row in rows if isinstance(row, dict))


def unwrap(body: Json, wrap: Path) -> Row | None:
    """Return the record in the answer to a write or a read of one, None where there is none."""
    row = value_at(body, wrap) if isinstance(body, dict) else body
    return row if isinstance(row, dict) else None


def answered(body: Json, call: WriteCall) -> Row | None:
    """Return the record in the answer to a call, None where there is none."""
    return unwrap(body, call.wrap if call.answer_wrap is None else call.answer_wrap)


def value_at(row: Row, path: Path) -> Json:
    """Return the value at a path, None where a step of it is not there."""
    value: Json = dict(row)
    for step in path:
        if not isinstance(value, dict):
            return None
        value = value.get(step.removesuffix("[]"))
    return value


def instant_at(row: Row, path: Path) -> str:
    """Return the instant at a path, the latest of those in a list; "" where there is none.

    Raises MalformedResponseError for a text in a list that is no instant.
    """
    if not any(step.endswith("[]") for step in path):
        value = value_at(row, path) if path else None
        return value if isinstance(value, str) else ""
    found = [value for value in read_through(row, path) if isinstance(value, str) and value]
    return reduce(later, found, None) or ""


def read_through(row: Row, path: Path) -> Iterator[Json]:
    """Yield the values at a path, those of each element where a step of it is a list."""
    return _values_at(dict(row), path)


def _values_at(value: Json, path: Path) -> Iterator[Json]:
    if not path:
        yield value
        return
    inner = value.get(path[0].removesuffix("[]")) if isinstance(value, Mapping) else None
    for one in inner if path[0].endswith("[]") and isinstance(inner, list) else [inner]:
        yield from _values_at(one, path[1:])


def has_path(row: Row, path: Path) -> bool:
    """Return whether the row states the property at a path; within a null it is stated as null."""
    value: Json = dict(row)
    for step in path:
        if not isinstance(value, dict):
            return value is None
        if step not in value:
            return False
        value = value[step]
    return True


def nest(changes: Mapping[Path, Json]) -> dict[str, Json]:
    """Return values by path as nested JSON."""
    nested: dict[str, Json] = {}
    for path, value in changes.items():
        branch = nested
        for step in path[:-1]:
            child = branch.setdefault(step, {})
            if not isinstance(child, dict):
                child = branch[step] = {}
            branch = child
        branch[path[-1]] = value
    return nested


def row_id(resource: Resource, row: Row, where: str) -> str:
    """Return a row's id as text; raises MalformedResponseError where it has none that can be one."""
    value = value_at(row, resource.id)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise malformed(where, f"a row of {resource.name} has no id")
    text = str(value)
    if len(text) > _LONGEST_ID or _UNKEEPABLE.search(text):
        raise malformed(where, f"a row of {resource.name} has an id that is none: {text[:20]!r}")
    return text


def is_of(resource: Resource, row: Row, identifier: str) -> bool:
    """Return whether a row is the record with this id."""
    return str(value_at(row, resource.id)).casefold() == identifier.casefold()


def to_record(resource: Resource, row: Row, names: frozenset[str], where: str) -> Record:
    """Return a row as a record, cut to the names (and those that its own calls need)."""
    kept = names | call_names(resource)
    return Record(
        id=row_id(resource, row, where),
        modified_at=instant_at(row, resource.modified_at),
        properties={name: value for name, value in row.items() if name in kept},
        # Of the whole row: what names a record need not be in use.
        name=name_of(resource, row),
    )


def to_change(resource: Resource, row: Row, names: frozenset[str], where: str) -> Change:
    """Return a row as a record, or as a tombstone where it stands for a deleted one."""
    if is_tombstone(resource, row):
        return Tombstone(row_id(resource, row, where))
    return to_record(resource, row, names, where)


def merged_ids(resource: Resource, row: Row) -> tuple[str, ...]:
    """Return the ids of the records that were merged into this one, as far as it says so."""
    value = value_at(row, resource.merged) if resource.merged else None
    listed = value.split(";") if isinstance(value, str) else value
    found = [str(one).strip() for one in listed] if isinstance(listed, list) else []
    return tuple(one for one in found if one)


def is_tombstone(resource: Resource, row: Row) -> bool:
    """Return whether a row stands for a deleted record, by the marks of any of its calls."""
    # Marks stand with the lists' calls; a record that is read alone shows them, too.
    calls = (resource.list, resource.incremental)
    marks = {mark for call in calls if call is not None for mark in _hashable(call.tombstones)}
    return any(_is_marked(value_at(row, path), value) for path, value in marks)


def call_names(resource: Resource) -> frozenset[str]:
    """Return the properties that the paths of the resource's calls hold, but for the id."""
    calls = (resource.read, resource.create, resource.update, resource.delete)
    names = {name for call in calls if call is not None for name in path_names(call.path)}
    return frozenset(names - {"id"})


def typed_id(resource: Resource, identifier: str) -> Json:
    """Return an id as the API's JSON has it."""
    whole = resource.id_type is ValueType.INTEGER and _WHOLE.fullmatch(identifier)
    return int(identifier) if whole else identifier


def typed_value(resource: Resource, path: Path, text: str) -> Json:
    """Return the text of a property's value as the API's JSON has it: a whole number, or a text."""
    if path == resource.id:
        return typed_id(resource, text)
    types = {prop.path: prop.type for prop in resource.properties}
    whole = types.get(path) is ValueType.INTEGER and _WHOLE.fullmatch(text)
    return int(text) if whole else text


def _hashable(
    marks: Iterable[tuple[Path, Json]],
) -> Iterable[tuple[Path, str | int | float | None]]:
    return [(path, value) for path, value in marks if not isinstance(value, list | dict)]


def _is_marked(found: Json, mark: Json) -> bool:
    # Zendesk's `deleted_at` holds a time: True stands for any value.
    if mark is True:
        return found is not None and found is not False
    # Python takes 0 for False, and 1 for True.
    return found == mark and type(found) is type(mark)
