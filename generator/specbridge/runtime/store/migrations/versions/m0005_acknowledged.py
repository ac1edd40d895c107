"""Dead letters that somebody has seen."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; nobody has seen any yet."""
    column: sa.Column[bool] = sa.Column(
        "acknowledged", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    op.add_column("dead_letters", column)


def downgrade() -> None:
    """Take it back; all count again."""
    # SQLite drops columns from 3.35 on only; this way the table is made anew.
    with op.batch_alter_table("dead_letters") as letters:
        letters.drop_column("acknowledged")
