"""The end of closed tickets: row, history and photos go once they have been kept long enough."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from vms_api.alerts.attachment_store import ALERT_FILES
from vms_api.audit.entry import SYSTEM, AuditEntry, AuditKind
from vms_api.recordings import volume_store
from vms_api.tickets import store
from vms_api.tickets.desk import TicketGround
from vms_api.tickets.photo_store import TICKET_FILES

log = structlog.get_logger()

BATCH = 100
"""Most tickets of one transaction, and most files that are looked up at once."""
_EVERY_S = 3600.0
_SETTLED = timedelta(hours=1)
"""A file without a row may be on its way in; none takes so long."""


class TicketRetention:
    """One for the site. It rests while the clock is not believed, as the retention of recordings does.

    Rows go first, each batch with its audit row; then the files to which neither a ticket nor an alert refers any more.
    A crash in between leaves files for the next sweep.
    """

    def __init__(self, ground: TicketGround, files: Path) -> None:
        self._ground = ground
        self._files = files

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_EVERY_S)

    async def look(self) -> int:
        """One sweep; how many tickets went."""
        async with self._ground.database.read() as connection:
            trusted = await volume_store.read_clock(connection)
        if trusted is None or trusted.halted_at is not None:
            return 0
        now = self._ground.clock.now()
        gone = 0
        while count := await self._delete(now - timedelta(days=self._ground.settings.keep_days)):
            gone += count
        files = await self._sweep(now)
        if gone or files:
            log.info("tickets.forgotten", tickets=gone, files=files)
        return gone

    async def _delete(self, before: datetime) -> int:
        async with self._ground.database.read() as connection:
            if not await store.closed_before(connection, before, 1):
                return 0
        async with self._ground.database.write() as transaction:
            ids = await store.closed_before(transaction.connection, before, BATCH)
            await store.delete_tickets(transaction, ids)
            detail = {"count": len(ids), "closed_before": before.isoformat()}
            await self._ground.audit.record(transaction, AuditEntry(AuditKind.TICKET_REMOVE, SYSTEM, detail=detail))
        return len(ids)

    async def _sweep(self, now: datetime) -> int:
        """Unlinks files without a row; how many."""
        settled = await asyncio.to_thread(_settled_files, self._files, now - _SETTLED)
        gone = 0
        for start in range(0, len(settled), BATCH):
            some = settled[start : start + BATCH]
            async with self._ground.database.read() as connection:
                names = [path.name for path in some]
                kept = await TICKET_FILES.hashes_among(connection, names)
                kept |= await ALERT_FILES.hashes_among(connection, names)
            orphans = [path for path in some if path.name not in kept]
            await asyncio.to_thread(_unlink, orphans)
            gone += len(orphans)
        return gone


def _settled_files(folder: Path, until: datetime) -> list[Path]:
    """The files under their hashes that nobody has touched since then."""
    return [path for path in _hashed_files(folder) if path.stat().st_mtime < until.timestamp()]


def _hashed_files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for part in sorted(folder.iterdir()) if part.is_dir() for path in sorted(part.iterdir()))


def _unlink(paths: Sequence[Path]) -> None:
    """Removes files for good: the folder is flushed, too."""
    for path in paths:
        path.unlink(missing_ok=True)
    for folder in sorted({path.parent for path in paths}):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
