"""The order in which events were handled, so that a rebuild does it again in this order."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("position", sa.BigInteger(), server_default="0", nullable=False))
        batch_op.create_index("ix_inbox_position", ["position"], unique=False)
    # What changed verdicts and was no event of another service is told by what it left behind.
    op.execute(
        "INSERT INTO inbox (consumer, event_id, type, handled_at)"
        " SELECT 'matching', decision_id, 'step.decision', decided_at FROM pair_decision"
    )
    days = sa.text("SELECT DISTINCT judged_at FROM pair WHERE because = ''").columns(judged_at=sa.DateTime(True))
    inbox = sa.table(
        "inbox", sa.column("consumer", sa.String), sa.column("event_id", sa.Uuid), sa.column("type", sa.String),
        sa.column("handled_at", sa.DateTime(True)),
    )  # fmt: skip
    connection = op.get_bind()
    steps = [
        {"consumer": "matching", "event_id": uuid4(), "type": "step.calendar", "handled_at": judged_at}
        for judged_at in connection.execute(days).scalars()
    ]
    if steps:
        connection.execute(inbox.insert(), steps)
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
