"""Who has an alert in hand, what it turned out to be, and what was said with each step."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in ("owner_id", "owner", "verdict", "duplicate_of"):
        op.execute(f"ALTER TABLE alerts ADD COLUMN {column} VARCHAR")
    op.execute("CREATE INDEX ix_alerts_owner_id_id ON alerts (owner_id, id)")
    op.execute("ALTER TABLE alert_history ADD COLUMN note VARCHAR NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE alert_history ADD COLUMN detail JSON NOT NULL DEFAULT '{}'")
    # Whoever acknowledged an alert has had it in hand since.
    op.execute(
        "UPDATE alerts SET owner = acknowledged_by, owner_id = (SELECT id FROM users WHERE username = acknowledged_by)"
    )
