"""The registry of cameras: each change is a row, an event and a new version of what the node is to do, or nothing."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts.rights_board import RightsBoard
from vms_api.audit.difference import difference
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.cameras import placement_store, store
from vms_api.cameras.camera import CameraIn, CameraPatch, CameraRecord
from vms_api.cameras.health_board import HealthBoard
from vms_api.cameras.intake import CameraIntake
from vms_api.database import Connection, Database, RowRefused, Transaction
from vms_api.errors import FieldError, InvalidRequest, NameTaken, NotFound
from vms_api.events import Event, EventLog
from vms_api.problems import field_errors

ServiceCondition = Callable[[Connection, CameraRecord], Awaitable[None]]
"""Raises a Problem when the camera may not go into service."""

CameraChange = tuple[CameraRecord | None, CameraRecord]
"""A camera as it was, None for a new one, and as it will be."""


class CameraRegistry:
    """Registers, changes, moves and removes cameras."""

    def __init__(
        self,
        database: Database,
        events: EventLog,
        health: HealthBoard,
        intake: CameraIntake,
        clock: Clock,
        rights: RightsBoard,
        audit: AuditLog,
    ) -> None:
        self._database = database
        self._events = events
        self._health = health
        self._intake = intake
        self._clock = clock
        self._rights = rights
        self._audit = audit
        self._listeners: list[Callable[[], None]] = []
        self._conditions: list[ServiceCondition] = []

    def require_for_service(self, condition: ServiceCondition) -> None:
        """Has `condition` asked, in the transaction of the change, before a camera goes into service."""
        self._conditions.append(condition)

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Has `listener` called after each committed change."""
        self._listeners.append(listener)

    async def create(self, body: CameraIn, area_id: str, actor: Actor) -> CameraRecord:
        """A new camera in the area.

        Raises:
            InvalidRequest: an address is refused.
            NameTaken: another camera of the area has that name.

        """
        camera = self.drafted(body, area_id)
        async with self._database.write() as transaction:
            if camera.enabled:
                await self._check_service(transaction.connection, camera)
            await self.write(transaction, [(None, camera)], actor)
            await store.bump_version(transaction)
            transaction.tell_after_commit(self.tell)
        return camera

    def drafted(self, body: CameraIn, area_id: str) -> CameraRecord:
        """The camera that would be added. Nothing is written.

        Raises:
            InvalidRequest: an address is refused.

        """
        now = self._clock.now()
        blank = CameraRecord(new_identifier(), area_id, body.name, "", None, "tcp", None, None, True, True, now, now)
        given = {key: value for key, value in body.model_dump().items() if value is not None}
        return self._intake.record(blank, body, given, now)

    def redrafted(self, current: CameraRecord, given: dict[str, Any]) -> CameraRecord:
        """The camera as these fields of a `CameraPatch` would change it. Nothing is written.

        Raises:
            InvalidRequest: an address is refused, or a field that cannot be empty is null.

        """
        return self._intake.record(current, _merged(current, given), given, self._clock.now())

    def is_password(self, camera: CameraRecord, password: str) -> bool:
        """Whether this is the camera's password already."""
        return self._intake.is_password(camera, password)

    async def write(self, transaction: Transaction, changes: Sequence[CameraChange], actor: Actor) -> None:
        """Writes drafted and redrafted cameras in a transaction of the caller, who also raises the version and tells.

        Raises:
            NameTaken: another camera of an area has a name. The transaction is of no use then.

        """
        added = [camera for before, camera in changes if before is None]
        try:
            if added:
                await store.insert_cameras(transaction, added)
            for before, camera in changes:
                if before is not None:
                    await store.update_camera(transaction, camera)
        except RowRefused:
            message = "another camera has this name"
            raise NameTaken(errors=[FieldError("name", "name-taken", message)]) from None
        for before, camera in changes:
            self._rights.place_camera(transaction, camera.id, camera.area_id)
            await placement_store.place(transaction, camera)
            await self._audit.record(transaction, _entry(before, camera, actor))
        told = [event for before, camera in changes for event in self._events_of(before, camera)]
        await self._events.record_all(transaction, told)

    async def change(self, camera_id: str, patch: CameraPatch, actor: Actor) -> CameraRecord:
        """Changes any part of a camera.

        Raises:
            NotFound: no such camera.
            InvalidRequest: an address is refused, or a field that cannot be empty is null.
            NameTaken: another camera has that name.

        """
        given = patch.model_dump(exclude_unset=True)
        async with self._database.write() as transaction:
            current = await existing_camera(transaction.connection, camera_id)
            camera = self.redrafted(current, given)
            if camera.enabled and not current.enabled:
                await self._check_service(transaction.connection, camera)
            await self.write(transaction, [(current, camera)], actor)
            await store.bump_version(transaction)
            transaction.tell_after_commit(self.tell)
        return camera

    async def remove(self, camera_id: str, actor: Actor) -> None:
        """Removes a camera with its zones and rules; its alerts stay.

        Raises:
            NotFound: no such camera.

        """
        async with self._database.write() as transaction:
            camera = await existing_camera(transaction.connection, camera_id)
            await store.delete_camera(transaction, camera_id)
            await placement_store.end_placement(transaction, camera_id, self._clock.now())
            await store.bump_version(transaction)
            self._rights.place_camera(transaction, camera_id, None)
            await self._events.record(transaction, "camera.removed", {"id": camera_id}, camera.area_id)
            removed = AuditEntry(AuditKind.CAMERA_REMOVE, actor, camera.place, detail={"name": camera.name})
            await self._audit.record(transaction, removed)
            transaction.after_commit(lambda: self._health.forget(camera_id))
            transaction.tell_after_commit(self.tell)

    async def record_change(self, transaction: Transaction, kind: str, camera: CameraRecord) -> None:
        """Adds to a change what belongs to it: the event, the version, and the node's wake-up."""
        await self._events.record_all(transaction, [self._event(kind, camera)])
        await self.wake_node(transaction)

    async def wake_node(self, transaction: Transaction) -> None:
        """What a node is to do has changed in this transaction, though no camera has."""
        await store.bump_version(transaction)
        transaction.tell_after_commit(self.tell)

    def _events_of(self, before: CameraRecord | None, camera: CameraRecord) -> Sequence[Event]:
        if before is None:
            return [self._event("camera.added", camera)]
        if before.area_id == camera.area_id:
            return [self._event("camera.changed", camera)]
        # For people of the old area it is gone, for those of the new one it has come.
        gone = Event(None, "camera.removed", {"id": camera.id}, before.area_id)
        return [gone, self._event("camera.added", camera)]

    def _event(self, kind: str, camera: CameraRecord) -> Event:
        return Event(None, kind, camera.shown(self._health.of(camera)).model_dump(mode="json"), camera.area_id)

    async def _check_service(self, connection: Connection, camera: CameraRecord) -> None:
        for condition in self._conditions:
            await condition(connection, camera)

    def tell(self) -> None:
        """Calls the listeners: what the node is to do has changed."""
        for listener in self._listeners:
            listener()


