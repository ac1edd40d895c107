"""One record, one identity: companies, accounts and pairings, in the place of flows by themselves."""

import sqlalchemy as sa
from alembic import op

from specbridge.errors import StoreError
from specbridge.runtime.store.migrations.identity.copying import copy_identities, copy_rows
from specbridge.runtime.store.migrations.identity.gathering import gather_links
from specbridge.runtime.store.migrations.identity.tables import metadata

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Those that others refer to come first, and are dropped last.
_BEFORE = (
    *("packages", "resources", "flows", "runs", "leases", "records", "queue", "keys", "links"),
    *("splits", "candidates", "waiting", "journal", "conflicts", "dead_letters"),
)
_COUNTED = ("queue", "links", "runs", "journal", "conflicts")
"""Tables of which SQLite gives no number twice."""

_NUMBERED = (*_COUNTED, "packages", "resources", "flows")


def upgrade() -> None:
    """Make the tables anew, and have the rows go over as docs/store.md says."""
    connection = op.get_bind()
    _step_aside(connection)
    metadata.create_all(connection, checkfirst=False)
    _keep_numbering(connection)
    copy_identities(connection)
    copy_rows(connection)
    gather_links(connection)
    for table in ("agreed", "given_up", "moved", *(f"{name}_before" for name in reversed(_BEFORE))):
        op.drop_table(table)
    if connection.dialect.name != "sqlite":
        # The next run asks at once, and a server that knows nothing of new tables plans badly.
        op.execute(sa.text(f"ANALYZE {', '.join(metadata.tables)}"))


def downgrade() -> None:
    """Refuse: links of several flows that became one pairing's are told apart no more."""
    raise StoreError(
        "a store of schema 0003 does not go back to 0002; use the copy that was made before"
    )


def _step_aside(connection: sa.Connection) -> None:
    """Have the old tables leave their names, and those of all they have, to the new ones."""
    for table in _BEFORE:
        if connection.dialect.name == "sqlite":
            for index in sa.inspect(connection).get_indexes(table):
                op.drop_index(str(index["name"]), table)
        else:
            _rename_parts(connection, table)
        op.rename_table(table, f"{table}_before")


# Those of keys have their constraints' names, which PostgreSQL gives once in a schema.
_INDEXES = (
    "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = CAST(:table AS regclass)"
)
_REFERENCES = (
    "SELECT conname FROM pg_constraint WHERE contype = 'f' AND conrelid = CAST(:table AS regclass)"
)


def _rename_parts(connection: sa.Connection, table: str) -> None:
    for index in connection.execute(sa.text(_INDEXES), {"table": table}).scalars().all():
        op.execute(sa.text(f"ALTER INDEX {index} RENAME TO {index}_before"))
    for name in connection.execute(sa.text(_REFERENCES), {"table": table}).scalars().all():
        op.execute(sa.text(f"ALTER TABLE {table} RENAME CONSTRAINT {name} TO {name}_before"))
    if table in _NUMBERED:
        op.execute(
            sa.text(f"ALTER SEQUENCE {table}_number_seq RENAME TO {table}_number_seq_before")
        )


def _keep_numbering(connection: sa.Connection) -> None:
    """Have numbers go on where they were: none is given twice."""
    if connection.dialect.name == "sqlite":
        for table in _COUNTED:
            last = f"SELECT '{table}', seq FROM sqlite_sequence WHERE name = '{table}_before'"
            op.execute(sa.text(f"INSERT INTO sqlite_sequence (name, seq) {last}"))
        return
    # A pairing has the number of its oldest flow.
    for table, before in (*((name, name) for name in _NUMBERED), ("pairings", "flows")):
        last = f"FROM {before}_number_seq_before"
        op.execute(sa.text(f"SELECT setval('{table}_number_seq', last_value, is_called) {last}"))
