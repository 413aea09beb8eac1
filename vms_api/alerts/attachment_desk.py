"""Takes files in and hands them out again."""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, NamedTuple

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts.permission import Permission
from vms_api.alerts.attachment import MAX_BYTES, MAX_FILES, MAX_TOTAL_BYTES, Attachment, safe_name
from vms_api.alerts.attachment_keeper import AttachmentKeeper, FiledUnder
from vms_api.alerts.desk import Handler
from vms_api.alerts.errors import AttachmentKindWrong, AttachmentsFull, AttachmentTooLarge
from vms_api.alerts.file_kind import kind_of
from vms_api.audit.entry import AuditEntry, AuditKind, Outcome, Place
from vms_api.audit.log import AuditLog
from vms_api.database import Connection, Database
from vms_api.errors import NotFound, Problem

_REFUSED = (AttachmentKindWrong, AttachmentTooLarge, AttachmentsFull)


class Upload(NamedTuple):
    """A file on its way in: its name, how long it is said to be, and its bytes."""

    name: str
    size: int | None
    chunks: AsyncIterator[bytes]


class AttachmentDesk:
    """Files of what `keeper` knows: rows in the database, bytes in `folder` under their hash.

    The bytes are on disk, flushed, before the row is. A file without a row (a crash in between) harms nothing, and is
    taken up again when the same bytes come once more.
    """

    def __init__(
        self, folder: Path, database: Database, audit: AuditLog, clock: Clock, keeper: AttachmentKeeper
    ) -> None:
        self._folder = folder
        self._database = database
        self._audit = audit
        self._clock = clock
        self._keeper = keeper

    async def attach(self, owner_id: str, upload: Upload, by: Handler) -> Attachment:
        """Stores a file with its owner. What is refused for what it is leaves an audit row too.

        Raises:
            NotFound: no such owner, or not one that the person sees.
            NotAllowed: the person may not handle such things there.
            AttachmentTooLarge, AttachmentKindWrong, AttachmentsFull: as their classes say.

        """
        async with self._database.read() as connection:
            owner = await self._found(connection, owner_id, by, self._keeper.handle)
        try:
            return await self._attach(owner, upload, by)
        except _REFUSED as problem:
            await self._refused(owner, by, problem)
            raise

    async def list_files(self, owner_id: str, by: Handler) -> list[Attachment]:
        """The files of an owner.

        Raises:
            NotFound: no such owner, or not one that the person sees.

        """
        async with self._database.read() as connection:
            await self._found(connection, owner_id, by, self._keeper.view)
            return list(await self._keeper.rows.list_of(connection, owner_id))

    async def read(self, attachment_id: str, by: Handler) -> tuple[Attachment, Path]:
        """The file and where its bytes are; the look is recorded first.

        Raises:
            NotFound: no such file, or one of an owner that the person does not see.

        """
        async with self._database.read() as connection:
            found = await self._keeper.rows.find(connection, attachment_id)
            if found is None:
                raise NotFound("no such file")
            owner = await self._found(connection, found.alert_id or found.ticket_id or "", by, self._keeper.view)
        path = self._path(found.sha256)
        if not await asyncio.to_thread(path.is_file):
            raise NotFound("its bytes are not in the data folder any more")
        kind = self._keeper.rows.owner.removesuffix("_id")
        place, detail = Place(owner.area_id, owner.camera_id), {"name": found.name, kind: owner.id}
        await self._audit.record_alone(AuditEntry(AuditKind.ATTACHMENT_READ, by.actor, place, found.id, detail=detail))
        return found, path

    async def _attach(self, owner: FiledUnder, upload: Upload, by: Handler) -> Attachment:
        if upload.size is not None and upload.size > MAX_BYTES:
            raise AttachmentTooLarge
        async with self._database.read() as connection:
            await self._check_room(connection, owner.id, upload.size or 0)
        await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".coming-") as file:
            size, sha256 = await _receive(upload.chunks, file)
            kind = await asyncio.to_thread(kind_of, file)
            if kind is None:
                raise AttachmentKindWrong
            await asyncio.to_thread(_keep, file, self._path(sha256))
        added_id = new_identifier()
        attachment = Attachment.model_validate(
            {
                "id": added_id,
                self._keeper.rows.owner: owner.id,
                "name": safe_name(upload.name, kind),
                "media_type": kind,
                "size": size,
                "sha256": sha256,
                "added_at": self._clock.now(),
                "added_by": by.actor.username,
                "url": f"{self._keeper.rows.path}/{added_id}",
            }
        )
        await self._add(owner, attachment, by)
        return attachment

    async def _add(self, owner: FiledUnder, attachment: Attachment, by: Handler) -> None:
        """Row, history, audit row and event; the rights may have changed while the bytes came in."""
        async with self._database.write() as transaction:
            await self._found(transaction.connection, owner.id, by, self._keeper.handle)
            await self._check_room(transaction.connection, owner.id, attachment.size)
            await self._keeper.rows.insert(transaction, attachment, by.actor.user_id)
            await self._keeper.remember(transaction, attachment, by)
            detail = {"name": attachment.name, "sha256": attachment.sha256, "size": attachment.size}
            place = Place(owner.area_id, owner.camera_id)
            row = AuditEntry(self._keeper.act, by.actor, place, owner.id, detail=detail)
            await self._audit.record(transaction, row)

    async def _refused(self, owner: FiledUnder, by: Handler, problem: Problem) -> None:
        place, detail = Place(owner.area_id, owner.camera_id), {"reason": problem.code}
        row = AuditEntry(self._keeper.act, by.actor, place, owner.id, detail=detail, outcome=Outcome.FAILED)
        await self._audit.record_alone(row)

    async def _found(self, connection: Connection, owner_id: str, by: Handler, permission: Permission) -> FiledUnder:
        owner = await self._keeper.find(connection, owner_id)
        if owner is None:
            raise NotFound("nothing with that id has files")
        by.access.require(permission, owner.area_id)
        return owner

    async def _check_room(self, connection: Connection, owner_id: str, size: int) -> None:
        files = await self._keeper.rows.list_of(connection, owner_id)
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
    try:
        os.link(file.name, path)
    except FileExistsError:  # the same bytes were put somewhere before; as new, so that they are not swept just now
        os.utime(path)
    for folder in (path.parent, path.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
