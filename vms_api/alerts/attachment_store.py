"""What files alerts and tickets have, in the database; their bytes are in the data folder."""

from collections.abc import Collection, Sequence
from typing import Literal

import sqlalchemy as sa

from vms_api.alerts.attachment import Attachment
from vms_api.database import Connection, Transaction, from_us, metadata, to_us

Owner = Literal["alert_id", "ticket_id"]


class AttachmentRows:
    """The rows of one table of files: `owner` is its column that says whose they are, `path` where they are read."""

    def __init__(self, table: str, owner: Owner, owners_key: str, path: str) -> None:
        self.owner: Owner = owner
        self.path = path
        self._table = sa.Table(
            table,
            metadata,
            sa.Column("id", sa.String, primary_key=True),
            sa.Column(owner, sa.ForeignKey(owners_key, ondelete="CASCADE"), nullable=False, index=True),
            sa.Column("name", sa.String, nullable=False),
            sa.Column("media_type", sa.String, nullable=False),
            sa.Column("size", sa.BigInteger, nullable=False),
            sa.Column("sha256", sa.String, nullable=False),
            sa.Column("added_at", sa.BigInteger, nullable=False),
            sa.Column("added_by_id", sa.String),
            sa.Column("added_by", sa.String),
        )

    async def insert(self, transaction: Transaction, attachment: Attachment, added_by_id: str | None) -> None:
        """Adds a file; none is ever changed, or removed while its owner is there."""
        row = {name: value for name, value in attachment.model_dump().items() if name in self._table.c}
        row |= {"added_at": to_us(attachment.added_at), "added_by_id": added_by_id}
        await transaction.connection.execute(self._table.insert().values(row))

    async def list_of(self, connection: Connection, owner_id: str) -> Sequence[Attachment]:
        """The files of one owner, the oldest first."""
        query = sa.select(self._table).where(self._table.c[self.owner] == owner_id)
        rows = (await connection.execute(query.order_by(self._table.c.id))).mappings()
        return [self._attachment(row) for row in rows]

    async def find(self, connection: Connection, attachment_id: str) -> Attachment | None:
        """One file of any owner."""
        query = sa.select(self._table).where(self._table.c.id == attachment_id)
        row = (await connection.execute(query)).mappings().one_or_none()
        return self._attachment(row) if row else None

    async def hashes_among(self, connection: Connection, hashes: Collection[str]) -> set[str]:
        """Those of these under which a file is kept here."""
        query = sa.select(self._table.c.sha256).where(self._table.c.sha256.in_(hashes)).distinct()
        return set((await connection.execute(query)).scalars())

    def _attachment(self, row: sa.RowMapping) -> Attachment:
        told = {**row, "added_at": from_us(row["added_at"]), "url": f"{self.path}/{row['id']}"}
        return Attachment.model_validate(told)


ALERT_FILES = AttachmentRows("alert_attachments", "alert_id", "alerts.id", "/api/v1/attachments")
