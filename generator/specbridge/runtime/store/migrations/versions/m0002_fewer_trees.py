"""Fewer trees to write to per record: the keys' own rows, and indexes of what is left to do only."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OWN_ROWS = ("keys", "mentions", "candidates")
"""Tables that are hardly more than their primary key: in SQLite they are kept in its tree alone."""


def upgrade() -> None:
    """Index what is asked for in every run, and little else; keep keys in one tree."""
    # 0: what follows from older links is queued once more, which does no harm.
    followed = sa.Column("followed", sa.BigInteger(), nullable=False, server_default="0")
    op.add_column("packages", followed)
    op.drop_index("queue_order", "queue")
    _turn_queue(("id", "resource"))
    op.drop_index("conflicts_link", "conflicts")
    _index_conflicts(sa.text("state <> 'settled'"))
    vanished = sa.column("vanished").is_(sa.true())
    op.create_index(
        "links_vanished", "links", ["flow"], sqlite_where=vanished, postgresql_where=vanished
    )
    for table in _OWN_ROWS:
        _rebuild(table, ("", " WITHOUT ROWID"))


def downgrade() -> None:
    """Take all of it back."""
    for table in _OWN_ROWS:
        _rebuild(table, (" WITHOUT ROWID", ""))
    op.drop_index("links_vanished", "links")
    # SQLite drops columns from 3.35 on only; this way the table is made anew.
    with op.batch_alter_table("packages") as packages:
        packages.drop_column("followed")
    op.drop_index("conflicts_link", "conflicts")
    _index_conflicts(None)
    _turn_queue(("resource", "id"))
    op.create_index("queue_order", "queue", ["resource", "number"])


def _turn_queue(columns: tuple[str, str]) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        before = ", ".join(reversed(columns))
        _rebuild("queue", (f"UNIQUE ({before})", f"UNIQUE ({', '.join(columns)})"))
        return
    # PostgreSQL has named it by itself.
    found = sa.inspect(connection).get_unique_constraints("queue")
    op.drop_constraint(str(found[0]["name"]), "queue")
    op.create_unique_constraint(None, "queue", list(columns))


def _index_conflicts(condition: sa.TextClause | None) -> None:
    op.create_index(
        "conflicts_link",
        "conflicts",
        ["flow", "source_id"],
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _rebuild(table: str, change: tuple[str, str]) -> None:
    """Make a table of SQLite anew, with one part of its definition changed and its rows kept."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    stated = sa.text("SELECT type, name, sql FROM sqlite_master WHERE tbl_name = :table")
    # Indexes of keys have no text: they come with the table.
    rows = [r for r in connection.execute(stated, {"table": table}) if r.sql is not None]
    (made,) = [row.sql for row in rows if row.type == "table"]
    indexes = [row for row in rows if row.type == "index"]
    # Indexes keep their names when their table is renamed, and a name is given once.
    for index in indexes:
        op.drop_index(index.name, table)
    op.rename_table(table, f"{table}_before")
    before, after = change
    op.execute(sa.text(made.replace(before, after) if before else made + after))
    op.execute(sa.text(f"INSERT INTO {table} SELECT * FROM {table}_before"))
    # By its rows it would go on after the highest that is left, and a cleared queue has none.
    if "AUTOINCREMENT" in made:
        _keep_numbering(table)
    op.drop_table(f"{table}_before")
    for index in indexes:
        op.execute(sa.text(index.sql))


def _keep_numbering(table: str) -> None:
    """Have the new table go on where the one before left off: no number is given twice."""
    op.execute(sa.text(f"DELETE FROM sqlite_sequence WHERE name = '{table}'"))
    last = f"SELECT '{table}', seq FROM sqlite_sequence WHERE name = '{table}_before'"
    op.execute(sa.text(f"INSERT INTO sqlite_sequence (name, seq) {last}"))
