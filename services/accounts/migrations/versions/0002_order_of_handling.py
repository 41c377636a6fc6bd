"""The order in which events were handled, so that a rebuild does it again in this order."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("position", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.create_index("ix_inbox_position", ["position"], unique=False)
    number_by_time()


def downgrade() -> None:
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_position")
        batch_op.drop_column("position")


def number_by_time() -> None:
    """Nothing better than the clock is known of what was handled so far."""
    op.execute(
        "UPDATE inbox SET position = numbered.place FROM ("
        " SELECT consumer, event_id, row_number() OVER (ORDER BY handled_at, event_id) AS place FROM inbox"
        ") AS numbered WHERE inbox.consumer = numbered.consumer AND inbox.event_id = numbered.event_id"
    )
