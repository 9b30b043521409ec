"""The journal also keeps where a question was asked and which passages were found for it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("journal") as table:
        table.add_column(sa.Column("channel", sa.String(40), nullable=False, server_default=""))
        table.add_column(sa.Column("found", sa.JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("journal") as table:
        table.drop_column("found")
        table.drop_column("channel")
