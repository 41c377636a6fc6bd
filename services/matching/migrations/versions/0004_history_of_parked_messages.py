"""What people did with messages that had been set aside: who, when, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "parked_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parked_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("who", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked_history")),
    )
    with op.batch_alter_table("parked_history", schema=None) as batch_op:
        batch_op.create_index("ix_parked_history_parked_id", ["parked_id"], unique=False)


def downgrade() -> None:
    op.drop_table("parked_history")
