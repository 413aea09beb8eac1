"""Recordings: plans, the index of segments, gaps, garbage, legal holds, volumes, the clock of the retention."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLES = (
    """CREATE TABLE recording_plans (
        camera_id VARCHAR NOT NULL PRIMARY KEY,
        mode VARCHAR NOT NULL,
        schedule JSON,
        pre_roll_s FLOAT NOT NULL,
        post_roll_s FLOAT NOT NULL,
        stream VARCHAR NOT NULL,
        audio BOOLEAN NOT NULL,
        retention_min_days INTEGER,
        retention_max_days INTEGER,
        changed_at BIGINT NOT NULL
    )""",
    """CREATE TABLE segments (
        recording_id VARCHAR NOT NULL PRIMARY KEY,
        camera_id VARCHAR NOT NULL,
        role VARCHAR NOT NULL,
        volume_id VARCHAR NOT NULL,
        path VARCHAR NOT NULL,
        started_at BIGINT NOT NULL,
        ended_at BIGINT NOT NULL,
        hole_us BIGINT,
        size_bytes BIGINT NOT NULL,
        sha256 BLOB NOT NULL,
        epoch INTEGER NOT NULL,
        node_epoch INTEGER NOT NULL,
        clock_offset_s FLOAT,
        mask_version INTEGER NOT NULL,
        codec VARCHAR NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        profile VARCHAR,
        audio_codec VARCHAR,
        keyframe_count INTEGER NOT NULL,
        recovered BOOLEAN NOT NULL,
        damaged BOOLEAN NOT NULL,
        reason VARCHAR NOT NULL
    )""",
    "CREATE INDEX ix_segments_timeline ON segments (camera_id, started_at, ended_at, hole_us)",
    "CREATE INDEX ix_segments_runs ON segments (camera_id, started_at) WHERE hole_us IS NULL",
    "CREATE INDEX ix_segments_volume_id_started_at ON segments (volume_id, started_at)",
    """CREATE TABLE gaps (
        id VARCHAR NOT NULL PRIMARY KEY,
        camera_id VARCHAR NOT NULL,
        started_at BIGINT NOT NULL,
        ended_at BIGINT,
        reason VARCHAR NOT NULL
    )""",
    "CREATE INDEX ix_gaps_camera_id_started_at ON gaps (camera_id, started_at)",
    "CREATE INDEX ix_gaps_open ON gaps (started_at) WHERE ended_at IS NULL",
    """CREATE TABLE garbage (
        recording_id VARCHAR NOT NULL PRIMARY KEY,
        camera_id VARCHAR NOT NULL,
        volume_id VARCHAR NOT NULL,
        path VARCHAR NOT NULL,
        size_bytes BIGINT NOT NULL,
        since BIGINT NOT NULL,
        rule VARCHAR NOT NULL
    )""",
    "CREATE INDEX ix_garbage_since ON garbage (since)",
    """CREATE TABLE holds (
        id VARCHAR NOT NULL PRIMARY KEY,
        camera_id VARCHAR NOT NULL,
        from_at BIGINT NOT NULL,
        to_at BIGINT NOT NULL,
        reason VARCHAR NOT NULL,
        created_at BIGINT NOT NULL,
        created_by VARCHAR NOT NULL,
        expires_at BIGINT,
        lifted_at BIGINT,
        lifted_by VARCHAR
    )""",
    "CREATE INDEX ix_holds_camera_id ON holds (camera_id)",
    """CREATE TABLE volumes (
        name VARCHAR NOT NULL PRIMARY KEY,
        volume_id VARCHAR NOT NULL UNIQUE,
        state VARCHAR NOT NULL,
        free_bytes BIGINT,
        total_bytes BIGINT,
        used_bytes BIGINT,
        at BIGINT NOT NULL
    )""",
    """CREATE TABLE retention_clock (
        id INTEGER NOT NULL PRIMARY KEY,
        seen_at BIGINT NOT NULL,
        halted_at BIGINT,
        jump_s FLOAT
    )""",
    "CREATE INDEX ix_alerts_camera_id_raised_at ON alerts (camera_id, raised_at)",
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX ix_alerts_camera_id_raised_at")
    for table in ("retention_clock", "volumes", "holds", "garbage", "gaps", "segments", "recording_plans"):
        op.execute(f"DROP TABLE {table}")
