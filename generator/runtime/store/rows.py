"""Statements over many rows: cut into parts that every database takes."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, delete, insert

from generator.model.values import Json

PART = 500
"""Values per statement: enough to make round trips cheap, few enough for every driver."""

T = TypeVar("T")

# Made once: the functions of `json` make an encoder per call, which shows with many small texts.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
_decode = json.JSONDecoder().decode


def parts(values: Iterable[T], size: int = PART) -> Iterator[list[T]]:
    """Yield the values in lists of at most `size`."""
    part: list[T] = []
    for value in values:
        part.append(value)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows at once; none is fine."""
    if rows:
        connection.execute(insert(table), list(rows))


def replace_rows(
    connection: Connection,
    table: Table,
    column: str,
    rows: Sequence[Mapping[str, Any]],
    **scope: int,
) -> None:
    """Insert rows in place of those which have the same values in the column, within a scope."""
    delete_rows(connection, table, column, [row[column] for row in rows], **scope)
    insert_rows(connection, table, rows)


def delete_rows(
    connection: Connection, table: Table, column: str, values: Iterable[Any], **scope: int
) -> None:
    """Delete the rows that have one of the values in the column, within a scope."""
    within = [table.c[name] == value for name, value in scope.items()]
    for part in parts(values):
        connection.execute(delete(table).where(*within, table.c[column].in_(part)))


def write_json(value: object) -> str:
    """Return compact JSON with sorted keys: equal values have equal texts."""
    return _encode(value)


def read_json(text: str) -> Json:
    """Return the value of JSON text that the store holds."""
    value: Json = _decode(text)
    return value


def read_object(text: str) -> dict[str, Json]:
    """Return the object of JSON text that the store holds."""
    value: dict[str, Json] = _decode(text)
    return value
