"""The table of turns at the limits that several processes share."""

from sqlalchemy import Column, Connection, Float, Integer, Table, Text, event

from specbridge.runtime.store.tables.ground import metadata

# A limit by the digest of what shares it; instants are the database's. On SQLite it is used in a file of its own.
turns = Table(
    "turns",
    metadata,
    Column("key", Text, primary_key=True),
    # When a turn was last asked for, and the one that was offered then.
    Column("asked_at", Float, nullable=False),
    Column("start_at", Float, nullable=False, server_default="0"),
    Column("next_at", Float, nullable=False, server_default="0"),
    Column("closed_until", Float, nullable=False, server_default="0"),
    # The last starts, oldest first, as a JSON list: each stands for a chunk of requests.
    Column("starts", Text, nullable=False, server_default="[]"),
    # How many requests of the chunk after them there are.
    Column("filled", Integer, nullable=False, server_default="0"),
    # What the system states of the account; nothing as long as it did not.
    Column("size", Integer),
)


@event.listens_for(turns, "after_create")
def _unlog(_table: Table, connection: Connection, **_options: object) -> None:
    # Turns are worth nothing after a crash, and each would wait for the disk.
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("ALTER TABLE turns SET UNLOGGED")
