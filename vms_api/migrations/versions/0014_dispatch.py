"""Which centre answers for an alert and until when, what goes by the clock, who is on duty and what was handed over."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ALERT_COLUMNS = (
    "centre_id VARCHAR",
    "centre_name VARCHAR",
    "level INTEGER NOT NULL DEFAULT 0",
    "acknowledge_by BIGINT",
    "resolve_by BIGINT",
    "overdue VARCHAR",
    "urged_at BIGINT",
)

_TABLES = (
    """CREATE TABLE alert_timers (
        alert_id VARCHAR NOT NULL,
        due_at BIGINT,
        began_at BIGINT NOT NULL,
        acknowledge_within_s FLOAT NOT NULL,
        resolve_within_s FLOAT NOT NULL,
        remind_every_s FLOAT,
        remind_at BIGINT,
        reminders INTEGER NOT NULL,
        PRIMARY KEY (alert_id),
        FOREIGN KEY (alert_id) REFERENCES alerts (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_alert_timers_due_at ON alert_timers (due_at)",
    """CREATE TABLE dispatch_rules (
        id VARCHAR NOT NULL,
        area_id VARCHAR NOT NULL,
        position INTEGER NOT NULL,
        name VARCHAR NOT NULL,
        kinds JSON NOT NULL,
        severities JSON NOT NULL,
        schedule JSON,
        centre_id VARCHAR,
        acknowledge_within_s FLOAT NOT NULL,
        resolve_within_s FLOAT NOT NULL,
        remind_every_s FLOAT,
        PRIMARY KEY (id),
        FOREIGN KEY (area_id) REFERENCES areas (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_dispatch_rules_area_id ON dispatch_rules (area_id)",
    """CREATE TABLE rosters (
        centre_id VARCHAR NOT NULL,
        version INTEGER NOT NULL,
        shifts JSON NOT NULL,
        exceptions JSON NOT NULL,
        PRIMARY KEY (centre_id),
        FOREIGN KEY (centre_id) REFERENCES areas (id) ON DELETE CASCADE
    )""",
    """CREATE TABLE handovers (
        id VARCHAR NOT NULL,
        centre_id VARCHAR NOT NULL,
        centre_name VARCHAR NOT NULL,
        at BIGINT NOT NULL,
        user_id VARCHAR NOT NULL,
        username VARCHAR NOT NULL,
        shift VARCHAR,
        note VARCHAR NOT NULL,
        record JSON NOT NULL,
        PRIMARY KEY (id)
    )""",
    "CREATE INDEX ix_handovers_centre_id_id ON handovers (centre_id, id)",
    """CREATE TABLE handover_signatures (
        handover_id VARCHAR NOT NULL,
        at BIGINT NOT NULL,
        user_id VARCHAR NOT NULL,
        username VARCHAR NOT NULL,
        note VARCHAR NOT NULL,
        PRIMARY KEY (handover_id),
        FOREIGN KEY (handover_id) REFERENCES handovers (id)
    )""",
)

_APPEND_ONLY = """CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""


def upgrade() -> None:
    for column in _ALERT_COLUMNS:
        op.execute(f"ALTER TABLE alerts ADD COLUMN {column}")
    op.execute("CREATE INDEX ix_alerts_centre_id_id ON alerts (centre_id, id)")
    op.execute("CREATE INDEX ix_alerts_overdue_id ON alerts (overdue, id) WHERE overdue IS NOT NULL")
    for statement in _TABLES:
        op.execute(statement)
    for table in ("handovers", "handover_signatures"):
        for act in ("update", "delete"):
            op.execute(_APPEND_ONLY.format(table=table, act=act))
    # What is open is due at once: the first rounds give it a centre and times from then on.
    op.execute(
        "INSERT INTO alert_timers (alert_id, due_at, began_at, acknowledge_within_s, resolve_within_s, reminders) "
        "SELECT id, 0, 0, 0, 0, 0 FROM alerts WHERE state NOT IN ('RESOLVED', 'CLOSED')"
    )
