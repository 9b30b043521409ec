"""What is said of a document beside its text, and who may see it; until now, everyone could."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "version_details",
        sa.Column(
            "version_id",
            sa.String(40),
            sa.ForeignKey("versions.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("access", sa.Text, nullable=False),
        sa.Column("said", sa.JSON, nullable=False),
    )
    op.execute(
        "INSERT INTO version_details (version_id, access, said) "
        "SELECT id, 'everyone', '{}' FROM versions"
    )


def downgrade() -> None:
    op.drop_table("version_details")
