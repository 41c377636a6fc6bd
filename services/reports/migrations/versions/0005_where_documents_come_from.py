"""The trace of the request that asked for a document, so that what it leads to belongs to it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("traceparent", sa.String(length=55), server_default="", nullable=False))
        batch_op.add_column(sa.Column("correlation", sa.String(length=120), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_column("correlation")
        batch_op.drop_column("traceparent")
