"""Repair tickets that are closed as the same as another one."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE tickets ADD COLUMN duplicate_of VARCHAR")
    op.execute("CREATE INDEX ix_tickets_duplicate_of ON tickets (duplicate_of) WHERE duplicate_of IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX ix_tickets_duplicate_of")
    op.execute("ALTER TABLE tickets DROP COLUMN duplicate_of")
