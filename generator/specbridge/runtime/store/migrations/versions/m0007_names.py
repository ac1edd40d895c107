"""What people call a record."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column; a record is named when it is next read or written."""
    op.add_column("records", sa.Column("name", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Take it back; nothing is called by a name then."""
    # SQLite drops columns from 3.35 on only; this way the table is made anew.
    with op.batch_alter_table("records") as records:
        records.drop_column("name")
