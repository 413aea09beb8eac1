"""Patrol plans with all their versions, and the clocks of rounds that wait to be taken or finished."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE patrol_plans (
            id VARCHAR NOT NULL PRIMARY KEY,
            area_id VARCHAR NOT NULL,
            name VARCHAR NOT NULL,
            enabled BOOLEAN NOT NULL,
            version INTEGER NOT NULL,
            stop_count INTEGER NOT NULL,
            route_order VARCHAR NOT NULL,
            grid INTEGER NOT NULL,
            complete_at FLOAT NOT NULL,
            schedule JSON NOT NULL,
            people JSON NOT NULL,
            deadline_s INTEGER NOT NULL,
            next_due_at BIGINT,
            removed_at BIGINT,
            updated_at BIGINT NOT NULL,
            updated_by VARCHAR
        )"""
    )
    op.execute("CREATE INDEX ix_patrol_plans_area_id ON patrol_plans (area_id)")
    op.execute("CREATE INDEX ix_patrol_plans_next_due_at ON patrol_plans (next_due_at)")
    op.execute(
        """CREATE TABLE patrol_plan_versions (
            plan_id VARCHAR NOT NULL,
            version INTEGER NOT NULL,
            content JSON NOT NULL,
            at BIGINT NOT NULL,
            user_id VARCHAR,
            username VARCHAR,
            PRIMARY KEY (plan_id, version),
            FOREIGN KEY (plan_id) REFERENCES patrol_plans (id)
        )"""
    )
    op.execute(
        """CREATE TABLE patrol_plan_cameras (
            plan_id VARCHAR NOT NULL,
            camera_id VARCHAR NOT NULL,
            PRIMARY KEY (plan_id, camera_id),
            FOREIGN KEY (plan_id) REFERENCES patrol_plans (id)
        )"""
    )
    op.execute("CREATE INDEX ix_patrol_plan_cameras_camera_id ON patrol_plan_cameras (camera_id)")
    op.execute(
        """CREATE TABLE patrol_clocks (
            round_id VARCHAR NOT NULL PRIMARY KEY,
            look_at BIGINT NOT NULL,
            step VARCHAR NOT NULL
        )"""
    )
    op.execute("CREATE INDEX ix_patrol_clocks_look_at ON patrol_clocks (look_at)")


def downgrade() -> None:
    for table in ("patrol_clocks", "patrol_plan_cameras", "patrol_plan_versions", "patrol_plans"):
        op.execute(f"DROP TABLE {table}")
