"""Where each area lay in the tree, from when to when: what the rates of a past day are summed by."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, metadata, to_us, upsert

area_paths = sa.Table(
    "area_paths",
    metadata,
    sa.Column("area_id", sa.String, primary_key=True),
    sa.Column("since", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("until", sa.BigInteger),
    sa.Column("path", sa.String, nullable=False),
)


class PathSpan(NamedTuple):
    """The ids from the root to an area, itself included, in a span. Times in microseconds; None: it goes on."""

    area_id: str
    lineage: tuple[str, ...]
    since_us: int
    until_us: int | None


async def lay(transaction: Transaction, paths: Mapping[str, str], at: datetime) -> None:
    """These areas lie on these paths from then on; nothing is written of one that lay there before."""
    connection, at_us = transaction.connection, to_us(at)
    mine = sa.and_(area_paths.c.area_id.in_(paths), area_paths.c.until.is_(None))
    rows = await connection.execute(sa.select(area_paths.c.area_id, area_paths.c.path).where(mine))
    known = {row.area_id: row.path for row in rows}
    for area_id, path in paths.items():
        if known.get(area_id) == path:
            continue
        if area_id in known:
            open_row = sa.and_(area_paths.c.area_id == area_id, area_paths.c.until.is_(None))
            ended = sa.case((area_paths.c.since > at_us, area_paths.c.since), else_=at_us)
            await connection.execute(area_paths.update().where(open_row).values(until=ended))
        values = {"until": None, "path": path}
        statement = upsert(connection, area_paths).values(area_id=area_id, since=at_us, **values)
        # Two moves within a microsecond, or after the clock was put back: the later one holds.
        await connection.execute(statement.on_conflict_do_update(index_elements=["area_id", "since"], set_=values))


async def forget(transaction: Transaction, area_id: str) -> None:
    """The area is removed: what lay below it once lay below the area above."""
    own, below = area_paths.c.area_id == area_id, area_paths.c.path.contains(f"/{area_id}/", autoescape=True)
    await transaction.connection.execute(area_paths.delete().where(own))
    shorter = sa.func.replace(area_paths.c.path, f"/{area_id}/", "/")
    await transaction.connection.execute(area_paths.update().where(below).values(path=shorter))


async def read_paths(connection: Connection) -> Sequence[PathSpan]:
    """Every span of every area, area by area in the order of time."""
    query = sa.select(area_paths).order_by(area_paths.c.area_id, area_paths.c.since)
    rows = await connection.execute(query)
    return [PathSpan(row.area_id, tuple(row.path.strip("/").split("/")), row.since, row.until) for row in rows]


def lineages_at(spans: Iterable[PathSpan], at_us: int) -> dict[str, tuple[str, ...]]:
    """Where each area lay just before then; one that was not there yet, where it began. `spans` are in order."""
    found: dict[str, tuple[str, ...]] = {}
    for span in spans:
        if span.since_us < at_us or span.area_id not in found:
            found[span.area_id] = span.lineage
    return found
