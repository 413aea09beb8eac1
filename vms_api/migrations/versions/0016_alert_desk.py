"""Incidents, checklists, attachments, and the times that statistics count."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_COLUMNS = (
    "incident_id VARCHAR NOT NULL DEFAULT ''",
    "repeats INTEGER NOT NULL DEFAULT 0",
    "last_at BIGINT NOT NULL DEFAULT 0",
    "checks JSON NOT NULL DEFAULT '{}'",
    "resolved_at BIGINT",
    "closed_at BIGINT",
)


def upgrade() -> None:
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE alerts ADD COLUMN {column}")
    op.execute("UPDATE alerts SET incident_id = id, last_at = raised_at")
    for act, column, states in (("resolve", "resolved_at", "'RESOLVED', 'CLOSED'"), ("close", "closed_at", "'CLOSED'")):
        last = f"SELECT MAX(at) FROM alert_history WHERE alert_id = alerts.id AND act = '{act}'"  # noqa: S608 - ours
        op.execute(f"UPDATE alerts SET {column} = ({last}) WHERE state IN ({states})")  # noqa: S608 - both are ours
    op.execute("DROP INDEX ix_alerts_owner_id_id")
    op.execute("CREATE INDEX ix_alerts_owner_id_state_id ON alerts (owner_id, state, id)")
    op.execute("CREATE INDEX ix_alerts_incident_id_id ON alerts (incident_id, id)")
    op.execute("CREATE INDEX ix_alerts_raised_at ON alerts (raised_at)")
    op.execute("CREATE INDEX ix_alerts_rule_id_raised_at ON alerts (rule_id, raised_at)")
    op.execute("CREATE INDEX ix_alerts_first_rule ON alerts (camera_id, rule_id, raised_at) WHERE incident_id = id")
    op.execute("CREATE INDEX ix_alerts_first_area ON alerts (area_id, state, id) WHERE incident_id = id")
    op.execute("CREATE INDEX ix_alerts_first_state ON alerts (state, id, area_id) WHERE incident_id = id")
    op.execute(
        """CREATE TABLE alert_attachments (
            id VARCHAR NOT NULL,
            alert_id VARCHAR NOT NULL,
            name VARCHAR NOT NULL,
            media_type VARCHAR NOT NULL,
            size BIGINT NOT NULL,
            sha256 VARCHAR NOT NULL,
            added_at BIGINT NOT NULL,
            added_by_id VARCHAR,
            added_by VARCHAR,
            PRIMARY KEY (id),
            FOREIGN KEY (alert_id) REFERENCES alerts (id) ON DELETE CASCADE
        )"""
    )
    op.execute("CREATE INDEX ix_alert_attachments_alert_id ON alert_attachments (alert_id)")
