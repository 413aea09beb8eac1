"""What files alerts have, in the database; their bytes are in the data folder."""

from collections.abc import Sequence

import sqlalchemy as sa

from vms_api.alerts.attachment import Attachment
from vms_api.database import Connection, Transaction, from_us, metadata, to_us

alert_attachments = sa.Table(
    "alert_attachments",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("alert_id", sa.ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("media_type", sa.String, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("added_at", sa.BigInteger, nullable=False),
    sa.Column("added_by_id", sa.String),
    sa.Column("added_by", sa.String),
)


async def insert_attachment(transaction: Transaction, attachment: Attachment, added_by_id: str | None) -> None:
    """Adds a file; none is ever changed or removed while its alert is there."""
    row = attachment.model_dump(exclude={"url"}) | {"added_at": to_us(attachment.added_at), "added_by_id": added_by_id}
    await transaction.connection.execute(alert_attachments.insert().values(row))


async def list_attachments(connection: Connection, alert_id: str) -> Sequence[Attachment]:
    """The files of an alert, the oldest first."""
    query = sa.select(alert_attachments).where(alert_attachments.c.alert_id == alert_id)
    rows = (await connection.execute(query.order_by(alert_attachments.c.id))).mappings()
    return [_attachment(row) for row in rows]


async def find_attachment(connection: Connection, attachment_id: str) -> Attachment | None:
    """One file of any alert."""
    query = sa.select(alert_attachments).where(alert_attachments.c.id == attachment_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return _attachment(row) if row else None


def _attachment(row: sa.RowMapping) -> Attachment:
    url = f"/api/v1/attachments/{row['id']}"
    return Attachment.model_validate({**row, "added_at": from_us(row["added_at"]), "url": url})
