"""The store's tables, as the newest migration leaves them (docs/store.md tells what they are for).

Values of properties, bases and reports are JSON text. Instants are seconds since 1970, UTC. Every
row belongs to a company, through its account, its resource or its pairing.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
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
    false,
    literal,
    true,
)

from specbridge.runtime.store.tables.claim_table import claims
from specbridge.runtime.store.tables.deed_table import deeds
from specbridge.runtime.store.tables.ground import metadata, number
from specbridge.runtime.store.tables.service_tables import events, schedules, wakes, webhooks
from specbridge.runtime.store.tables.turn_table import turns

# Tables of their own rooms, here with all others.
__all__ = ["claims", "deeds", "events", "metadata", "schedules", "turns", "wakes", "webhooks"]

HEAD = "0013"
"""The newest migration; a store that says so needs no migrating."""

# Alembic's own, by its name; not one of the tables that migrations make.
version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


def _pairing() -> Column[int]:
    # Not a foreign key, here and in what else grows: PostgreSQL would look up each row's.
    return Column("pairing", Integer, primary_key=True)


# Whose systems are kept in sync; one without a name unless settings name more.
companies = Table(
    "companies",
    metadata,
    number(),
    Column("name", Text, nullable=False, unique=True),
    # The newest link of which what follows from it has been queued.
    Column("followed", BigInteger, nullable=False, server_default="0"),
)

packages = Table(
    "packages",
    metadata,
    number(),
    Column("company", ForeignKey("companies.number"), nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("company", "name"),
)

# A company's account with a system. An owner is a package whose account a store of 0.1 had by itself:
# its first run tells whether it is the company's.
accounts = Table(
    "accounts",
    metadata,
    number(),
    Column("company", ForeignKey("companies.number"), nullable=False),
    Column("system", Text, nullable=False),
    Column("owner", Text, nullable=False, server_default=""),
    Column("fingerprint", Text),
    UniqueConstraint("company", "system", "owner"),
)

resources = Table(
    "resources",
    metadata,
    number(),
    Column("account", ForeignKey("accounts.number"), nullable=False),
    Column("name", Text, nullable=False),
    Column("shape", Text, nullable=False, default=""),
    Column("cursor", Text),  # the connector's own text, handed back exactly as given
    Column("full_at", Float),
    Column("generation", Integer, nullable=False, default=0),
    UniqueConstraint("account", "name"),
)

# Two different resources and whatever flows there are between them, faced as they first were.
pairings = Table(
    "pairings",
    metadata,
    number(),
    Column("source", ForeignKey("resources.number"), nullable=False),
    Column("target", ForeignKey("resources.number"), nullable=False),
    # What the flows stated when every pair was last looked at.
    Column("shape", Text, nullable=False, server_default=""),
    UniqueConstraint("source", "target"),
)

flows = Table(
    "flows",
    metadata,
    number(),
    Column("package", ForeignKey("packages.number"), nullable=False),
    Column("name", Text, nullable=False),
    Column("pairing", ForeignKey("pairings.number"), nullable=False),
    # Where it stands in its package.
    Column("position", Integer, nullable=False, server_default="0"),
    # What it reads of which resource, for runs that do not load its package.
    Column("reads", Text, nullable=False, server_default="[]"),
    UniqueConstraint("package", "name"),
    Index("flows_pairing", "pairing"),
)

records = Table(
    "records",
    metadata,
    Column("resource", Integer, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("modified_at", Text, nullable=False),
    # When a person last edited it: a record that is written takes over the instant of the edit.
    Column("edited_at", Text, nullable=False, server_default=""),
    Column("digest", String(32), nullable=False),
    Column("properties", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("gone", Boolean, nullable=False, default=False),
    # What people call it; empty where nothing says so, or it was last read before names were kept.
    Column("name", Text, nullable=False, server_default=""),
)

# Hardly any is gone: who counts those that are there reads no records, only indexes.
gone_records = records.c.gone.is_(True)
Index("records_gone", records.c.resource, sqlite_where=gone_records, postgresql_where=gone_records)

# Records that changed and are not dealt with yet: a run that dies finds its work here again. Each
# pairing has its own, which stays where the pairing does not run.
queue = Table(
    "queue",
    metadata,
    number(),
    Column("pairing", Integer, nullable=False),
    Column("side", SmallInteger, nullable=False),
    Column("id", Text, nullable=False),
    # The id first: what is read in order must be found by number, not by a pairing's every row.
    UniqueConstraint("id", "pairing", "side"),
    # A number is never given twice: a round ends at the last number that it began with.
    sqlite_autoincrement=True,
)

# Records that were read without a pairing's package: what they match by is yet to be worked out.
unindexed = Table(
    "unindexed",
    metadata,
    _pairing(),
    Column("side", SmallInteger, primary_key=True),
    Column("id", Text, primary_key=True),
    sqlite_with_rowid=False,
)

# What records match by: a digest for each link rule (0, 1, …) and unique property (-1, -2, …).
keys = Table(
    "keys",
    metadata,
    _pairing(),
    Column("side", SmallInteger, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("rule", SmallInteger, primary_key=True),
    Column("value", BigInteger, nullable=False),
    Index("keys_value", "pairing", "value", "side", "rule"),
    sqlite_with_rowid=False,
)

# Which records refer to which, where creation depends on it.
mentions = Table(
    "mentions",
    metadata,
    Column("resource", Integer, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("to_resource", Integer, primary_key=True),
    Column("to_id", Text, primary_key=True),
    Index("mentions_to", "to_resource", "to_id"),
    sqlite_with_rowid=False,
)

links = Table(
    "links",
    metadata,
    number(),
    Column("pairing", Integer, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("target_id", Text, nullable=False),
    Column("vanished", Boolean, nullable=False, default=False),
    Column("pinned", Boolean, nullable=False, default=False),
    Column("base", Text, nullable=False, default="{}"),
    Column("made_in", Integer, nullable=False),
    Column("made_by", String(8), nullable=False),
    UniqueConstraint("pairing", "source_id"),
    UniqueConstraint("pairing", "target_id"),
    sqlite_autoincrement=True,
)

vanished_links = links.c.vanished.is_(true())
Index(
    "links_vanished", links.c.pairing, sqlite_where=vanished_links, postgresql_where=vanished_links
)


def _pairs(name: str, *more: Column[int] | Column[str] | Index, with_rowid: bool = True) -> Table:
    return Table(
        name,
        metadata,
        _pairing(),
        Column("source_id", Text, primary_key=True),
        Column("target_id", Text, primary_key=True),
        *more,
        sqlite_with_rowid=with_rowid,
    )


# Pairs that were taken apart by hand, and pairs that match without doubt being dispelled.
splits = _pairs("splits")
candidates = _pairs(
    "candidates",
    # Of a link that had to give way when flows became one pairing; only a person can choose it.
    Column("base", Text),
    Index("candidates_target", "pairing", "target_id"),
    with_rowid=False,
)

# References that wait: the record that is to be dealt with again once the other one is linked.
waiting = Table(
    "waiting",
    metadata,
    _pairing(),
    Column("side", SmallInteger, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("to_resource", Integer, primary_key=True),
    Column("to_id", Text, primary_key=True),
    Index("waiting_to", "to_resource", "to_id"),
)

runs = Table(
    "runs",
    metadata,
    number(),
    Column("company", ForeignKey("companies.number"), nullable=False),
    # The packages that it ran, as a JSON list.
    Column("packages", Text, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("started_at", Float, nullable=False),
    Column("ended_at", Float),
    Column("outcome", String(16)),
    Column("report", Text),
    Index("runs_company", "company", "number"),
    sqlite_autoincrement=True,
)

journal = Table(
    "journal",
    metadata,
    number(),
    Column("run", ForeignKey("runs.number"), nullable=False),
    Column("pairing", Integer),
    Column("kind", String(8), nullable=False),  # create, update, delete, adopt, relink
    Column("resource", Integer, nullable=False),
    Column("record_id", Text),
    Column("origin", Text),  # the record for which another one is created
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("effects", Text, nullable=False),  # the bases to be set once the write is done
    Column("state", String(8), nullable=False),  # open, done, refused, lost
    Column("reason", Text, nullable=False, default=""),
    # The system's instant of the record as the write left it, where that is known.
    Column("instant", Text),
    Index("journal_run", "run"),
    Index("journal_record", "resource", "record_id"),
    sqlite_autoincrement=True,
)
# What is left to do is indexed alone: it is asked for in every run, and hardly any row is.
# The word itself: behind a parameter, SQLite does not see that the index has the rows.
unanswered = journal.c.state == literal("open", literal_execute=True)
Index("journal_open", journal.c.number, sqlite_where=unanswered, postgresql_where=unanswered)

conflicts = Table(
    "conflicts",
    metadata,
    number(),
    Column("run", ForeignKey("runs.number"), nullable=False),
    Column("pairing", Integer, ForeignKey("pairings.number"), nullable=False),
    Column("source_id", Text, nullable=False),
    Column("target_id", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("source_value", Text, nullable=False),
    Column("target_value", Text, nullable=False),
    Column("winner", String(8)),
    Column("state", String(8), nullable=False),  # open, chosen, settled
    sqlite_autoincrement=True,
)
unsettled = conflicts.c.state != literal("settled", literal_execute=True)
Index(
    "conflicts_link",
    *(conflicts.c.pairing, conflicts.c.source_id),
    sqlite_where=unsettled,
    postgresql_where=unsettled,
)

dead_letters = Table(
    "dead_letters",
    metadata,
    _pairing(),
    Column("side", SmallInteger, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("other_id", Text),
    Column("reason", Text, nullable=False),
    Column("run", Integer, nullable=False),
    # Somebody has seen it, as long as its reason stays what it is.
    Column("acknowledged", Boolean, nullable=False, server_default=false()),
)

# The run that works on a company: by a random token, and where its process is (`holders`).
leases = Table(
    "leases",
    metadata,
    Column("company", ForeignKey("companies.number"), primary_key=True),
    Column("token", String(32), nullable=False),
    Column("holder", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("expires_at", Float, nullable=False),
    # When others may take it over: what was sent before it expired has ended by then.
    Column("free_at", Float, nullable=False),
)

# What people have stopped until further notice: a package, or without a name all of the company's.
pauses = Table(
    "pauses",
    metadata,
    Column("company", ForeignKey("companies.number"), primary_key=True),
    Column("package", Text, primary_key=True),
    Column("since", Float, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
)

# Audits that were made, in counts alone; `scope` is what was audited, as a JSON list of packages and flows.
audits = Table(
    "audits",
    metadata,
    number(),
    Column("company", ForeignKey("companies.number"), nullable=False),
    Column("scope", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("checked", BigInteger, nullable=False),
    Column("holds", BigInteger, nullable=False),
    Column("left_over", BigInteger, nullable=False),
    Index("audits_scope", "company", "scope", "number"),
)

SERVICE = (claims, deeds, events, schedules, turns, wakes, webhooks)
"""What people and services leave besides: tables of modules of their own, which are made with these."""


def id_on(table: Table, side: int) -> Column[str]:
    """Return the column of a table of pairs that holds the ids of one side's records."""
    columns: tuple[Column[str], Column[str]] = table.c.source_id, table.c.target_id
    return columns[side]


_SCHEMA_LOCK = 5_127_402_163
"""What PostgreSQL's locks know the making of tables by; any number that nobody else takes."""


def lock_schema(connection: Connection) -> None:
    """Begin the transaction in which tables are made or changed; another process's is waited for.

    What is read of the schema afterwards stays so until the transaction ends.
    """
    if connection.dialect.name != "sqlite":
        # For as long as it takes: another process may be copying a million rows.
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")
    elif not getattr(connection.connection.driver_connection, "in_transaction", False):
        # Python's driver begins no transaction for DDL: each statement would last by itself, and
        # half a schema could not be mended.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
