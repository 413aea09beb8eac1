"""Which ONVIF device a camera belongs to."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE onvif_devices (
            camera_id VARCHAR NOT NULL,
            address VARCHAR NOT NULL,
            profile_token VARCHAR NOT NULL,
            login VARCHAR NOT NULL,
            unverified_tls BOOLEAN NOT NULL,
            PRIMARY KEY (camera_id),
            FOREIGN KEY (camera_id) REFERENCES cameras (id) ON DELETE CASCADE
        )"""
    )


def downgrade() -> None:
    op.execute("DROP TABLE onvif_devices")
