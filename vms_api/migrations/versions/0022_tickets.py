"""Repair tickets with their cameras, history and photos, maintenance windows, and the times of areas."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TABLES = (
    """CREATE TABLE tickets (
        id VARCHAR NOT NULL,
        number INTEGER NOT NULL,
        subject VARCHAR NOT NULL,
        camera_id VARCHAR,
        camera_name VARCHAR NOT NULL,
        camera_count INTEGER NOT NULL,
        area_id VARCHAR NOT NULL,
        cause VARCHAR NOT NULL,
        severity VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        opened_at BIGINT NOT NULL,
        found_at BIGINT NOT NULL,
        due_at BIGINT NOT NULL,
        late_told BOOLEAN NOT NULL DEFAULT 0,
        assignee_id VARCHAR,
        assignee VARCHAR,
        contractor JSON,
        repeats INTEGER NOT NULL,
        repeated BOOLEAN NOT NULL,
        evidence VARCHAR,
        proof VARCHAR,
        source VARCHAR,
        facts JSON NOT NULL,
        cleared_at BIGINT,
        fixed_at BIGINT,
        closed_at BIGINT,
        pause JSON,
        paused_s FLOAT NOT NULL,
        parts JSON NOT NULL,
        PRIMARY KEY (id)
    )""",
    "CREATE UNIQUE INDEX ix_tickets_open ON tickets (subject, cause) WHERE state <> 'closed'",
    "CREATE UNIQUE INDEX ix_tickets_number ON tickets (number)",
    "CREATE INDEX ix_tickets_subject_cause_id ON tickets (subject, cause, id)",
    "CREATE INDEX ix_tickets_state_due_at ON tickets (state, due_at)",
    "CREATE INDEX ix_tickets_area_id_id ON tickets (area_id, id)",
    "CREATE INDEX ix_tickets_opened_at ON tickets (opened_at)",
    """CREATE TABLE ticket_cameras (
        ticket_id VARCHAR NOT NULL,
        camera_id VARCHAR NOT NULL,
        PRIMARY KEY (ticket_id, camera_id),
        FOREIGN KEY (ticket_id) REFERENCES tickets (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_ticket_cameras_camera_id ON ticket_cameras (camera_id)",
    """CREATE TABLE ticket_history (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        ticket_id VARCHAR NOT NULL,
        at BIGINT NOT NULL,
        act VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        user_id VARCHAR,
        username VARCHAR,
        note VARCHAR NOT NULL,
        detail JSON NOT NULL,
        FOREIGN KEY (ticket_id) REFERENCES tickets (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_ticket_history_ticket_id ON ticket_history (ticket_id)",
    """CREATE TABLE ticket_attachments (
        id VARCHAR NOT NULL PRIMARY KEY,
        ticket_id VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        media_type VARCHAR NOT NULL,
        size BIGINT NOT NULL,
        sha256 VARCHAR NOT NULL,
        added_at BIGINT NOT NULL,
        added_by_id VARCHAR,
        added_by VARCHAR,
        FOREIGN KEY (ticket_id) REFERENCES tickets (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_ticket_attachments_ticket_id ON ticket_attachments (ticket_id)",
    """CREATE TABLE ticket_times (
        area_id VARCHAR NOT NULL PRIMARY KEY,
        high_hours FLOAT,
        medium_hours FLOAT,
        low_hours FLOAT,
        FOREIGN KEY (area_id) REFERENCES areas (id) ON DELETE CASCADE
    )""",
    """CREATE TABLE maintenance_windows (
        id VARCHAR NOT NULL PRIMARY KEY,
        area_id VARCHAR NOT NULL,
        camera_ids JSON,
        starts_at BIGINT NOT NULL,
        ends_at BIGINT NOT NULL,
        reason VARCHAR NOT NULL,
        asked_at BIGINT NOT NULL,
        asked_by_id VARCHAR,
        asked_by VARCHAR,
        approved_at BIGINT,
        approved_by_id VARCHAR,
        approved_by VARCHAR
    )""",
    "CREATE INDEX ix_maintenance_windows_ends_at ON maintenance_windows (ends_at)",
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    for name in (
        "maintenance_windows",
        "ticket_times",
        "ticket_attachments",
        "ticket_history",
        "ticket_cameras",
        "tickets",
    ):
        op.execute(f"DROP TABLE {name}")
