"""Takes files in and hands them out again."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts.permission import Permission
from vms_api.alerts import attachment_store, store
from vms_api.alerts.alert import Alert
from vms_api.alerts.attachment import ATTACH, MAX_BYTES, MAX_FILES, MAX_TOTAL_BYTES, Attachment, safe_name
from vms_api.alerts.desk import Handler
from vms_api.alerts.errors import AttachmentKindWrong, AttachmentsFull, AttachmentTooLarge
from vms_api.alerts.file_kind import kind_of
from vms_api.alerts.history import HistoryEntry
from vms_api.audit.entry import AuditEntry, AuditKind, Outcome, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Connection, Database, Transaction
from vms_api.errors import NotFound, Problem
from vms_api.events import EventLog

_REFUSED = (AttachmentKindWrong, AttachmentTooLarge, AttachmentsFull)


class Upload(NamedTuple):
    """A file on its way in: its name, how long it is said to be, and its bytes."""

    name: str
    size: int | None
    chunks: AsyncIterator[bytes]


class AttachmentDesk:
    """Files of alerts: rows in the database, bytes in `folder` under their hash.

    The bytes are on disk, flushed, before the row is. A file without a row (a crash in between) harms nothing, and is
    taken up again when the same bytes come once more.
    """

    def __init__(self, folder: Path, database: Database, events: EventLog, audit: AuditLog, clock: Clock) -> None:
        self._folder = folder
        self._database = database
        self._events = events
        self._audit = audit
        self._clock = clock

    async def attach(self, alert_id: str, upload: Upload, by: Handler) -> Attachment:
        """Stores a file with the alert. What is refused for what it is leaves an audit row too.

        Raises:
            NotFound: no such alert, or not one that the person sees.
            NotAllowed: the person may not handle alerts there.
            AttachmentTooLarge, AttachmentKindWrong, AttachmentsFull: as their classes say.

        """
        async with self._database.read() as connection:
            alert = await self._found(connection, alert_id, by, Permission.ALERT_HANDLE)
        try:
            return await self._attach(alert, upload, by)
        except _REFUSED as problem:
            await self._refused(alert, by, problem)
            raise

    async def list_files(self, alert_id: str, by: Handler) -> list[Attachment]:
        """The files of an alert.

        Raises:
            NotFound: no such alert, or not one that the person sees.

        """
        async with self._database.read() as connection:
            await self._found(connection, alert_id, by, Permission.ALERT_VIEW)
            return list(await attachment_store.list_attachments(connection, alert_id))

    async def read(self, attachment_id: str, by: Handler) -> tuple[Attachment, Path]:
        """The file and where its bytes are; the look is recorded first.

        Raises:
            NotFound: no such file, or one of an alert that the person does not see.

        """
        async with self._database.read() as connection:
            found = await attachment_store.find_attachment(connection, attachment_id)
            if found is None:
                raise NotFound("no such file")
            alert = await self._found(connection, found.alert_id, by, Permission.ALERT_VIEW)
        path = self._path(found.sha256)
        if not await asyncio.to_thread(path.is_file):
            raise NotFound("its bytes are not in the data folder any more")
        place, detail = Place(alert.area_id, alert.camera_id), {"name": found.name, "alert": alert.id}
        await self._audit.record_alone(AuditEntry(AuditKind.ATTACHMENT_READ, by.actor, place, found.id, detail=detail))
        return found, path

    async def _attach(self, alert: Alert, upload: Upload, by: Handler) -> Attachment:
        if upload.size is not None and upload.size > MAX_BYTES:
            raise AttachmentTooLarge
        async with self._database.read() as connection:
            await self._check_room(connection, alert.id, upload.size or 0)
        await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".coming-") as file:
            size, sha256 = await _receive(upload.chunks, file)
            kind = await asyncio.to_thread(kind_of, file)
            if kind is None:
                raise AttachmentKindWrong
            await asyncio.to_thread(_keep, file, self._path(sha256))
        added_id = new_identifier()
        attachment = Attachment(
            id=added_id,
            alert_id=alert.id,
            name=safe_name(upload.name, kind),
            media_type=kind,
            size=size,
            sha256=sha256,
            added_at=self._clock.now(),
            added_by=by.actor.username,
            url=f"/api/v1/attachments/{added_id}",
        )
        async with self._database.write() as transaction:
            await self._check_room(transaction.connection, alert.id, size)
            await attachment_store.insert_attachment(transaction, attachment, by.actor.user_id)
            await self._remember(transaction, attachment, by)
        return attachment

    async def _remember(self, transaction: Transaction, attachment: Attachment, by: Handler) -> None:
        """History, audit row and event; the alert may have moved on while the bytes came in."""
        alert = await self._found(transaction.connection, attachment.alert_id, by, Permission.ALERT_HANDLE)
        detail = {"name": attachment.name, "sha256": attachment.sha256, "size": attachment.size}
        entry = HistoryEntry(
            at=attachment.added_at,
            act=ATTACH,
            state=alert.state,
            user_id=by.actor.user_id,
            username=by.actor.username,
            detail={"attachment_id": attachment.id, "name": attachment.name},
        )
        await store.add_history(transaction, alert.id, entry)
        place = Place(alert.area_id, alert.camera_id)
        row = AuditEntry(AuditKind.ALERT_ATTACH, by.actor, place, alert.id, detail=detail)
        await self._audit.record(transaction, row)
        await self._events.record(transaction, "alert.updated", alert.model_dump(mode="json"), alert.area_id)

    async def _refused(self, alert: Alert, by: Handler, problem: Problem) -> None:
        place, detail = Place(alert.area_id, alert.camera_id), {"reason": problem.code}
        row = AuditEntry(AuditKind.ALERT_ATTACH, by.actor, place, alert.id, detail=detail, outcome=Outcome.FAILED)
        await self._audit.record_alone(row)

    async def _found(self, connection: Connection, alert_id: str, by: Handler, permission: Permission) -> Alert:
        alert = await store.find_alert(connection, alert_id)
        if alert is None:
            raise NotFound("no such alert")
        by.access.require(permission, alert.area_id)
        return alert

    async def _check_room(self, connection: Connection, alert_id: str, size: int) -> None:
        files = await attachment_store.list_attachments(connection, alert_id)
        if len(files) >= MAX_FILES or sum(file.size for file in files) + size > MAX_TOTAL_BYTES:
            raise AttachmentsFull

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


async def _receive(chunks: AsyncIterator[bytes], file: IO[bytes]) -> tuple[int, str]:
    """Size and SHA-256 of what was written; never more than an attachment may be, whatever comes."""
    size, digest = 0, hashlib.sha256()
    async for chunk in chunks:
        size += len(chunk)
        if size > MAX_BYTES:
            raise AttachmentTooLarge
        digest.update(chunk)
        await asyncio.to_thread(file.write, chunk)
    return size, digest.hexdigest()


def _keep(file: IO[bytes], path: Path) -> None:
    """Gives the bytes their place, flushed, and the name too."""
    file.flush()
    os.fsync(file.fileno())
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with suppress(FileExistsError):  # the same bytes were put to some alert before
        os.link(file.name, path)
    for folder in (path.parent, path.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
