"""Questions a minute, counted for all processes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate_windows",
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("began", sa.Double, nullable=False),
        sa.Column("asked", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("rate_windows")
