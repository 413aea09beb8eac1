"""Exports with their cameras, and the playbacks that are open."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE exports (
            id VARCHAR NOT NULL PRIMARY KEY,
            start BIGINT NOT NULL,
            "end" BIGINT NOT NULL,
            note VARCHAR NOT NULL,
            purpose JSON,
            state VARCHAR NOT NULL,
            missing JSON NOT NULL,
            requested_by_id VARCHAR NOT NULL,
            requested_by VARCHAR NOT NULL,
            requested_at BIGINT NOT NULL,
            decided_by_id VARCHAR,
            decided_by VARCHAR,
            decided_at BIGINT,
            expires_at BIGINT NOT NULL,
            failure VARCHAR,
            size_bytes BIGINT,
            downloaded_at BIGINT,
            CONSTRAINT second_person CHECK (decided_by_id <> requested_by_id),
            CONSTRAINT decided CHECK (decided_by_id IS NOT NULL OR state IN ('REQUESTED', 'EXPIRED'))
        )"""
    )
    op.execute("CREATE INDEX ix_exports_state ON exports (state)")
    op.execute(
        """CREATE TABLE export_cameras (
            export_id VARCHAR NOT NULL,
            position INTEGER NOT NULL,
            camera_id VARCHAR NOT NULL,
            area_id VARCHAR NOT NULL,
            PRIMARY KEY (export_id, position),
            FOREIGN KEY (export_id) REFERENCES exports (id) ON DELETE CASCADE
        )"""
    )
    # Who asked and for what stays as it was: a request that was approved cannot be made another one afterwards.
    op.execute(
        """CREATE TRIGGER exports_refuse_another_request
            BEFORE UPDATE OF id, start, "end", note, purpose, requested_by_id, requested_by, requested_at ON exports
            BEGIN SELECT RAISE(ABORT, 'a request is kept as it was made'); END"""
    )
    op.execute(
        """CREATE TABLE open_playbacks (
            id VARCHAR NOT NULL PRIMARY KEY,
            camera_id VARCHAR NOT NULL,
            area_id VARCHAR,
            actor JSON NOT NULL,
            purpose JSON,
            detail JSON NOT NULL,
            opened_at BIGINT NOT NULL
        )"""
    )


def downgrade() -> None:
    op.execute("DROP TABLE open_playbacks")
    op.execute("DROP TABLE export_cameras")
    op.execute("DROP TABLE exports")
