"""Exports in the database. Who asked never decides: the tables refuse it too."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, from_us, metadata, to_us
from vms_api.exports.export import Export
from vms_api.exports.lifecycle import ExportState

exports = sa.Table(
    "exports",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("start", sa.BigInteger, nullable=False),
    sa.Column("end", sa.BigInteger, nullable=False),
    sa.Column("note", sa.String, nullable=False),
    sa.Column("purpose", sa.JSON(none_as_null=True)),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("missing", sa.JSON, nullable=False),
    sa.Column("requested_by_id", sa.String, nullable=False),
    sa.Column("requested_by", sa.String, nullable=False),
    sa.Column("requested_at", sa.BigInteger, nullable=False),
    sa.Column("decided_by_id", sa.String),
    sa.Column("decided_by", sa.String),
    sa.Column("decided_at", sa.BigInteger),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("failure", sa.String),
    sa.Column("size_bytes", sa.BigInteger),
    sa.Column("downloaded_at", sa.BigInteger),
    sa.CheckConstraint("decided_by_id <> requested_by_id", name="second_person"),
    sa.CheckConstraint("decided_by_id IS NOT NULL OR state IN ('REQUESTED', 'EXPIRED')", name="decided"),
    sa.Index("ix_exports_state", "state"),
)

export_cameras = sa.Table(
    "export_cameras",
    metadata,
    sa.Column("export_id", sa.ForeignKey("exports.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("camera_id", sa.String, nullable=False),
    sa.Column("area_id", sa.String, nullable=False),
)

_TIMES = ("start", "end", "requested_at", "decided_at", "expires_at", "downloaded_at")
_LATER = {"decided_at", "expires_at", "downloaded_at"}
"""Times that are written after the request; the others the tables refuse to change."""


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An export with what is not shown: the ids of people, and where its cameras were when it was asked for."""

    export: Export
    requested_by_id: str
    decided_by_id: str | None
    area_ids: Sequence[str]


async def insert_export(transaction: Transaction, row: ExportRow) -> None:
    """A new request."""
    export = row.export
    values = export.model_dump(mode="json", exclude={"camera_ids", "progress", "waits_for_recording", *_TIMES})
    values |= {"missing": json.loads(export.model_dump_json(include={"missing"}, by_alias=True))["missing"]}
    values |= {"requested_by_id": row.requested_by_id, **_times(export)}
    await transaction.connection.execute(exports.insert().values(values))
    cameras = zip(export.camera_ids, row.area_ids, strict=True)
    await transaction.connection.execute(
        export_cameras.insert(),
        [
            {"export_id": export.id, "position": position, "camera_id": camera_id, "area_id": area_id}
            for position, (camera_id, area_id) in enumerate(cameras)
        ],
    )


async def update_export(transaction: Transaction, export: Export, decided_by_id: str | None) -> None:
    """Writes down how far it has come; an IntegrityError says that who asked for it has decided it."""
    values: dict[str, Any] = {
        "state": export.state,
        "decided_by_id": decided_by_id,
        "decided_by": export.decided_by,
        "failure": export.failure,
        "size_bytes": export.size_bytes,
        **{key: at for key, at in _times(export).items() if key in _LATER},
    }
    await transaction.connection.execute(exports.update().where(exports.c.id == export.id).values(values))


async def find_export(connection: Connection, export_id: str) -> ExportRow | None:
    """The export of that id."""
    found = await _rows(connection, sa.select(exports).where(exports.c.id == export_id))
    return found[0] if found else None


async def list_visible(
    connection: Connection, user_id: str, area_ids: Collection[str], before: str | None, limit: int
) -> Sequence[ExportRow]:
    """Those the person asked for, and those whose cameras all are in these areas; newest first."""
    elsewhere = sa.select(export_cameras.c.export_id).where(
        export_cameras.c.export_id == exports.c.id, export_cameras.c.area_id.not_in(area_ids)
    )
    query = sa.select(exports).where(sa.or_(exports.c.requested_by_id == user_id, ~elsewhere.exists()))
    if before is not None:
        query = query.where(exports.c.id < before)
    return await _rows(connection, query.order_by(exports.c.id.desc()).limit(limit))


async def list_in(connection: Connection, states: Collection[ExportState]) -> Sequence[ExportRow]:
    """All in these states, oldest first."""
    return await _rows(connection, sa.select(exports).where(exports.c.state.in_(states)).order_by(exports.c.id))


async def list_over(connection: Connection, states: Collection[ExportState], now: datetime) -> Sequence[ExportRow]:
    """All in these states whose time is over."""
    query = sa.select(exports).where(exports.c.state.in_(states), exports.c.expires_at <= to_us(now))
    return await _rows(connection, query)


async def hand_over(transaction: Transaction, area_id: str, heir_id: str) -> None:
    """The exports of an area that is removed pass to another one."""
    statement = export_cameras.update().where(export_cameras.c.area_id == area_id).values(area_id=heir_id)
    await transaction.connection.execute(statement)


async def _rows(connection: Connection, query: sa.Select[Any]) -> Sequence[ExportRow]:
    rows = (await connection.execute(query)).mappings().all()
    wanted = sa.select(export_cameras).where(export_cameras.c.export_id.in_([row["id"] for row in rows]))
    cameras: dict[str, list[tuple[str, str]]] = {row["id"]: [] for row in rows}
    for camera in await connection.execute(wanted.order_by(export_cameras.c.position)):
        cameras[camera.export_id].append((camera.camera_id, camera.area_id))
    return [_row(row, cameras[row["id"]]) for row in rows]


def _row(row: sa.RowMapping, cameras: Sequence[tuple[str, str]]) -> ExportRow:
    times = {key: from_us(row[key]) if row[key] is not None else None for key in _TIMES}
    shown = {key: row[key] for key in Export.model_fields if key in row}
    export = Export.model_validate({**shown, **times, "camera_ids": [camera_id for camera_id, _ in cameras]})
    return ExportRow(export, row["requested_by_id"], row["decided_by_id"], [area_id for _, area_id in cameras])


def _times(export: Export) -> dict[str, int | None]:
    values = {key: getattr(export, key) for key in _TIMES}
    return {key: to_us(at) if at is not None else None for key, at in values.items()}
