"""What is known of the cameras' devices, and what was decided about them."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_COLUMNS = (
    "pinned_pem VARCHAR",
    "pinned_fingerprint VARCHAR",
    "wants_notices BOOLEAN NOT NULL DEFAULT 0",
    "expected JSON",
    "idle_preset VARCHAR",
    "idle_after_s FLOAT",
)


def upgrade() -> None:
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE onvif_devices ADD COLUMN {column}")
    op.execute(
        """CREATE TABLE device_states (
            camera_id VARCHAR NOT NULL,
            state VARCHAR NOT NULL,
            fault VARCHAR,
            checked_at BIGINT NOT NULL,
            login_mark VARCHAR NOT NULL,
            facts JSON,
            clock_offset_s FLOAT,
            clock_checked_at BIGINT,
            certificate JSON,
            PRIMARY KEY (camera_id),
            FOREIGN KEY (camera_id) REFERENCES cameras (id) ON DELETE CASCADE
        )"""
    )
    op.execute(
        """CREATE TABLE device_notices (
            id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            camera_id VARCHAR NOT NULL,
            at BIGINT NOT NULL,
            kind VARCHAR NOT NULL,
            active BOOLEAN,
            source VARCHAR NOT NULL,
            FOREIGN KEY (camera_id) REFERENCES cameras (id) ON DELETE CASCADE
        )"""
    )
    op.execute("CREATE INDEX ix_device_notices_camera_id_id ON device_notices (camera_id, id)")
    op.execute(
        """CREATE TABLE device_subscriptions (
            device VARCHAR NOT NULL,
            address VARCHAR NOT NULL,
            reference_headers VARCHAR NOT NULL,
            PRIMARY KEY (device)
        )"""
    )
    op.execute(
        """CREATE TABLE device_rules (
            id VARCHAR NOT NULL,
            camera_id VARCHAR NOT NULL,
            name VARCHAR NOT NULL,
            kind VARCHAR NOT NULL,
            notice VARCHAR,
            source VARCHAR,
            after_s FLOAT NOT NULL,
            schedule JSON,
            severity VARCHAR NOT NULL,
            cooldown_s FLOAT NOT NULL,
            enabled BOOLEAN NOT NULL,
            instructions VARCHAR NOT NULL,
            relay JSON,
            PRIMARY KEY (id),
            FOREIGN KEY (camera_id) REFERENCES cameras (id) ON DELETE CASCADE
        )"""
    )
    op.execute("CREATE INDEX ix_device_rules_camera_id ON device_rules (camera_id)")


def downgrade() -> None:
    op.execute("DROP TABLE device_rules")
    op.execute("DROP TABLE device_subscriptions")
    op.execute("DROP TABLE device_notices")
    op.execute("DROP TABLE device_states")
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE onvif_devices DROP COLUMN {column.partition(' ')[0]}")
