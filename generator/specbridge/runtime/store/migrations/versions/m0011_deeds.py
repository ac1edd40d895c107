"""What people did by hand, and who."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; who did what before is not known."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "deeds",
        sa.Column("number", number, primary_key=True, autoincrement=True),
        sa.Column("company", number, sa.ForeignKey("companies.number"), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("pairing", sa.Integer()),
        sa.Column("source_id", sa.Text()),
        sa.Column("target_id", sa.Text()),
        sa.Column("detail", sa.Text(), nullable=False, server_default=""),
        sqlite_autoincrement=True,
    )
    op.create_index("deeds_company", "deeds", ["company", "at"])


def downgrade() -> None:
    """Take it back."""
    op.drop_index("deeds_company", "deeds")
    op.drop_table("deeds")
