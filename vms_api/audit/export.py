"""Audit rows as a table for spreadsheet programs."""

import asyncio
import json
from collections.abc import Iterable
from dataclasses import replace

from vms_api.audit import store
from vms_api.audit.chain import ChainRow, canonical_json
from vms_api.audit.store import AuditQuery
from vms_api.database import Database
from vms_api.spreadsheet import Cell, TableWriter

MAX_EXPORTED = 100_000
_BATCH = 1000

HEADINGS: tuple[str, ...] = (
    "seq",
    "at",
    "kind",
    "outcome",
    "user_id",
    "user",
    "address",
    "area_id",
    "camera_id",
    "subject",
    "purpose",
    "reference",
    "detail",
    "hash",
)


async def write_table(database: Database, asked: AuditQuery, writer: TableWriter) -> None:
    """Writes the headings and at most `asked.limit` rows, the newest first, a batch at a time, off the event loop."""
    writer.write(HEADINGS)
    left, before = asked.limit, asked.before
    while left > 0:
        batch = min(left, _BATCH)
        async with database.read() as connection:
            rows = await store.list_rows(connection, replace(asked, before=before, limit=batch))
        await asyncio.to_thread(_write_rows, writer, rows)
        if len(rows) < batch:
            break
        left, before = left - batch, rows[-1].seq
    await asyncio.to_thread(writer.finish)


def _write_rows(writer: TableWriter, rows: Iterable[ChainRow]) -> None:
    for row in rows:
        writer.write(cells(row))


def cells(row: ChainRow) -> list[Cell]:
    """A row in the order of HEADINGS."""
    document = json.loads(row.body)
    actor, purpose = document["actor"], document["purpose"] or {}
    return [
        row.seq,
        document["at"],
        document["kind"],
        document["outcome"],
        actor["id"],
        actor["name"],
        actor["address"],
        document["area_id"],
        document["camera_id"],
        document["subject"],
        purpose.get("key"),
        purpose.get("reference"),
        canonical_json(document["detail"]),
        row.hash.hex(),
    ]
