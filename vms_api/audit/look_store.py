"""Looks that are open, so that none ends unrecorded, not even by the death of this process."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from vms_api.audit.entry import Actor, Place, StatedPurpose
from vms_api.database import Connection, Transaction, from_us, metadata, to_us


@dataclass(frozen=True, slots=True)
class OpenLook:
    """A live view or a playback as the audit log tells of it: who, where, why, since when, and what more there is."""

    id: str
    actor: Actor
    place: Place
    purpose: StatedPurpose | None
    opened_at: datetime
    detail: Mapping[str, Any] = field(default_factory=dict)


class LookTable:
    """One kind of looks; some kinds have a detail."""

    def __init__(self, name: str, *, has_detail: bool) -> None:
        self._table = sa.Table(
            name,
            metadata,
            sa.Column("id", sa.String, primary_key=True),
            sa.Column("camera_id", sa.String, nullable=False),
            sa.Column("area_id", sa.String),
            sa.Column("actor", sa.JSON, nullable=False),
            sa.Column("purpose", sa.JSON(none_as_null=True)),
            *([sa.Column("detail", sa.JSON, nullable=False)] if has_detail else []),
            sa.Column("opened_at", sa.BigInteger, nullable=False),
        )
        self._has_detail = has_detail

    async def insert(self, transaction: Transaction, look: OpenLook) -> None:
        """It was opened."""
        told = {"detail": dict(look.detail)} if self._has_detail else {}
        await transaction.connection.execute(
            self._table.insert().values(
                id=look.id,
                camera_id=look.place.camera_id,
                area_id=look.place.area_id,
                actor=asdict(look.actor),
                purpose=asdict(look.purpose) if look.purpose else None,
                opened_at=to_us(look.opened_at),
                **told,
            )
        )

    async def delete(self, transaction: Transaction, look_id: str) -> bool:
        """It ended; False when that was known."""
        result = await transaction.connection.execute(self._table.delete().where(self._table.c.id == look_id))
        return bool(result.rowcount)

    async def list_open(self, connection: Connection) -> Sequence[OpenLook]:
        """All that are open."""
        return [
            OpenLook(
                row["id"],
                Actor(**row["actor"]),
                Place(row["area_id"], row["camera_id"]),
                StatedPurpose(**row["purpose"]) if row["purpose"] else None,
                from_us(row["opened_at"]),
                row["detail"] if self._has_detail else {},
            )
            for row in (await connection.execute(sa.select(self._table))).mappings()
        ]
