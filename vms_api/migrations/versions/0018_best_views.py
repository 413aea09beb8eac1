"""The object of an alert as it was seen best: a second picture beside that of the moment."""

from alembic import op

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE alerts ADD COLUMN best_view JSON")
    op.execute(
        """CREATE TABLE alert_best_views (
            alert_id VARCHAR NOT NULL PRIMARY KEY,
            jpeg BLOB NOT NULL,
            FOREIGN KEY (alert_id) REFERENCES alerts (id) ON DELETE CASCADE
        )"""
    )


def downgrade() -> None:
    op.execute("DROP TABLE alert_best_views")
    op.execute("ALTER TABLE alerts DROP COLUMN best_view")
