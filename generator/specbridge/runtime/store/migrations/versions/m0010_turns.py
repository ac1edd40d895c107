"""Turns at limits that several processes share."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; nobody has asked for a turn yet."""
    op.create_table(
        "turns",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("start_at", sa.Float(), nullable=False, server_default="0"),
        sa.Column("next_at", sa.Float(), nullable=False, server_default="0"),
        sa.Column("closed_until", sa.Float(), nullable=False, server_default="0"),
        sa.Column("starts", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("filled", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("size", sa.Integer()),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE turns SET UNLOGGED")


def downgrade() -> None:
    """Take it back."""
    op.drop_table("turns")
