"""The first schema (docs/store.md)."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create all tables."""
    _create_packages()
    _create_runs()
    _create_records()
    _create_keys()
    _create_links()
    _create_matches()
    _create_journal()
    _create_leftovers()


def downgrade() -> None:
    """Drop all tables."""
    for table in reversed(TABLES):
        op.drop_table(table)


TABLES = (
    "packages",
    "resources",
    "flows",
    "runs",
    "leases",
    "records",
    "queue",
    "keys",
    "mentions",
    "links",
    "splits",
    "candidates",
    "waiting",
    "journal",
    "conflicts",
    "dead_letters",
)


def _number() -> sa.Column[int]:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("number", kind, autoincrement=True, nullable=False)


def _reference(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _create_packages() -> None:
    op.create_table(
        "packages",
        _number(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "resources",
        _number(),
        _reference("package"),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("shape", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("full_at", sa.Float(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["package"],
            ["packages.number"],
        ),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("package", "system", "name"),
    )
    op.create_table(
        "flows",
        _number(),
        _reference("package"),
        sa.Column("name", sa.Text(), nullable=False),
        _reference("source"),
        _reference("target"),
        sa.ForeignKeyConstraint(
            ["package"],
            ["packages.number"],
        ),
        sa.ForeignKeyConstraint(
            ["source"],
            ["resources.number"],
        ),
        sa.ForeignKeyConstraint(
            ["target"],
            ["resources.number"],
        ),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("package", "name"),
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
        _number(),
        _reference("package"),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["package"],
            ["packages.number"],
        ),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("runs_package", "runs", ["package", "number"], unique=False)
    op.create_table(
        "leases",
        sa.Column("package", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("package"),
    )


def _create_records() -> None:
    op.create_table(
        "records",
        sa.Column("resource", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("modified_at", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("properties", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource"],
            ["resources.number"],
        ),
        sa.PrimaryKeyConstraint("resource", "id"),
    )
    op.create_table(
        "queue",
        _number(),
        sa.Column("resource", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("resource", "id"),
        sqlite_autoincrement=True,
    )
    op.create_index("queue_order", "queue", ["resource", "number"], unique=False)


def _create_keys() -> None:
    op.create_table(
        "keys",
        sa.Column("flow", sa.Integer(), nullable=False),
        sa.Column("side", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("rule", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow"],
            ["flows.number"],
        ),
        sa.PrimaryKeyConstraint("flow", "side", "id", "rule"),
    )
    op.create_index("keys_value", "keys", ["flow", "value", "side", "rule"], unique=False)
    op.create_table(
        "mentions",
        sa.Column("resource", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("to_resource", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("resource", "id", "to_resource", "to_id"),
    )
    op.create_index("mentions_to", "mentions", ["to_resource", "to_id"], unique=False)


def _create_links() -> None:
    op.create_table(
        "links",
        _number(),
        sa.Column("flow", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.Column("vanished", sa.Boolean(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("made_in", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow"],
            ["flows.number"],
        ),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("flow", "source_id"),
        sa.UniqueConstraint("flow", "target_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "splits",
        sa.Column("flow", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow"],
            ["flows.number"],
        ),
        sa.PrimaryKeyConstraint("flow", "source_id", "target_id"),
    )


def _create_matches() -> None:
    op.create_table(
        "candidates",
        sa.Column("flow", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow"],
            ["flows.number"],
        ),
        sa.PrimaryKeyConstraint("flow", "source_id", "target_id"),
    )
    op.create_index("candidates_target", "candidates", ["flow", "target_id"], unique=False)
    op.create_table(
        "waiting",
        sa.Column("flow", sa.Integer(), nullable=False),
        sa.Column("side", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("to_resource", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow"],
            ["flows.number"],
        ),
        sa.PrimaryKeyConstraint("flow", "side", "id", "to_resource", "to_id"),
    )
    op.create_index("waiting_to", "waiting", ["to_resource", "to_id"], unique=False)


def _create_journal() -> None:
    op.create_table(
        "journal",
        _number(),
        _reference("run"),
        sa.Column("flow", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("resource", sa.Integer(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("effects", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run"],
            ["runs.number"],
        ),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "journal_open",
        "journal",
        ["number"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("journal_run", "journal", ["run"], unique=False)


def _create_leftovers() -> None:
    op.create_table(
        "conflicts",
        _number(),
        _reference("run"),
        sa.Column("flow", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("source_value", sa.Text(), nullable=False),
        sa.Column("target_value", sa.Text(), nullable=False),
        sa.Column("winner", sa.String(length=8), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow"],
            ["flows.number"],
        ),
        sa.ForeignKeyConstraint(
            ["run"],
            ["runs.number"],
        ),
        sa.PrimaryKeyConstraint("number"),
        sqlite_autoincrement=True,
    )
    op.create_index("conflicts_link", "conflicts", ["flow", "source_id"], unique=False)
    op.create_table(
        "dead_letters",
        sa.Column("flow", sa.Integer(), nullable=False),
        sa.Column("side", sa.SmallInteger(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("other_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["flow"],
            ["flows.number"],
        ),
        sa.PrimaryKeyConstraint("flow", "side", "id"),
    )
