"""The journal: what was answered, from what, at what cost; exchanges know their workspace."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "exchanges", sa.Column("workspace", sa.String(40), nullable=False, server_default="")
    )
    op.create_table(
        "journal",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("request_id", sa.String(32), nullable=False),
        sa.Column("workspace", sa.String(40), nullable=False),
        sa.Column("asker", sa.String(40), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("understood", sa.Text, nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("citations", sa.JSON, nullable=False),
        sa.Column("timings", sa.JSON, nullable=False),
        sa.Column("writing", sa.JSON, nullable=True),
        sa.Column("cost", sa.Float, nullable=True),
    )
    op.create_index("ix_journal_request_id", "journal", ["request_id"])
    op.create_index("ix_journal_answered_at", "journal", ["answered_at"])
    op.create_index("journal_by_workspace", "journal", ["workspace", "answered_at"])


def downgrade() -> None:
    op.drop_table("journal")
    op.drop_column("exchanges", "workspace")
