"""Patrol rounds, their stops, what was done about them, and the pictures that were kept of them."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """CREATE TABLE patrol_rounds (
        id VARCHAR NOT NULL,
        plan_id VARCHAR NOT NULL,
        plan_version INTEGER NOT NULL,
        name VARCHAR NOT NULL,
        area_id VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        due_at BIGINT NOT NULL,
        deadline_at BIGINT NOT NULL,
        late BOOLEAN NOT NULL,
        user_id VARCHAR,
        user_name VARCHAR,
        lease_epoch INTEGER NOT NULL,
        started_at BIGINT,
        finished_at BIGINT,
        current INTEGER NOT NULL,
        stop_count INTEGER NOT NULL,
        done_count INTEGER NOT NULL,
        grid INTEGER NOT NULL,
        complete_at FLOAT NOT NULL,
        stop_order JSON,
        PRIMARY KEY (id),
        UNIQUE (plan_id, due_at)
    )""",
    "CREATE INDEX ix_patrol_rounds_area_id_due_at ON patrol_rounds (area_id, due_at)",
    "CREATE INDEX ix_patrol_rounds_due_at_id ON patrol_rounds (due_at, id)",
    "CREATE INDEX ix_patrol_rounds_user_id_due_at ON patrol_rounds (user_id, due_at)",
    """CREATE INDEX ix_patrol_rounds_open_deadline_at ON patrol_rounds (deadline_at)
        WHERE state IN ('due', 'running', 'paused')""",
    """CREATE TABLE patrol_history (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        round_id VARCHAR NOT NULL,
        at BIGINT NOT NULL,
        act VARCHAR NOT NULL,
        user_id VARCHAR,
        user_name VARCHAR,
        note VARCHAR NOT NULL,
        detail JSON NOT NULL,
        FOREIGN KEY (round_id) REFERENCES patrol_rounds (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_patrol_history_round_id ON patrol_history (round_id)",
    """CREATE TABLE patrol_stops (
        round_id VARCHAR NOT NULL,
        id VARCHAR NOT NULL,
        position INTEGER NOT NULL,
        camera_id VARCHAR NOT NULL,
        camera_name VARCHAR NOT NULL,
        area_id VARCHAR,
        preset VARCHAR,
        dwell_s FLOAT NOT NULL,
        questions JSON NOT NULL,
        reference_id VARCHAR,
        is_extra BOOLEAN NOT NULL,
        arrived_at BIGINT,
        left_at BIGINT,
        present_s FLOAT NOT NULL,
        attended_s FLOAT NOT NULL,
        verdict VARCHAR,
        judged_at BIGINT,
        judged_by VARCHAR,
        unreachable_why VARCHAR,
        answers JSON NOT NULL,
        unexpected JSON NOT NULL,
        note VARCHAR NOT NULL,
        snapshot_id VARCHAR,
        alert_id VARCHAR,
        ticket_id VARCHAR,
        PRIMARY KEY (round_id, id),
        FOREIGN KEY (round_id) REFERENCES patrol_rounds (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_patrol_stops_round_id_position ON patrol_stops (round_id, position)",
    """CREATE INDEX ix_patrol_stops_camera_id_judged_at ON patrol_stops (camera_id, judged_at)
        WHERE judged_at IS NOT NULL""",
    """CREATE INDEX ix_patrol_stops_open ON patrol_stops (round_id, arrived_at)
        WHERE arrived_at IS NOT NULL AND left_at IS NULL""",
    """CREATE TABLE patrol_pictures (
        id VARCHAR NOT NULL,
        round_id VARCHAR NOT NULL,
        stop_id VARCHAR NOT NULL,
        camera_id VARCHAR NOT NULL,
        area_id VARCHAR NOT NULL,
        taken_at BIGINT NOT NULL,
        captured_at BIGINT,
        taken_by VARCHAR,
        sha256 VARCHAR NOT NULL,
        jpeg BLOB NOT NULL,
        PRIMARY KEY (id),
        FOREIGN KEY (round_id) REFERENCES patrol_rounds (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_patrol_pictures_round_id_stop_id ON patrol_pictures (round_id, stop_id)",
    "CREATE INDEX ix_patrol_pictures_area_id ON patrol_pictures (area_id)",
)

_APPEND_ONLY = """CREATE TRIGGER patrol_history_no_update BEFORE UPDATE ON patrol_history
BEGIN SELECT RAISE(ABORT, 'patrol_history is append-only'); END"""


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
    op.execute(_APPEND_ONLY)


def downgrade() -> None:
    for table in ("patrol_pictures", "patrol_stops", "patrol_history", "patrol_rounds"):
        op.execute(f"DROP TABLE {table}")