async def existing_camera(connection: Connection, camera_id: str) -> CameraRecord:
    """The camera.

    Raises:
        NotFound: there is none with that id.

    """
    camera = await store.find_camera(connection, camera_id)
    if camera is None:
        raise NotFound("no such camera")
    return camera


def _entry(before: CameraRecord | None, camera: CameraRecord, actor: Actor) -> AuditEntry:
    if before is None:
        return AuditEntry(AuditKind.CAMERA_ADD, actor, camera.place, detail=camera.facts())
    return AuditEntry(AuditKind.CAMERA_CHANGE, actor, before.place, detail=_changes(before, camera))


def _merged(current: CameraRecord, given: dict[str, Any]) -> CameraIn:
    kept = {key: getattr(current, key) for key in CameraIn.model_fields if key != "password"}
    kept["address"] = current.address or None
    try:
        return CameraIn.model_validate({**kept, **given})
    except ValidationError as error:
        raise InvalidRequest(errors=field_errors(error.errors())) from None


def _changes(before: CameraRecord, after: CameraRecord) -> Mapping[str, Any]:
    """What was changed. Of the password only that it was."""
    changes = difference(before.facts(), after.facts())
    is_new = after.sealed_password is not None and after.sealed_password != before.sealed_password
    return {**changes, "password": "changed"} if is_new else changes
