"""Processes that answer, who of them has taken a question, and what is needed to take it over."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "replicas",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("beat", sa.BigInteger, nullable=False),
    )
    with op.batch_alter_table("exchanges") as table:
        table.add_column(sa.Column("owner", sa.String(32), nullable=False, server_default=""))
        table.add_column(sa.Column("begun", sa.String(40)))
        table.add_column(sa.Column("particulars", sa.JSON))


def downgrade() -> None:
    with op.batch_alter_table("exchanges") as table:
        for name in ("particulars", "begun", "owner"):
            table.drop_column(name)
    op.drop_table("replicas")
