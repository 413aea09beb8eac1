"""Drawings of places, one for each area, shown on the map."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE area_plans (
            area_id VARCHAR NOT NULL PRIMARY KEY,
            media_type VARCHAR NOT NULL,
            picture BLOB NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            south FLOAT NOT NULL,
            west FLOAT NOT NULL,
            north FLOAT NOT NULL,
            east FLOAT NOT NULL,
            updated_at BIGINT NOT NULL,
            updated_by VARCHAR,
            FOREIGN KEY (area_id) REFERENCES areas (id) ON DELETE CASCADE
        )"""
    )


def downgrade() -> None:
    op.execute("DROP TABLE area_plans")
