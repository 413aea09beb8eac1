"""Where acts are written into the audit log: each in its own transaction, so there is none without the other."""

from collections.abc import Sequence
from datetime import datetime

from ingest.clock import Clock
from vms_api.audit import store
from vms_api.audit.chain import ChainRow, chained
from vms_api.audit.entry import AuditEntry
from vms_api.database import Connection, Database, Transaction

_Timed = tuple[datetime, AuditEntry]


class AuditLog:
    """Appends to the chain. Rows of transactions that commit together are chained together, in their order."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def record(self, transaction: Transaction, entry: AuditEntry) -> None:
        """Adds the act to its own transaction: it is rolled back, or durable, with what was done."""
        transaction.append_at_commit(self._append, (self._clock.now(), entry))

    async def record_alone(self, entry: AuditEntry) -> None:
        """An act that changes nothing else, such as looking; returns once it is durable."""
        await self._database.append(self._append, (self._clock.now(), entry))

    async def _append(self, connection: Connection, entries: Sequence[_Timed]) -> None:
        head = await store.read_head(connection)
        rows: list[ChainRow] = []
        for at, entry in entries:
            rows.append(chained(rows[-1].head if rows else head, entry, at))
        await store.insert_rows(connection, rows)
