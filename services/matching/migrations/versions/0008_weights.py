"""Versions of the weights that people put in force; and by which version each pair was weighed."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "weights_in_force",
        sa.Column("one", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_weights_in_force")),
    )
    op.create_table(
        "weights_version",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("same_as", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("put_by", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pairs", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_weights_version")),
        sa.UniqueConstraint("number", name=op.f("uq_weights_version_number")),
    )
    with op.batch_alter_table("pair", schema=None) as batch_op:  # what is there was weighed by the first version
        batch_op.add_column(sa.Column("weights", sa.Integer(), nullable=False, server_default="1"))
    with op.batch_alter_table("pair", schema=None) as batch_op:
        batch_op.alter_column("weights", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("pair", schema=None) as batch_op:
        batch_op.drop_column("weights")
    op.drop_table("weights_version")
    op.drop_table("weights_in_force")
