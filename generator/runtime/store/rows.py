"""Statements over many rows: cut into parts that every database takes."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from json import encoder as json_encoder
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    Integer,
    Table,
    Text,
    bindparam,
    delete,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from generator.model.values import Json

PART = 1000
"""Values per statement: enough to make round trips cheap, few enough to hold in memory."""

T = TypeVar("T")


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


def among(column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of the values, given as one parameter.

    A parameter for each value would cost more than the search itself.
    """
    kind = _NUMBERS if isinstance(column.type, Integer) else _TEXTS
    return _Among(column, bindparam(None, list(values), type_=kind))


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
        return json.dumps(value) if dialect.name == "sqlite" else value


_NUMBERS, _TEXTS = _Values(whole=True), _Values(whole=False)


class _Among(FunctionElement[bool]):
    """The condition of `among`."""

    inherit_cache = True
    name = "among"


@compiles(_Among)
def _compile_among(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    if compiler.dialect.name == "sqlite":
        return f"{column} IN (SELECT value FROM json_each({values}))"
    return f"{column} = ANY ({values})"


def insert_rows(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert rows at once, each with all of the columns in order; none is fine."""
    if rows:
        names = [_quote(connection, name) for name in columns]
        marks = ", ".join([_mark(connection)] * len(names))
        into = f"{_quote(connection, table.name)} ({', '.join(names)})"
        # The driver's own call: with many small rows SQLAlchemy's treatment of each is half the time.
        connection.exec_driver_sql(f"INSERT INTO {into} VALUES ({marks})", list(rows))


def update_rows(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    keys: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    """Update rows at once: each has the new values of the columns, then the keys of the row meant."""
    if rows:
        mark = _mark(connection)
        values, wanted = (
            [f"{_quote(connection, name)} = {mark}" for name in names] for names in (columns, keys)
        )
        change = f"{_quote(connection, table.name)} SET {', '.join(values)}"
        connection.exec_driver_sql(f"UPDATE {change} WHERE {' AND '.join(wanted)}", list(rows))


def _quote(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)


def _mark(connection: Connection) -> str:
    return "?" if connection.dialect.name == "sqlite" else "%s"


def delete_rows(
    connection: Connection, table: Table, column: str, values: Iterable[Any], **scope: int
) -> None:
    """Delete the rows that have one of the values in the column, within a scope."""
    within = [table.c[name] == value for name, value in scope.items()]
    for part in parts(values):
        connection.execute(delete(table).where(*within, among(table.c[column], part)))


def _make_encoder() -> Callable[[object], str]:
    plain = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    make = getattr(json_encoder, "c_make_encoder", None)
    if make is None:
        return plain.encode
    # What `encode` makes anew for each text, at more than the cost of a small text, is made once.
    text = json_encoder.encode_basestring
    pieces = make(None, plain.default, text, None, ":", ",", True, False, True)
    return lambda value: "".join(pieces(value, 0))


_encode = _make_encoder()
_decode = json.JSONDecoder().raw_decode


def write_json(value: object) -> str:
    """Return compact JSON with sorted keys: equal values have equal texts."""
    return _encode(value)


def read_json(text: str) -> Json:
    """Return the value of JSON text that the store holds."""
    value: Json = _decode(text)[0]
    return value


def read_object(text: str) -> dict[str, Json]:
    """Return the object of JSON text that the store holds."""
    # Bases of new links are empty.
    value: dict[str, Json] = {} if text == "{}" else _decode(text)[0]
    return value
