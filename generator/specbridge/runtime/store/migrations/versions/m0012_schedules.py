"""When workers run companies next."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; no worker has run anything yet."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "schedules",
        sa.Column("company", number, sa.ForeignKey("companies.number"), primary_key=True),
        sa.Column("next_at", sa.Float(), nullable=False),
        sa.Column("period", sa.Float(), nullable=False, server_default="0"),
        sa.Column("polled_at", sa.Float(), nullable=False, server_default="0"),
        sa.Column("ran_at", sa.Float(), nullable=False, server_default="0"),
        sa.Column("failures", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("runs", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("failed", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("untaken", sa.BigInteger(), nullable=False, server_default="0"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("schedules")
