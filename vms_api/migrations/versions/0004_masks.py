"""Privacy masks: every version of every camera's masks, kept for ever."""

from alembic import op

revision = "0004"
down_revision = "0002"
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
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER mask_versions_refuse_{act.lower()} BEFORE {act} ON mask_versions "
            "BEGIN SELECT RAISE(ABORT, 'versions of masks are kept as they are'); END"
        )


def downgrade() -> None:
    op.execute("DROP TABLE mask_versions")
