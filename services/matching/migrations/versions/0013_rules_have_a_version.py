"""By which version of the rules proposals and windows were judged, and what was judged anew by newer ones."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "renewal",
        sa.Column("renewal_id", sa.Uuid(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposals", sa.JSON(), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("renewal_id", name=op.f("pk_renewal")),
    )
    for table in ("proposal", "window"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("rules", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    for table in ("window", "proposal"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("rules")
    op.drop_table("renewal")
