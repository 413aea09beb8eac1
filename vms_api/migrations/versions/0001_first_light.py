"""The first schema: accounts, cameras with zones and rules, alerts, events, node epochs.

Times are integer microseconds since 1970 UTC. The SQL is written out and does not follow the tables in the code,
because those go on changing and a released step must not.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    """CREATE TABLE users (
        id VARCHAR NOT NULL PRIMARY KEY,
        username VARCHAR NOT NULL,
        username_key VARCHAR NOT NULL UNIQUE,
        password_hash VARCHAR NOT NULL,
        language VARCHAR,
        created_at BIGINT NOT NULL
    )""",
    """CREATE TABLE sessions (
        token_hash VARCHAR NOT NULL PRIMARY KEY,
        user_id VARCHAR NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        created_at BIGINT NOT NULL,
        last_used_at BIGINT NOT NULL
    )""",
    "CREATE INDEX ix_sessions_user_id ON sessions (user_id)",
    """CREATE TABLE cameras (
        id VARCHAR NOT NULL PRIMARY KEY,
        name VARCHAR NOT NULL,
        name_key VARCHAR NOT NULL UNIQUE,
        address VARCHAR NOT NULL,
        sub_address VARCHAR,
        transport VARCHAR NOT NULL,
        username VARCHAR,
        sealed_password BLOB,
        enabled BOOLEAN NOT NULL,
        analysed BOOLEAN NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL
    )""",
    """CREATE TABLE zones (
        id VARCHAR NOT NULL PRIMARY KEY,
        camera_id VARCHAR NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
        name VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        points JSON NOT NULL
    )""",
    "CREATE INDEX ix_zones_camera_id ON zones (camera_id)",
    """CREATE TABLE rules (
        id VARCHAR NOT NULL PRIMARY KEY,
        camera_id VARCHAR NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
        zone_id VARCHAR NOT NULL REFERENCES zones (id),
        name VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        labels JSON NOT NULL,
        direction VARCHAR NOT NULL,
        dwell_s FLOAT NOT NULL,
        schedule JSON,
        severity VARCHAR NOT NULL,
        cooldown_s FLOAT NOT NULL,
        enabled BOOLEAN NOT NULL,
        instructions VARCHAR NOT NULL
    )""",
    "CREATE INDEX ix_rules_camera_id ON rules (camera_id)",
    "CREATE INDEX ix_rules_zone_id ON rules (zone_id)",
    """CREATE TABLE desired_state (
        id INTEGER NOT NULL PRIMARY KEY,
        version INTEGER NOT NULL
    )""",
    "INSERT INTO desired_state (id, version) VALUES (1, 1)",
    """CREATE TABLE nodes (
        id VARCHAR NOT NULL PRIMARY KEY,
        epoch INTEGER NOT NULL
    )""",
    """CREATE TABLE camera_states (
        id VARCHAR NOT NULL PRIMARY KEY,
        camera_id VARCHAR NOT NULL,
        role VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        at BIGINT NOT NULL,
        fault JSON
    )""",
    "CREATE INDEX ix_camera_states_camera_id_at ON camera_states (camera_id, at)",
    """CREATE TABLE alerts (
        id VARCHAR NOT NULL PRIMARY KEY,
        camera_id VARCHAR NOT NULL,
        camera_name VARCHAR NOT NULL,
        rule_id VARCHAR NOT NULL,
        rule_name VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        severity VARCHAR NOT NULL,
        label VARCHAR NOT NULL,
        score FLOAT NOT NULL,
        box JSON NOT NULL,
        state VARCHAR NOT NULL,
        raised_at BIGINT NOT NULL,
        frame_received_at BIGINT NOT NULL,
        stored_at BIGINT NOT NULL,
        acknowledged_at BIGINT,
        acknowledged_by VARCHAR,
        has_evidence BOOLEAN NOT NULL,
        instructions VARCHAR NOT NULL
    )""",
    "CREATE INDEX ix_alerts_camera_id_id ON alerts (camera_id, id)",
    "CREATE INDEX ix_alerts_state_id ON alerts (state, id)",
    """CREATE TABLE alert_evidence (
        alert_id VARCHAR NOT NULL PRIMARY KEY REFERENCES alerts (id) ON DELETE CASCADE,
        jpeg BLOB NOT NULL
    )""",
    """CREATE TABLE alert_history (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        alert_id VARCHAR NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
        at BIGINT NOT NULL,
        act VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        user_id VARCHAR,
        username VARCHAR
    )""",
    "CREATE INDEX ix_alert_history_alert_id ON alert_history (alert_id)",
    """CREATE TABLE events (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        at BIGINT NOT NULL,
        kind VARCHAR NOT NULL,
        data JSON NOT NULL
    )""",
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
