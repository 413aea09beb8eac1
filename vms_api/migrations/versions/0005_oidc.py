"""Who of an OpenID Connect provider is which user."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """CREATE TABLE oidc_links (
            issuer VARCHAR NOT NULL,
            subject VARCHAR NOT NULL,
            user_id VARCHAR NOT NULL,
            PRIMARY KEY (issuer, subject),
            UNIQUE (issuer, user_id),
            FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
        )"""
    )
    op.execute("CREATE INDEX ix_oidc_links_user_id ON oidc_links (user_id)")


def downgrade() -> None:
    op.execute("DROP TABLE oidc_links")
