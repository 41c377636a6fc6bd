"""When each version of a proposal stood. Of those that are here already, the newest versions are known at once; older
ones, and when they were withdrawn, come with the next rebuild of the copies."""

from decimal import Decimal

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposal_life",
        sa.Column("proposal_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("programme_id", sa.String(length=80), nullable=False),
        sa.Column("action_ids", sa.JSON(), nullable=False),
        sa.Column("states", sa.JSON(), nullable=False),
        sa.Column("species", sa.JSON(), nullable=False),
        sa.Column("requested_usd", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.PrimaryKeyConstraint("proposal_id", "version", name=op.f("pk_proposal_life")),
    )
    proposal = sa.table(
        "proposal", sa.column("proposal_id", sa.Uuid()), sa.column("version", sa.Integer()),
        sa.column("withdrawn_version", sa.Integer()), sa.column("payload", sa.JSON()),
        sa.column("submitted_at", sa.DateTime(timezone=True)),
    )  # fmt: skip
    life = sa.table(
        "proposal_life", sa.column("proposal_id", sa.Uuid()), sa.column("version", sa.Integer()),
        sa.column("submitted_at", sa.DateTime(timezone=True)), sa.column("programme_id", sa.String()),
        sa.column("action_ids", sa.JSON()), sa.column("states", sa.JSON()), sa.column("species", sa.JSON()),
        sa.column("requested_usd", sa.Numeric(18, 2)),
    )  # fmt: skip
    connection = op.get_bind()
    standing = sa.select(
        proposal.c.proposal_id, proposal.c.version, proposal.c.payload, proposal.c.submitted_at
    ).where(proposal.c.version > proposal.c.withdrawn_version)  # fmt: skip
    for proposal_id, version, payload, submitted_at in connection.execute(standing).all():
        connection.execute(
            life.insert().values(
                proposal_id=proposal_id, version=version, submitted_at=submitted_at,
                programme_id=payload["programme_id"], requested_usd=Decimal(str(payload["requested_usd"])),
                action_ids=[action["action_id"] for action in payload["actions"]],
                states=payload["states"], species=payload["species"],
            )
        )  # fmt: skip


def downgrade() -> None:
    op.drop_table("proposal_life")
