"""Rules: how high an object must be, and what only one kind of rule has."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""ALTER TABLE rules ADD COLUMN size JSON NOT NULL DEFAULT '{"min_height": 0.0, "max_height": 1.0}'""")
    op.execute("ALTER TABLE rules ADD COLUMN parameters JSON NOT NULL DEFAULT '{}'")


def downgrade() -> None:
    op.execute("ALTER TABLE rules DROP COLUMN parameters")
    op.execute("ALTER TABLE rules DROP COLUMN size")
