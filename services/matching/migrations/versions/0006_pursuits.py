"""Pursuits with their moves; and what a decision rested on, rule by rule and part by part."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pursuit",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("window_id", sa.String(length=80), nullable=False),
        sa.Column("donor_id", sa.String(length=80), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_usd", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("rates_date", sa.Date(), nullable=True),
        sa.Column("owner_name", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("moved_by", sa.String(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("move_id", sa.Uuid(), nullable=True),
        sa.Column("last_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", "window_id", name=op.f("pk_pursuit")),
    )
    with op.batch_alter_table("pursuit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pursuit_donor_id"), ["donor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pursuit_window_id"), ["window_id"], unique=False)

    op.create_table(
        "pursuit_move",
        sa.Column("move_id", sa.Uuid(), nullable=False),
        sa.Column("once", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("window_id", sa.String(length=80), nullable=False),
        sa.Column("donor_id", sa.String(length=80), nullable=False),
        sa.Column("was_stage", sa.String(length=20), nullable=False),
        sa.Column("before", sa.Uuid(), nullable=True),
        sa.Column("undoes", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_usd", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("rates_date", sa.Date(), nullable=True),
        sa.Column("owner_name", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("moved_by", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overall", sa.String(length=20), nullable=False),
        sa.Column("fit", sa.Integer(), nullable=True),
        sa.Column("verdicts", sa.JSON(), nullable=True),
        sa.Column("parts", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("move_id", name=op.f("pk_pursuit_move")),
        sa.UniqueConstraint("once", name=op.f("uq_pursuit_move_once")),
    )
    with op.batch_alter_table("pursuit_move", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pursuit_move_proposal_id_window_id"), ["proposal_id", "window_id"], unique=False
        )

    with op.batch_alter_table("pair_decision", schema=None) as batch_op:
        batch_op.add_column(sa.Column("verdicts", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("parts", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("pair_decision", schema=None) as batch_op:
        batch_op.drop_column("parts")
        batch_op.drop_column("verdicts")

    with op.batch_alter_table("pursuit_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pursuit_move_proposal_id_window_id"))

    op.drop_table("pursuit_move")
    with op.batch_alter_table("pursuit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pursuit_window_id"))
        batch_op.drop_index(batch_op.f("ix_pursuit_donor_id"))

    op.drop_table("pursuit")
