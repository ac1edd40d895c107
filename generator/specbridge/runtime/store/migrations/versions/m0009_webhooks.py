"""Webhooks: where they are taken in, which deliveries came, and the records that they told of."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _company(*, key: bool = False) -> sa.Column[int]:
    reference = sa.ForeignKey("companies.number")
    return sa.Column("company", _NUMBER, reference, primary_key=key, nullable=False)


def upgrade() -> None:
    """Make the tables; nothing was taken in before."""
    op.create_table(
        "webhooks",
        _company(key=True),
        sa.Column("system", sa.Text(), primary_key=True),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("heard_at", sa.Float()),
        sa.Column("missed", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.create_table(
        "events",
        _company(key=True),
        sa.Column("system", sa.Text(), primary_key=True),
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("at", sa.Float(), nullable=False),
    )
    op.create_index("events_at", "events", ["at"])
    op.create_table(
        "wakes",
        sa.Column("number", _NUMBER, primary_key=True, autoincrement=True),
        _company(),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("resource", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("wakes_company", "wakes", ["company"])


def downgrade() -> None:
    """Take them back."""
    op.drop_table("wakes")
    op.drop_table("events")
    op.drop_table("webhooks")
