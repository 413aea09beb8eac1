"""Ledgers, remembered mappings of columns and prohibited places in the database."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from vms_api.cameras.store import cameras
from vms_api.database import Connection, Transaction, from_us, metadata, to_us, upsert
from vms_api.ledger.ledger import NO_LEDGER, LedgerRecord, filled

camera_ledgers = sa.Table(
    "camera_ledgers",
    metadata,
    sa.Column("camera_id", sa.ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("contents", sa.String, nullable=False),
    # Counted when it is written, so that the rates of a city read no contents.
    sa.Column("filled", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("updated_by", sa.String),
)

import_mappings = sa.Table(
    "import_mappings",
    metadata,
    sa.Column("signature", sa.String, primary_key=True),
    sa.Column("columns", sa.String, nullable=False),
    sa.Column("updated_at", sa.BigInteger, nullable=False),
    sa.Column("updated_by", sa.String),
)

prohibited_places = sa.Table("prohibited_places", metadata, sa.Column("kind", sa.String, primary_key=True))


async def find_ledger(connection: Connection, camera_id: str) -> LedgerRecord:
    """The camera's ledger; an empty one of version 0 when nobody has written it."""
    query = sa.select(camera_ledgers).where(camera_ledgers.c.camera_id == camera_id)
    row = (await connection.execute(query)).one_or_none()
    return _ledger(row) if row else NO_LEDGER


async def list_ledgers(
    connection: Connection, area_ids: Collection[str] | None = None, camera_ids: Collection[str] | None = None
) -> Mapping[str, LedgerRecord]:
    """The ledgers of the cameras of these areas, or of these cameras, by camera id; None is any."""
    query = sa.select(camera_ledgers)
    if area_ids is not None:
        query = query.join(cameras, cameras.c.id == camera_ledgers.c.camera_id).where(cameras.c.area_id.in_(area_ids))
    if camera_ids is not None:
        query = query.where(camera_ledgers.c.camera_id.in_(camera_ids))
    return {row.camera_id: _ledger(row) for row in await connection.execute(query)}


async def ledgers_mark(connection: Connection) -> tuple[int, ...]:
    """Changes whenever any ledger does: how many there are, the sum of their versions, the last change."""
    columns = (camera_ledgers.c.version, camera_ledgers.c.updated_at)
    query = sa.select(sa.func.count(), sa.func.sum(columns[0]), sa.func.max(columns[1])).select_from(camera_ledgers)
    return tuple(int(figure or 0) for figure in (await connection.execute(query)).one())


async def count_filled(connection: Connection, area_ids: Collection[str]) -> Sequence[tuple[str, int]]:
    """The area of every camera of these areas, with how many mandatory fields its ledger has."""
    query = (
        sa.select(cameras.c.area_id, sa.func.coalesce(camera_ledgers.c.filled, 0))
        .select_from(cameras.outerjoin(camera_ledgers, camera_ledgers.c.camera_id == cameras.c.id))
        .where(cameras.c.area_id.in_(area_ids))
    )
    return [(area_id, count) for area_id, count in await connection.execute(query)]


async def save_ledgers(transaction: Transaction, ledgers: Mapping[str, LedgerRecord]) -> None:
    """Writes ledgers, new or changed, by camera id."""
    rows = [
        {
            "camera_id": camera_id,
            "contents": json.dumps(dict(ledger.values), ensure_ascii=False),
            "filled": filled(ledger.values),
            "version": ledger.version,
            "updated_at": to_us(ledger.updated_at) if ledger.updated_at else 0,
            "updated_by": ledger.updated_by,
        }
        for camera_id, ledger in ledgers.items()
    ]
    insertion = upsert(transaction.connection, camera_ledgers)
    replaced = {column.name: column for column in insertion.excluded if column.name != "camera_id"}
    statement = insertion.on_conflict_do_update(index_elements=["camera_id"], set_=replaced)
    await transaction.connection.execute(statement, rows)


async def find_mapping(connection: Connection, signature: str) -> Mapping[str, str] | None:
    """How the columns of a table with these titles were mapped last."""
    query = sa.select(import_mappings.c.columns).where(import_mappings.c.signature == signature)
    text = (await connection.execute(query)).scalar_one_or_none()
    return json.loads(text) if text is not None else None


async def save_mapping(
    transaction: Transaction, signature: str, columns: Mapping[str, str], at: datetime, by: str | None
) -> None:
    """Remembers a mapping for the whole site."""
    row = {"columns": json.dumps(dict(columns), ensure_ascii=False), "updated_at": to_us(at), "updated_by": by}
    insertion = upsert(transaction.connection, import_mappings).values(signature=signature, **row)
    await transaction.connection.execute(insertion.on_conflict_do_update(index_elements=["signature"], set_=row))


async def list_prohibited(connection: Connection) -> frozenset[str]:
    """The kinds of place that this site has added to those of the law."""
    return frozenset((await connection.execute(sa.select(prohibited_places.c.kind))).scalars())


async def replace_prohibited(transaction: Transaction, kinds: Collection[str]) -> None:
    """Puts these kinds of place in the place of those added before."""
    await transaction.connection.execute(prohibited_places.delete())
    if kinds:
        await transaction.connection.execute(prohibited_places.insert(), [{"kind": kind} for kind in sorted(kinds)])


def _ledger(row: sa.Row[tuple[object, ...]]) -> LedgerRecord:
    return LedgerRecord(json.loads(row.contents), row.version, from_us(row.updated_at), row.updated_by)
