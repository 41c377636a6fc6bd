"""People's answers to questions, and which of them are in force."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("window_id", sa.String(length=80), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("window_id", "proposal_id", "key", name=op.f("pk_answer")),
    )
    op.create_table(
        "question_answer",
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("window_id", sa.String(length=80), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("choice", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("told_by", sa.String(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("confidence", sa.String(length=20), nullable=False),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_revision", sa.Integer(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_question_answer")),
    )
    with op.batch_alter_table("question_answer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_question_answer_window_id_proposal_id_key"),
            ["window_id", "proposal_id", "key"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("question_answer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_question_answer_window_id_proposal_id_key"))

    op.drop_table("question_answer")
    op.drop_table("answer")
