"""Packages and companies that people have paused, and how records were when they had been written."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, the column and the index; nobody has paused anything yet."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "pauses",
        sa.Column("company", number, sa.ForeignKey("companies.number"), primary_key=True),
        sa.Column("package", sa.Text(), primary_key=True),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
    )
    op.add_column("journal", sa.Column("instant", sa.Text()))
    gone = sa.column("gone", sa.Boolean()).is_(sa.true())
    op.create_index(
        "records_gone", "records", ["resource"], sqlite_where=gone, postgresql_where=gone
    )


def downgrade() -> None:
    """Take them back; nothing is paused then."""
    op.drop_index("records_gone", "records")
    op.drop_table("pauses")
    # SQLite drops columns from 3.35 on only; this way the table is made anew.
    with op.batch_alter_table("journal") as journal:
        journal.drop_column("instant")
