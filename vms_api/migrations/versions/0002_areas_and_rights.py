"""Areas, groups, grants, API tokens; every camera and every alert belongs to an area.

What was there before passes to one root area, which gets its name at the next start. Everybody who could log in could
do everything, and goes on so as an administrator of the root. Sessions are forgotten: they have new columns.

SQLite cannot add a column that refers to another table and is never null, so cameras and what refers to them are
copied; they are dropped from the leaves inward, because dropping a table deletes its rows and cascades.
"""

import time

import sqlalchemy as sa
from alembic import op

from ingest.identifier import new_identifier

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_PEOPLE = (
    """CREATE TABLE areas (
        id VARCHAR NOT NULL PRIMARY KEY,
        parent_id VARCHAR,
        name VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        code VARCHAR,
        path VARCHAR NOT NULL UNIQUE,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        FOREIGN KEY (parent_id) REFERENCES areas (id)
    )""",
    "CREATE INDEX ix_areas_parent_id ON areas (parent_id)",
    """CREATE TABLE groups (
        id VARCHAR NOT NULL PRIMARY KEY,
        name VARCHAR NOT NULL,
        name_key VARCHAR NOT NULL UNIQUE,
        created_at BIGINT NOT NULL
    )""",
    """CREATE TABLE group_members (
        group_id VARCHAR NOT NULL,
        user_id VARCHAR NOT NULL,
        PRIMARY KEY (group_id, user_id),
        FOREIGN KEY (group_id) REFERENCES groups (id) ON DELETE CASCADE,
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_group_members_user_id ON group_members (user_id)",
    """CREATE TABLE grants (
        id VARCHAR NOT NULL PRIMARY KEY,
        user_id VARCHAR,
        group_id VARCHAR,
        role VARCHAR NOT NULL,
        area_id VARCHAR NOT NULL,
        created_at BIGINT NOT NULL,
        created_by VARCHAR NOT NULL,
        CHECK ((user_id IS NULL) <> (group_id IS NULL)),
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
        FOREIGN KEY (group_id) REFERENCES groups (id) ON DELETE CASCADE,
        FOREIGN KEY (area_id) REFERENCES areas (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_grants_user_id ON grants (user_id)",
    "CREATE INDEX ix_grants_group_id ON grants (group_id)",
    "CREATE INDEX ix_grants_area_id ON grants (area_id)",
    """CREATE TABLE tokens (
        id VARCHAR NOT NULL PRIMARY KEY,
        user_id VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        token_hash VARCHAR NOT NULL UNIQUE,
        scopes JSON NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_tokens_user_id ON tokens (user_id)",
    "ALTER TABLE users ADD COLUMN disabled_at BIGINT",
    "ALTER TABLE users ADD COLUMN must_change_password BOOLEAN NOT NULL DEFAULT 0",
    "ALTER TABLE users ADD COLUMN totp_secret BLOB",
    "ALTER TABLE users ADD COLUMN totp_step BIGINT",
    """CREATE TABLE old_passwords (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        user_id VARCHAR NOT NULL,
        password_hash VARCHAR NOT NULL,
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_old_passwords_user_id ON old_passwords (user_id)",
    "DROP TABLE sessions",
    """CREATE TABLE sessions (
        token_hash VARCHAR NOT NULL PRIMARY KEY,
        id VARCHAR NOT NULL UNIQUE,
        user_id VARCHAR NOT NULL,
        created_at BIGINT NOT NULL,
        last_used_at BIGINT NOT NULL,
        address VARCHAR NOT NULL,
        agent VARCHAR NOT NULL,
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_sessions_user_id ON sessions (user_id)",
    "ALTER TABLE events ADD COLUMN area_id VARCHAR",
)

_CAMERAS = (
    """CREATE TABLE new_cameras (
        id VARCHAR NOT NULL PRIMARY KEY,
        area_id VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        name_key VARCHAR NOT NULL,
        address VARCHAR NOT NULL,
        sub_address VARCHAR,
        transport VARCHAR NOT NULL,
        username VARCHAR,
        sealed_password BLOB,
        enabled BOOLEAN NOT NULL,
        analysed BOOLEAN NOT NULL,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        UNIQUE (area_id, name_key),
        FOREIGN KEY (area_id) REFERENCES areas (id)
    )""",
    """INSERT INTO new_cameras
        SELECT id, :root, name, name_key, address, sub_address, transport, username, sealed_password, enabled, analysed,
            created_at, updated_at
        FROM cameras""",
    """CREATE TABLE new_zones (
        id VARCHAR NOT NULL PRIMARY KEY,
        camera_id VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        points JSON NOT NULL,
        FOREIGN KEY (camera_id) REFERENCES new_cameras (id) ON DELETE CASCADE
    )""",
    "INSERT INTO new_zones SELECT id, camera_id, name, kind, points FROM zones",
    """CREATE TABLE new_rules (
        id VARCHAR NOT NULL PRIMARY KEY,
        camera_id VARCHAR NOT NULL,
        zone_id VARCHAR NOT NULL,
        name VARCHAR NOT NULL,
        kind VARCHAR NOT NULL,
        labels JSON NOT NULL,
        direction VARCHAR NOT NULL,
        dwell_s FLOAT NOT NULL,
        schedule JSON,
        severity VARCHAR NOT NULL,
        cooldown_s FLOAT NOT NULL,
        enabled BOOLEAN NOT NULL,
        instructions VARCHAR NOT NULL,
        FOREIGN KEY (camera_id) REFERENCES new_cameras (id) ON DELETE CASCADE,
        FOREIGN KEY (zone_id) REFERENCES new_zones (id)
    )""",
    """INSERT INTO new_rules
        SELECT id, camera_id, zone_id, name, kind, labels, direction, dwell_s, schedule, severity, cooldown_s, enabled,
            instructions
        FROM rules""",
    "DROP TABLE rules",
    "DROP TABLE zones",
    "DROP TABLE cameras",
    "ALTER TABLE new_cameras RENAME TO cameras",
    "ALTER TABLE new_zones RENAME TO zones",
    "ALTER TABLE new_rules RENAME TO rules",
    "CREATE INDEX ix_cameras_name_key_id ON cameras (name_key, id)",
    "CREATE INDEX ix_zones_camera_id ON zones (camera_id)",
    "CREATE INDEX ix_rules_camera_id ON rules (camera_id)",
    "CREATE INDEX ix_rules_zone_id ON rules (zone_id)",
    "ALTER TABLE alerts ADD COLUMN area_id VARCHAR NOT NULL DEFAULT ''",
    "UPDATE alerts SET area_id = :root",
    "CREATE INDEX ix_alerts_area_id_id ON alerts (area_id, id)",
)

_ROOT = "INSERT INTO areas VALUES (:root, NULL, '', 'other', NULL, :path, :now, :now)"
_GRANT = "INSERT INTO grants VALUES (:id, :user, NULL, 'admin', :root, :now, '')"


def upgrade() -> None:
    connection, root, now = op.get_bind(), new_identifier(), time.time_ns() // 1000
    for statement in _PEOPLE:
        op.execute(statement)
    connection.execute(sa.text(_ROOT), {"root": root, "path": f"/{root}/", "now": now})
    for statement in _CAMERAS:
        connection.execute(sa.text(statement), {"root": root} if ":root" in statement else {})
    for user in connection.execute(sa.text("SELECT id FROM users")).scalars().all():
        connection.execute(sa.text(_GRANT), {"id": new_identifier(), "user": user, "root": root, "now": now})
