"""The audit log with its signed heads, the purposes that people state, and the live views that are open.

Rows of the audit log are its hashed JSON; the columns to search by are generated from it. Nothing but INSERT is let
through: by triggers, which in PostgreSQL also hold against its administrators; there the rights are taken away besides.
Neither stops whoever owns the disk. That one is found out, by the chain and by the signed heads.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_AUDIT = """CREATE TABLE audit (
    seq INTEGER NOT NULL PRIMARY KEY,
    body TEXT NOT NULL,
    hash BLOB NOT NULL,
    at TEXT GENERATED ALWAYS AS (json_extract(body, '$.at')) VIRTUAL,
    kind TEXT GENERATED ALWAYS AS (json_extract(body, '$.kind')) VIRTUAL,
    outcome TEXT GENERATED ALWAYS AS (json_extract(body, '$.outcome')) VIRTUAL,
    user_id TEXT GENERATED ALWAYS AS (json_extract(body, '$.actor.id')) VIRTUAL,
    area_id TEXT GENERATED ALWAYS AS (json_extract(body, '$.area_id')) VIRTUAL,
    camera_id TEXT GENERATED ALWAYS AS (json_extract(body, '$.camera_id')) VIRTUAL
)"""

_TABLES = (
    _AUDIT,
    "CREATE INDEX ix_audit_at ON audit (at)",
    "CREATE INDEX ix_audit_kind_seq ON audit (kind, seq)",
    "CREATE INDEX ix_audit_user_id_seq ON audit (user_id, seq)",
    "CREATE INDEX ix_audit_camera_id_seq ON audit (camera_id, seq)",
    "CREATE INDEX ix_audit_area_id_seq ON audit (area_id, seq)",
    """CREATE TABLE audit_heads (
        seq INTEGER NOT NULL PRIMARY KEY,
        hash BLOB NOT NULL,
        at TEXT NOT NULL,
        key_id VARCHAR NOT NULL,
        signature BLOB NOT NULL
    )""",
    """CREATE TABLE purposes (
        id VARCHAR NOT NULL PRIMARY KEY,
        user_id VARCHAR NOT NULL,
        "key" VARCHAR NOT NULL,
        reference VARCHAR NOT NULL,
        area_id VARCHAR,
        camera_ids JSON NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_purposes_user_id_expires_at ON purposes (user_id, expires_at)",
    """CREATE TABLE open_views (
        id VARCHAR NOT NULL PRIMARY KEY,
        camera_id VARCHAR NOT NULL,
        area_id VARCHAR,
        actor JSON NOT NULL,
        purpose JSON,
        opened_at BIGINT NOT NULL
    )""",
)

_APPEND_ONLY = """CREATE TRIGGER {table}_no_{act} BEFORE {act} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    for table in ("audit", "audit_heads"):
        for act in ("update", "delete"):
            op.execute(_APPEND_ONLY.format(table=table, act=act))
        if op.get_context().dialect.name == "postgresql":
            op.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC, CURRENT_USER")
