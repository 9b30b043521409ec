"""What is embedded of wide tables; what of each document was read, and since when it is outdated."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("passages") as table:
        table.add_column(sa.Column("brief", sa.Text, nullable=False, server_default=""))
    with op.batch_alter_table("version_details") as table:
        table.add_column(sa.Column("ledger", sa.JSON, nullable=False, server_default="{}"))
        table.add_column(sa.Column("outdated_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    with op.batch_alter_table("version_details") as table:
        table.drop_column("outdated_since")
        table.drop_column("ledger")
    with op.batch_alter_table("passages") as table:
        table.drop_column("brief")
