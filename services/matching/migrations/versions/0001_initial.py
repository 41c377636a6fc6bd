"""The tables of matching and those of its messaging."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "action",
        sa.Column("programme_id", sa.String(length=80), nullable=False),
        sa.Column("action_id", sa.String(length=40), nullable=False),
        sa.Column("section", sa.Integer(), nullable=False),
        sa.Column("priority", sa.String(length=40), nullable=True),
        sa.Column("priority_rank", sa.Integer(), nullable=False),
        sa.Column("sort_key", sa.String(length=40), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", "action_id", name=op.f("pk_action")),
    )
    op.create_table(
        "action_pair",
        sa.Column("window_id", sa.String(length=80), nullable=False),
        sa.Column("programme_id", sa.String(length=80), nullable=False),
        sa.Column("action_id", sa.String(length=40), nullable=False),
        sa.Column("overall", sa.String(length=20), nullable=False),
        sa.Column("fit", sa.Integer(), nullable=False),
        sa.Column("part_priority", sa.Integer(), nullable=False),
        sa.Column("part_themes", sa.Integer(), nullable=False),
        sa.Column("part_species", sa.Integer(), nullable=False),
        sa.Column("part_states", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("window_id", "programme_id", "action_id", name=op.f("pk_action_pair")),
    )
    with op.batch_alter_table("action_pair", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_action_pair_programme_id_action_id"), ["programme_id", "action_id"], unique=False
        )

    op.create_table(
        "inbox",
        sa.Column("consumer", sa.String(length=120), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.String(length=120), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("consumer", "event_id", name=op.f("pk_inbox")),
    )
    op.create_table(
        "outbox",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=120), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        sa.UniqueConstraint("event_id", name=op.f("uq_outbox_event_id")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_unpublished",
            ["position"],
            unique=False,
            sqlite_where=sa.text("published_at IS NULL"),
            postgresql_where=sa.text("published_at IS NULL"),
        )

    op.create_table(
        "pair",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("window_id", sa.String(length=80), nullable=False),
        sa.Column("window_revision", sa.Integer(), nullable=False),
        sa.Column("proposal_version", sa.Integer(), nullable=False),
        sa.Column("overall", sa.String(length=20), nullable=False),
        sa.Column("yes", sa.Integer(), nullable=False),
        sa.Column("unknown", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("fit", sa.Integer(), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.String(length=40), nullable=False),
        sa.Column("was_overall", sa.String(length=20), nullable=True),
        sa.Column("was_fit", sa.Integer(), nullable=True),
        sa.Column("was_place", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_cause", sa.String(length=20), nullable=False),
        sa.Column("changed_findings", sa.JSON(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("stage_reason", sa.String(), nullable=False),
        sa.Column("stage_by", sa.String(), nullable=False),
        sa.Column("stage_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stage_overall", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("proposal_id", "window_id", name=op.f("pk_pair")),
    )
    with op.batch_alter_table("pair", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pair_window_id"), ["window_id"], unique=False)

    op.create_table(
        "pair_decision",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("window_id", sa.String(length=80), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overall", sa.String(length=20), nullable=False),
        sa.Column("fit", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_pair_decision")),
    )
    with op.batch_alter_table("pair_decision", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pair_decision_proposal_id_window_id"), ["proposal_id", "window_id"], unique=False
        )

    op.create_table(
        "parked",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("consumer", sa.String(length=120), nullable=False),
        sa.Column("topic", sa.String(length=120), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("offset", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("type", sa.String(length=120), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_how", sa.String(length=20), nullable=True),
        sa.Column("settled_note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parked")),
    )
    op.create_table(
        "programme",
        sa.Column("programme_id", sa.String(length=80), nullable=False),
        sa.Column("actions", sa.Integer(), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.Column("last_year", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("programme_id", name=op.f("pk_programme")),
    )
    op.create_table(
        "proposal",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("withdrawn_version", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_name", sa.String(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("states", sa.JSON(), nullable=False),
        sa.Column("species", sa.JSON(), nullable=False),
        sa.Column("requested", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("judged_because", sa.String(length=40), nullable=False),
        sa.Column("judged_cause", sa.String(length=20), nullable=False),
        sa.Column("judged_window", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_proposal")),
    )
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proposal_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "window",
        sa.Column("window_id", sa.String(length=80), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("donor_id", sa.String(length=80), nullable=False),
        sa.Column("donor_name", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("fund", sa.String(length=80), nullable=True),
        sa.Column("status", sa.String(length=80), nullable=False),
        sa.Column("opens", sa.Date(), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("deadline_certain", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("window_id", name=op.f("pk_window")),
    )


def downgrade() -> None:
    op.drop_table("window")
    with op.batch_alter_table("proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proposal_organisation_id"))

    op.drop_table("proposal")
    op.drop_table("programme")
    op.drop_table("parked")
    with op.batch_alter_table("pair_decision", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pair_decision_proposal_id_window_id"))

    op.drop_table("pair_decision")
    with op.batch_alter_table("pair", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pair_window_id"))

    op.drop_table("pair")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_outbox_unpublished",
            sqlite_where=sa.text("published_at IS NULL"),
            postgresql_where=sa.text("published_at IS NULL"),
        )

    op.drop_table("outbox")
    op.drop_table("inbox")
    with op.batch_alter_table("action_pair", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_action_pair_programme_id_action_id"))

    op.drop_table("action_pair")
    op.drop_table("action")
