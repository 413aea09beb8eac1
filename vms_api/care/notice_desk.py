"""Notices as they come in, are kept, told and listed."""

from collections.abc import Awaitable, Callable, Sequence

from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.cameras.registry import existing_camera
from vms_api.care import notice_store
from vms_api.care.desk import CareDesk
from vms_api.care.notice import Notice, Noticed
from vms_api.care.notice_store import HeldPlace
from vms_api.database import Database
from vms_api.events import EventLog
from vms_api.ptz import store as link_store

NoticeListener = Callable[[str, Notice], Awaitable[None]]


class NoticeDesk:
    """Stores what devices notice, and says whose notices are wanted."""

    def __init__(self, database: Database, events: EventLog, audit: AuditLog, care: CareDesk) -> None:
        self._database = database
        self._events = events
        self._audit = audit
        self._care = care
        self._listeners: list[NoticeListener] = []

    def subscribe(self, listener: NoticeListener) -> None:
        """Has `listener` called with the camera's id and each notice that was kept."""
        self._listeners.append(listener)

    async def take(self, camera_ids: Sequence[str], noticed: Noticed) -> None:
        """Keeps a notice of these cameras, tells the pages, then whoever judges it."""
        for camera_id in camera_ids:
            async with self._database.write() as transaction:
                notice = await notice_store.add_notice(transaction, camera_id, noticed)
            told = {"camera_id": camera_id, "notice": notice.model_dump(mode="json")}
            self._events.pass_on("device.notice", f"{camera_id} {notice.kind} {notice.source}", told)
            for listener in self._listeners:
                await listener(camera_id, notice)

    async def listed(self, camera_id: str, before: int | None, limit: int) -> Sequence[Notice]:
        """The camera's notices, the newest first.

        Raises:
            NotFound: no such camera.

        """
        async with self._database.read() as connection:
            await existing_camera(connection, camera_id)
            return await notice_store.list_notices(connection, camera_id, before, limit)

    async def want(self, camera_id: str, actor: Actor, *, is_wanted: bool) -> None:
        """Says whether the device's notices are wanted even where no rule needs them.

        Raises:
            NotFound, DeviceMissing: there is no device to listen to.

        """
        async with self._database.write() as transaction:
            cared = await self._care.known(transaction.connection, camera_id)
            await link_store.decide(transaction, camera_id, wants_notices=is_wanted)
            detail = {"wanted": is_wanted}
            entry = AuditEntry(AuditKind.DEVICE_NOTICES, actor, cared.camera.place, detail=detail)
            await self._audit.record(transaction, entry)

    async def place(self, device: str) -> HeldPlace | None:
        """The place that is remembered of a device."""
        async with self._database.read() as connection:
            return await notice_store.find_place(connection, device)

    async def remember(self, device: str, place: HeldPlace | None) -> None:
        """Remembers the place that is held at a device, so that the next process can give it back."""
        async with self._database.write() as transaction:
            await notice_store.put_place(transaction, device, place)
