"""Privacy masks: every version of every camera's masks, kept for ever; requests to see a camera without them."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE mask_versions (
            camera_id VARCHAR NOT NULL,
            version INTEGER NOT NULL,
            polygons VARCHAR NOT NULL,
            changed_at BIGINT NOT NULL,
            changed_by VARCHAR NOT NULL,
            PRIMARY KEY (camera_id, version)
        )"""
    )
    op.execute(
        """CREATE TABLE unmask_requests (
            id VARCHAR NOT NULL PRIMARY KEY,
            camera_id VARCHAR NOT NULL,
            purpose VARCHAR NOT NULL,
            reason VARCHAR NOT NULL,
            minutes INTEGER NOT NULL,
            state VARCHAR NOT NULL,
            requested_by_id VARCHAR NOT NULL,
            requested_by VARCHAR NOT NULL,
            requested_at BIGINT NOT NULL,
            decided_by_id VARCHAR,
            decided_by VARCHAR,
            decided_at BIGINT,
            expires_at BIGINT,
            CONSTRAINT second_person CHECK (decided_by_id <> requested_by_id)
        )"""
    )
    op.execute("CREATE INDEX ix_unmask_requests_camera_id ON unmask_requests (camera_id)")
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER mask_versions_refuse_{act.lower()} BEFORE {act} ON mask_versions "
            "BEGIN SELECT RAISE(ABORT, 'versions of masks are kept as they are'); END"
        )


def downgrade() -> None:
    op.execute("DROP TABLE unmask_requests")
    op.execute("DROP TABLE mask_versions")
