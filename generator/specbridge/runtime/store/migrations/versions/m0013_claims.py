"""Whose the records are of accounts that companies share."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the next run of each company claims what its links have."""
    op.create_table(
        "claims",
        sa.Column("system", sa.Text(), primary_key=True),
        sa.Column("account", sa.Text(), primary_key=True),
        sa.Column("resource", sa.Text(), primary_key=True),
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("company", sa.Text(), nullable=False),
    )
    op.create_index("claims_company", "claims", ["company"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("claims")
