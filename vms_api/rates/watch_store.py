"""When the node was heard by this process: outside of these spans nothing is known of any camera."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from vms_api.database import Connection, Transaction, metadata, to_us, upsert
from vms_api.rates.spans import Span, merged

node_watches = sa.Table(
    "node_watches",
    metadata,
    sa.Column("started_at", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("until_at", sa.BigInteger, nullable=False),
)


async def extend_watch(transaction: Transaction, started_at: datetime, until: datetime) -> None:
    """The watch that began then goes on, or begins; it never gets shorter."""
    statement = upsert(transaction.connection, node_watches).values(started_at=to_us(started_at), until_at=to_us(until))
    longer = statement.on_conflict_do_update(
        index_elements=["started_at"],
        set_={"until_at": statement.excluded.until_at},
        where=statement.excluded.until_at > node_watches.c.until_at,
    )
    await transaction.connection.execute(longer)


async def watches_between(connection: Connection, start: datetime, end: datetime) -> Sequence[Span]:
    """When the node was heard within [start, end), as spans in microseconds."""
    first, last = to_us(start), to_us(end)
    query = sa.select(node_watches).where(node_watches.c.started_at < last, node_watches.c.until_at > first)
    rows = await connection.execute(query)
    return merged((max(row.started_at, first), min(row.until_at, last)) for row in rows)
