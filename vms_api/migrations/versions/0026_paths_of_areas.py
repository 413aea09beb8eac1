"""Where each area lay in the tree, from when to when. What is known of the past is where they lie now."""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE area_paths (
            area_id VARCHAR NOT NULL,
            since BIGINT NOT NULL,
            until BIGINT,
            path VARCHAR NOT NULL,
            PRIMARY KEY (area_id, since)
        )"""
    )
    op.execute("INSERT INTO area_paths (area_id, since, path) SELECT id, created_at, path FROM areas")


def downgrade() -> None:
    op.execute("DROP TABLE area_paths")
