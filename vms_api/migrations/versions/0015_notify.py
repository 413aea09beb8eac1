"""Receivers of notifications, their outbox, people's own choices; what a rule does beside raising an alert."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""CREATE TABLE notify_receivers (
        id VARCHAR NOT NULL PRIMARY KEY,
        name VARCHAR NOT NULL,
        area_ids JSON NOT NULL,
        owner_id VARCHAR NOT NULL,
        owner VARCHAR NOT NULL,
        person_id VARCHAR,
        target JSON NOT NULL,
        severities JSON NOT NULL,
        kinds JSON NOT NULL,
        changes BOOLEAN NOT NULL,
        enabled BOOLEAN NOT NULL,
        stopped VARCHAR,
        quiet JSON NOT NULL,
        sealed_secret BLOB,
        arrived_at BIGINT,
        failed_at BIGINT,
        fault VARCHAR,
        detail VARCHAR NOT NULL,
        UNIQUE (person_id),
        FOREIGN KEY(person_id) REFERENCES users (id) ON DELETE CASCADE
    )""")
    op.execute("""CREATE TABLE notify_deliveries (
        id VARCHAR NOT NULL PRIMARY KEY,
        receiver_id VARCHAR NOT NULL,
        type VARCHAR NOT NULL,
        at BIGINT NOT NULL,
        area_id VARCHAR NOT NULL,
        subject VARCHAR NOT NULL,
        facts JSON NOT NULL,
        state VARCHAR NOT NULL,
        next_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        attempts INTEGER NOT NULL,
        fault VARCHAR,
        detail VARCHAR NOT NULL,
        FOREIGN KEY(receiver_id) REFERENCES notify_receivers (id) ON DELETE CASCADE
    )""")
    op.execute("CREATE INDEX ix_notify_deliveries_due ON notify_deliveries (receiver_id, state, next_at, id)")
    op.execute("CREATE INDEX ix_notify_deliveries_state_expires_at ON notify_deliveries (state, expires_at)")
    op.execute("""CREATE TABLE notify_subscriptions (
        user_id VARCHAR NOT NULL PRIMARY KEY,
        choice JSON NOT NULL,
        FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
    )""")
    _links()


def _links() -> None:
    op.execute("ALTER TABLE rules ADD COLUMN links JSON NOT NULL DEFAULT '[]'")
    op.execute("ALTER TABLE rules ADD COLUMN links_by VARCHAR")
    op.execute("""CREATE TABLE link_orders (
        alert_id VARCHAR NOT NULL,
        number INTEGER NOT NULL,
        rule_id VARCHAR NOT NULL,
        camera_id VARCHAR NOT NULL,
        link JSON NOT NULL,
        owner_id VARCHAR NOT NULL,
        at BIGINT NOT NULL,
        state VARCHAR NOT NULL,
        fault VARCHAR,
        PRIMARY KEY (alert_id, number)
    )""")
    op.execute("CREATE INDEX ix_link_orders_state_at ON link_orders (state, at)")
    op.execute("""CREATE TABLE recording_bursts (
        camera_id VARCHAR NOT NULL PRIMARY KEY,
        until BIGINT NOT NULL
    )""")
