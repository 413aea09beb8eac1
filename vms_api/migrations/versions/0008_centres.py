"""Who is on duty for an area."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE areas ADD COLUMN centre_name VARCHAR")
    op.execute("ALTER TABLE areas ADD COLUMN centre_phone VARCHAR")
