"""Statements over many rows: cut into parts that every database takes."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from hashlib import blake2b
from itertools import chain
from typing import Any, TypeVar

import msgspec
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Delete,
    Dialect,
    Integer,
    Table,
    Text,
    bindparam,
    delete,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

from specbridge.model.values import Json
from specbridge.runtime.store.tables.postgresql import copy_rows, execute_arrays
from specbridge.runtime.store.tables.statistics import note_growth

PART = 2000
"""Values per statement: enough to make round trips cheap, few enough to hold in memory."""

_MOST_VALUES = 900
"""Parameters per statement: every SQLite takes 999."""

_FEW = 50
"""Rows below which PostgreSQL's COPY, two messages and two answers, takes longer than one statement."""

T = TypeVar("T")


def parts(values: Iterable[T], size: int = PART) -> Iterator[list[T]]:
    """Yield the values in lists of at most `size`."""
    whole = list(values)
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def among(column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of the values, given as one parameter.

    A parameter for each value would cost more than the search itself.
    """
    return _Among(column, bindparam(None, list(values), type_=_list_type(column)))


def among_given(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Return the condition of `among` with a list that is given by name on execution.

    Statements that run for every batch are made once: making one takes longer than running it.
    """
    return _Among(column, bindparam(name, type_=_list_type(column)))


def _list_type(column: ColumnElement[Any]) -> "_Values":
    return _NUMBERS if isinstance(column.type, Integer) else _TEXTS


def untyped(column: ColumnElement[bool]) -> ColumnElement[Any]:
    """Return a column as the driver gives it: where there are many, any kind of truth value will do."""
    return type_coerce(column, NullType())


class _Values(TypeDecorator[list[Any]]):
    """A list as one parameter: an array in PostgreSQL, JSON text in SQLite."""

    impl = Text
    cache_ok = True

    def __init__(self, whole: bool) -> None:
        super().__init__()
        self.whole = whole

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(ARRAY(BigInteger() if self.whole else Text()))

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> Any:
        return write_json(value) if dialect.name == "sqlite" else value


_NUMBERS, _TEXTS = _Values(whole=True), _Values(whole=False)


class _Among(FunctionElement[bool]):
    """The condition of `among`."""

    inherit_cache = True
    name = "among"


@compiles(_Among)
def _compile_among(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    if compiler.dialect.name == "sqlite":
        # SQLite knows no arrays; its parameters are limited in number, not in length.
        return f"{column} IN (SELECT value FROM json_each({values}))"
    return f"{column} = ANY ({values})"


def insert_rows(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    *,
    replacing: Sequence[str] = (),
) -> None:
    """Insert rows at once, each with all of the columns in order; none is fine.

    A row whose `replacing` columns (the primary key) are taken replaces the one that is there.
    """
    if not rows:
        return
    target = _quote(connection, table.name)
    listed = ", ".join(_quote(connection, name) for name in columns)
    into, clash = f"INSERT INTO {target} ({listed})", _clash(connection, columns, replacing)
    if connection.dialect.name == "sqlite":
        _execute_values(connection, lambda values: f"{into} VALUES {values}{clash}", rows)
    elif replacing or len(rows) < _FEW:
        insert = f"{into} SELECT * FROM {{}}{clash}".format
        execute_arrays(connection, table, columns, insert, rows)
    else:
        copy_rows(connection, target, listed, rows)
    note_growth(connection, table, len(rows))


def _clash(connection: Connection, columns: Sequence[str], replacing: Sequence[str]) -> str:
    """Return what an insertion does about rows that are there."""
    if not replacing:
        return ""
    taken = ", ".join(_quote(connection, name) for name in replacing)
    # Not the key itself, which is the same: setting it would have its index written anew.
    changes = ", ".join(
        f"{_quote(connection, name)} = excluded.{_quote(connection, name)}"
        for name in columns
        if name not in replacing
    )
    return f" ON CONFLICT ({taken}) DO UPDATE SET {changes}"


def update_rows(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    keys: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Update rows at once: each has the new values of the columns, then the keys of the row meant."""
    target = _quote(connection, table.name)
    # What a list of values without names calls its columns.
    given = [f"column{number}" for number in range(1, len(columns) + len(keys) + 1)]
    names = [_quote(connection, name) for name in (*columns, *keys)]
    pairs = list(zip(names, given, strict=True))
    changes = ", ".join(f"{name} = given.{value}" for name, value in pairs[: len(columns)])
    wanted = " AND ".join(
        f"{target}.{name} = given.{value}" for name, value in pairs[len(columns) :]
    )
    head, tail = f"UPDATE {target} SET {changes} FROM ", f" WHERE {wanted}"
    if connection.dialect.name == "sqlite":
        _execute_values(connection, lambda values: f"{head}(VALUES {values}) AS given{tail}", rows)
    else:
        update = f"{head}{{}} AS given({', '.join(given)}){tail}".format
        execute_arrays(connection, table, (*columns, *keys), update, rows)


def _execute_values(
    connection: Connection, statement: Callable[[str], str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Execute a statement that takes the rows as a list of values, many rows at a time; none is fine.

    It is the driver's own call: there are many rows, and they are small.
    """
    if not rows:
        return
    row = f"({', '.join('?' * len(rows[0]))})"
    size = _MOST_VALUES // len(rows[0])
    whole = len(rows) - len(rows) % size
    many = [tuple(chain(*rows[start : start + size])) for start in range(0, whole, size)]
    if many:
        connection.exec_driver_sql(statement(", ".join([row] * size)), many)
    if rest := rows[whole:]:
        connection.exec_driver_sql(statement(", ".join([row] * len(rest))), tuple(chain(*rest)))


def _quote(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


def delete_rows(
    connection: Connection, table: Table, column: str, values: Iterable[Any], **scope: int
) -> None:
    """Delete the rows that have one of the values in the column, within a scope."""
    statement = _deletion(table, column, tuple(scope))
    for part in parts(values):
        connection.execute(statement, {"among_these": part, **scope})


@cache
def _deletion(table: Table, column: str, scope: tuple[str, ...]) -> Delete:
    within = [table.c[name] == bindparam(name) for name in scope]
    return delete(table).where(*within, among_given(table.c[column], "among_these"))


# Sorted keys make equal values equal texts; whole numbers of any size come back as they were.
_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder().decode
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_ascii = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def storable(text: str) -> str:
    """Return a text as both databases take it; what they cannot hold becomes a replacement character.

    For texts that systems choose and nobody writes back: ids that are referred to, reasons. Values
    of properties go through write_json, which keeps them as they are.
    """
    # Most reasons are empty, most ids plain.
    return text if text.isascii() and "\0" not in text else _UNSTORABLE.sub("\ufffd", text)


def write_json(value: object) -> str:
    """Return compact JSON with sorted keys: equal values have equal texts."""
    try:
        return _encode(value).decode()
    except UnicodeEncodeError:
        # Half of a surrogate pair: JSON may hold it as an escape, UTF-8 may not.
        return _ascii.encode(value)


def write_digested(value: object) -> tuple[bytes, str]:
    """Return the JSON of write_json in UTF-8, and a digest of it."""
    try:
        encoded = _encode(value)
    except UnicodeEncodeError:
        encoded = _ascii.encode(value).encode()
    return encoded, blake2b(encoded, digest_size=16).hexdigest()


def read_json(text: str) -> Json:
    """Return the value of JSON text that the store holds."""
    try:
        value: Json = _decode(text)
    except msgspec.DecodeError:
        # msgspec does not read halves of surrogate pairs.
        value = json.loads(text)
    return value


def read_object(text: str) -> dict[str, Json]:
    """Return the object of JSON text that the store holds."""
    if text == "{}":
        # So are the bases of all new links.
        return {}
    try:
        value: dict[str, Json] = _decode(text)
    except msgspec.DecodeError:
        value = json.loads(text)
    return value
