"""The device ledger, how columns of spreadsheets were mapped, and places that the site adds to the prohibited ones."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE camera_ledgers (
            camera_id VARCHAR NOT NULL,
            contents VARCHAR NOT NULL,
            filled INTEGER NOT NULL,
            version INTEGER NOT NULL,
            updated_at BIGINT NOT NULL,
            updated_by VARCHAR,
            PRIMARY KEY (camera_id),
            FOREIGN KEY (camera_id) REFERENCES cameras (id) ON DELETE CASCADE
        )"""
    )
    op.execute(
        """CREATE TABLE import_mappings (
            signature VARCHAR NOT NULL,
            columns VARCHAR NOT NULL,
            updated_at BIGINT NOT NULL,
            updated_by VARCHAR,
            PRIMARY KEY (signature)
        )"""
    )
    op.execute(
        """CREATE TABLE prohibited_places (
            kind VARCHAR NOT NULL,
            PRIMARY KEY (kind)
        )"""
    )


def downgrade() -> None:
    for table in ("prohibited_places", "import_mappings", "camera_ledgers"):
        op.execute(f"DROP TABLE {table}")
