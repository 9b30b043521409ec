"""Folders that were named to be indexed, and paths that were taken out of the index."""

import hashlib
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    roots = op.create_table(
        "roots",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
    )
    op.create_table(
        "exclusions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("excluded", sa.Boolean, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
    )
    # Until now a folder was known by its documents alone.
    live = sa.text("SELECT DISTINCT root FROM versions WHERE state = 'live'")
    rows = [
        {
            "id": hashlib.sha256(root.encode()).hexdigest(),
            "path": root,
            "whole": True,
            "named_at": datetime.now(UTC),
            "who": "",
        }
        for (root,) in op.get_bind().execute(live)
    ]
    if rows:
        op.bulk_insert(roots, rows)


def downgrade() -> None:
    op.drop_table("exclusions")
    op.drop_table("roots")
