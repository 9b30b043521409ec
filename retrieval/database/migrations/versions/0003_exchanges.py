"""Exchanges: what was asked and answered; verdicts: what readers thought of it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchanges",
        sa.Column("request_id", sa.String(32), primary_key=True),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("thread", sa.String(40), nullable=False),
        sa.Column("stamp", sa.String(40), nullable=False),
        sa.Column("asker", sa.String(40), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("understood", sa.Text, nullable=False),
        sa.Column("answered", sa.Boolean, nullable=True),
        sa.Column("reply", sa.String(40), nullable=True),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("exchanges_by_message", "exchanges", ["channel", "stamp"])
    op.create_index("exchanges_by_asker", "exchanges", ["asker", "asked_at"])
    op.create_index("ix_exchanges_asked_at", "exchanges", ["asked_at"])
    op.create_table(
        "verdicts",
        sa.Column("request_id", sa.String(32), primary_key=True),
        sa.Column("reader", sa.String(40), primary_key=True),
        sa.Column("helpful", sa.Boolean, nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("verdicts")
    op.drop_table("exchanges")
