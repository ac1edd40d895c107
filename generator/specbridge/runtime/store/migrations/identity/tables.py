"""The tables as schema 0003 has them: what a later schema changes, it changes not here.

`mentions` is as it was before, and not among them.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal,
    true,
)

metadata = MetaData()
"""All tables of 0003 that 0002 has not, or has otherwise."""

_NUMBER = BigInteger().with_variant(Integer, "sqlite")


def _number() -> Column[Any]:
    return Column("number", _NUMBER, primary_key=True, autoincrement=True)


def _of(table: str) -> Column[Any]:
    """Return the column that refers to a row of another table, called as in `company`."""
    names = {"companies": "company"}
    name = names.get(table, table.removesuffix("s"))
    return Column(name, ForeignKey(f"{table}.number"), nullable=False)


def _end(name: str) -> Column[Any]:
    return Column(name, ForeignKey("resources.number"), nullable=False)


def _texts(*names: str) -> list[Column[Any]]:
    return [Column(name, Text, nullable=False) for name in names]


def _key(name: str, kind: type[Integer | Text]) -> Column[Any]:
    return Column(name, kind, primary_key=True)


def _pairing() -> Column[Any]:
    return Column("pairing", Integer, primary_key=True)


def _in_pairing() -> Column[Any]:
    return Column("pairing", Integer, ForeignKey("pairings.number"), nullable=False)


def _counter(name: str) -> Column[Any]:
    return Column(name, BigInteger, nullable=False, server_default="0")


Table(
    "companies",
    metadata,
    _number(),
    Column("name", Text, nullable=False, unique=True),
    _counter("followed"),
)
Table(
    "packages",
    metadata,
    *(_number(), _of("companies"), *_texts("name")),
    UniqueConstraint("company", "name"),
)
Table(
    "accounts",
    metadata,
    *(_number(), _of("companies"), *_texts("system")),
    Column("owner", Text, nullable=False, server_default=""),
    Column("fingerprint", Text),
    UniqueConstraint("company", "system", "owner"),
)
Table(
    "resources",
    metadata,
    *(_number(), _of("accounts"), *_texts("name", "shape")),
    Column("cursor", Text),
    Column("full_at", Float),
    Column("generation", Integer, nullable=False),
    UniqueConstraint("account", "name"),
)
Table(
    "pairings",
    metadata,
    *(_number(), _end("source"), _end("target")),
    Column("shape", Text, nullable=False, server_default=""),
    UniqueConstraint("source", "target"),
)
Table(
    "flows",
    metadata,
    *(_number(), _of("packages"), *_texts("name"), _of("pairings")),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("reads", Text, nullable=False, server_default="[]"),
    UniqueConstraint("package", "name"),
    Index("flows_pairing", "pairing"),
)
Table(
    "records",
    metadata,
    Column("resource", Integer, primary_key=True),
    Column("id", Text, primary_key=True),
    *_texts("modified_at"),
    Column("edited_at", Text, nullable=False, server_default=""),
    Column("digest", String(32), nullable=False),
    *_texts("properties"),
    Column("generation", Integer, nullable=False),
    Column("gone", Boolean, nullable=False),
)
Table(
    "queue",
    metadata,
    _number(),
    Column("pairing", Integer, nullable=False),
    Column("side", SmallInteger, nullable=False),
    *_texts("id"),
    UniqueConstraint("id", "pairing", "side"),
    sqlite_autoincrement=True,
)
Table(
    "unindexed",
    metadata,
    *(_pairing(), _key("side", SmallInteger), _key("id", Text)),
    sqlite_with_rowid=False,
)
Table(
    "keys",
    metadata,
    *(_pairing(), _key("side", SmallInteger), _key("id", Text), _key("rule", SmallInteger)),
    Column("value", BigInteger, nullable=False),
    Index("keys_value", "pairing", "value", "side", "rule"),
    sqlite_with_rowid=False,
)
_links = Table(
    "links",
    metadata,
    *(_number(), Column("pairing", Integer, nullable=False), *_texts("source_id", "target_id")),
    Column("vanished", Boolean, nullable=False),
    Column("pinned", Boolean, nullable=False),
    *_texts("base"),
    Column("made_in", Integer, nullable=False),
    Column("made_by", String(8), nullable=False),
    UniqueConstraint("pairing", "source_id"),
    UniqueConstraint("pairing", "target_id"),
    sqlite_autoincrement=True,
)
_vanished = _links.c.vanished.is_(true())
Index("links_vanished", _links.c.pairing, sqlite_where=_vanished, postgresql_where=_vanished)
Table(
    "splits",
    metadata,
    *(_pairing(), _key("source_id", Text), _key("target_id", Text)),
)
Table(
    "candidates",
    metadata,
    *(_pairing(), _key("source_id", Text), _key("target_id", Text)),
    Column("base", Text),
    Index("candidates_target", "pairing", "target_id"),
    sqlite_with_rowid=False,
)
Table(
    "waiting",
    metadata,
    *(_pairing(), _key("side", SmallInteger), _key("id", Text)),
    *(_key("to_resource", Integer), _key("to_id", Text)),
    Index("waiting_to", "to_resource", "to_id"),
)
Table(
    "runs",
    metadata,
    *(_number(), _of("companies"), *_texts("packages")),
    Column("kind", String(8), nullable=False),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("outcome", String(16)),
    Column("report", Text),
    Index("runs_company", "company", "number"),
    sqlite_autoincrement=True,
)
_journal = Table(
    "journal",
    metadata,
    *(_number(), _of("runs")),
    Column("pairing", Integer),
    Column("kind", String(8), nullable=False),
    Column("resource", Integer, nullable=False),
    Column("record_id", Text),
    Column("origin", Text),
    *_texts("before", "after", "effects"),
    Column("state", String(8), nullable=False),
    *_texts("reason"),
    Index("journal_run", "run"),
    Index("journal_record", "resource", "record_id"),
    sqlite_autoincrement=True,
)
_open = _journal.c.state == literal("open", literal_execute=True)
Index("journal_open", _journal.c.number, sqlite_where=_open, postgresql_where=_open)
_conflicts = Table(
    "conflicts",
    metadata,
    *(_number(), _of("runs"), _in_pairing()),
    *_texts("source_id", "target_id", "unit", "source_value", "target_value"),
    Column("winner", String(8)),
    Column("state", String(8), nullable=False),
    sqlite_autoincrement=True,
)
_unsettled = _conflicts.c.state != literal("settled", literal_execute=True)
Index(
    "conflicts_link",
    *(_conflicts.c.pairing, _conflicts.c.source_id),
    sqlite_where=_unsettled,
    postgresql_where=_unsettled,
)
Table(
    "dead_letters",
    metadata,
    *(_pairing(), _key("side", SmallInteger), _key("id", Text)),
    Column("other_id", Text),
    *_texts("reason"),
    Column("run", Integer, nullable=False),
)
Table(
    "leases",
    metadata,
    Column("company", ForeignKey("companies.number"), primary_key=True),
    *_texts("holder"),
    Column("expires_at", Float, nullable=False),
)
