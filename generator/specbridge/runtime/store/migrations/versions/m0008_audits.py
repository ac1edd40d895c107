"""Audits that were made, in counts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; what was audited before is not known."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "audits",
        sa.Column("number", number, primary_key=True, autoincrement=True),
        sa.Column("company", number, sa.ForeignKey("companies.number"), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("checked", sa.BigInteger(), nullable=False),
        sa.Column("holds", sa.BigInteger(), nullable=False),
        sa.Column("left_over", sa.BigInteger(), nullable=False),
    )
    op.create_index("audits_scope", "audits", ["company", "scope", "number"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("audits_scope", "audits")
    op.drop_table("audits")
