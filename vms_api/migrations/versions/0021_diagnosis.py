"""What is known of the pictures of the cameras, and what has changed."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


_STEPS = (
    """CREATE TABLE quality_checks (
        camera_id VARCHAR NOT NULL PRIMARY KEY,
        report_id VARCHAR NOT NULL,
        checked_at BIGINT NOT NULL,
        state VARCHAR NOT NULL,
        reason VARCHAR NOT NULL,
        method_version VARCHAR NOT NULL,
        findings JSON NOT NULL,
        picture_id VARCHAR,
        FOREIGN KEY (camera_id) REFERENCES cameras (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_quality_checks_state_camera_id ON quality_checks (state, camera_id)",
    """CREATE TABLE quality_faults (
        camera_id VARCHAR NOT NULL,
        category VARCHAR NOT NULL,
        since BIGINT NOT NULL,
        PRIMARY KEY (camera_id, category),
        FOREIGN KEY (camera_id) REFERENCES cameras (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_quality_faults_category_camera_id ON quality_faults (category, camera_id)",
    """CREATE TABLE quality_changes (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        camera_id VARCHAR NOT NULL,
        category VARCHAR,
        was VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        at BIGINT NOT NULL,
        score FLOAT,
        value FLOAT,
        threshold FLOAT,
        usual FLOAT,
        confidence FLOAT,
        reason VARCHAR NOT NULL,
        picture_id VARCHAR,
        method_version VARCHAR NOT NULL
    )""",
    "CREATE INDEX ix_quality_changes_camera_id_at ON quality_changes (camera_id, at)",
    "CREATE INDEX ix_quality_changes_at ON quality_changes (at)",
    """CREATE TABLE quality_pictures (
        id VARCHAR NOT NULL PRIMARY KEY,
        camera_id VARCHAR NOT NULL,
        taken_at BIGINT NOT NULL,
        mask_version INTEGER NOT NULL,
        of_change BOOLEAN NOT NULL,
        jpeg BLOB NOT NULL,
        FOREIGN KEY (camera_id) REFERENCES cameras (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_quality_pictures_camera_id_id ON quality_pictures (camera_id, id)",
    """CREATE TABLE quality_references (
        camera_id VARCHAR NOT NULL PRIMARY KEY,
        picture_id VARCHAR NOT NULL,
        state VARCHAR NOT NULL,
        at BIGINT NOT NULL,
        user_id VARCHAR,
        username VARCHAR,
        FOREIGN KEY (camera_id) REFERENCES cameras (id) ON DELETE CASCADE
    )""",
    """CREATE TABLE quality_objections (
        id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
        camera_id VARCHAR NOT NULL,
        category VARCHAR NOT NULL,
        at BIGINT NOT NULL,
        user_id VARCHAR,
        username VARCHAR,
        note VARCHAR NOT NULL,
        picture_id VARCHAR,
        method_version VARCHAR NOT NULL,
        FOREIGN KEY (camera_id) REFERENCES cameras (id) ON DELETE CASCADE
    )""",
    "CREATE INDEX ix_quality_objections_camera_id ON quality_objections (camera_id)",
)


def upgrade() -> None:
    for step in _STEPS:
        op.execute(step)


def downgrade() -> None:
    op.execute("DROP TABLE quality_objections")
    op.execute("DROP TABLE quality_references")
    op.execute("DROP TABLE quality_pictures")
    op.execute("DROP TABLE quality_changes")
    op.execute("DROP TABLE quality_faults")
    op.execute("DROP TABLE quality_checks")
