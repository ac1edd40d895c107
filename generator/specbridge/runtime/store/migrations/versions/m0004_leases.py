"""Leases by a random token, with what tells one process from another."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table anew: a run of the version before finds its lease gone, and stops."""
    _replace(
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("free_at", sa.Float(), nullable=False),
    )


def downgrade() -> None:
    """Take it back; nobody holds a lease then."""
    _replace(
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
    )


def _replace(*columns: sa.Column[object]) -> None:
    op.drop_table("leases")
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    owner = sa.ForeignKey("companies.number")
    op.create_table("leases", sa.Column("company", number, owner, primary_key=True), *columns)
