"""The registry of cameras: each change is a row, an event and a new version of what the node is to do, or nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from ingest.clock import Clock
from ingest.identifier import new_identifier
from vms_api.accounts.rights_board import RightsBoard
from vms_api.audit.difference import difference
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.cameras import store
from vms_api.cameras.camera import CameraIn, CameraPatch, CameraRecord
from vms_api.cameras.health_board import HealthBoard
from vms_api.cameras.intake import CameraIntake
from vms_api.database import Connection, Database, RowRefused, Transaction
from vms_api.errors import FieldError, InvalidRequest, NameTaken, NotFound
from vms_api.events import EventLog
from vms_api.problems import field_errors


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

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Has `listener` called after each committed change."""
        self._listeners.append(listener)

    async def create(self, body: CameraIn, area_id: str, actor: Actor) -> CameraRecord:
        """A new camera in the area.

        Raises:
            InvalidRequest: an address is refused.
            NameTaken: another camera of the area has that name.

        """
        now = self._clock.now()
        blank = CameraRecord(new_identifier(), area_id, body.name, "", None, "tcp", None, None, True, True, now, now)
        given = {key: value for key, value in body.model_dump().items() if value is not None}
        camera = self._intake.record(blank, body, given, now)
        async with self._database.write() as transaction:
            await _refusing_taken_names(store.insert_camera, transaction, camera)
            self._rights.place_camera(transaction, camera.id, camera.area_id)
            await self.record_change(transaction, "camera.added", camera)
            added = AuditEntry(AuditKind.CAMERA_ADD, actor, camera.place, detail=camera.facts())
            await self._audit.record(transaction, added)
        return camera

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
            camera = self._intake.record(current, _merged(current, given), given, self._clock.now())
            await _refusing_taken_names(store.update_camera, transaction, camera)
            self._rights.place_camera(transaction, camera.id, camera.area_id)
            if camera.area_id == current.area_id:
                await self.record_change(transaction, "camera.changed", camera)
            else:  # for people of the old area it is gone, for those of the new one it has come
                await self._events.record(transaction, "camera.removed", {"id": camera.id}, current.area_id)
                await self.record_change(transaction, "camera.added", camera)
            changed = AuditEntry(AuditKind.CAMERA_CHANGE, actor, current.place, detail=_changes(current, camera))
            await self._audit.record(transaction, changed)
        return camera

    async def remove(self, camera_id: str, actor: Actor) -> None:
        """Removes a camera with its zones and rules; its alerts stay.

        Raises:
            NotFound: no such camera.

        """
        async with self._database.write() as transaction:
            camera = await existing_camera(transaction.connection, camera_id)
            await store.delete_camera(transaction, camera_id)
            await store.bump_version(transaction)
            self._rights.place_camera(transaction, camera_id, None)
            await self._events.record(transaction, "camera.removed", {"id": camera_id}, camera.area_id)
            removed = AuditEntry(AuditKind.CAMERA_REMOVE, actor, camera.place, detail={"name": camera.name})
            await self._audit.record(transaction, removed)
            transaction.after_commit(lambda: self._health.forget(camera_id))
            transaction.tell_after_commit(self._tell)

    async def record_change(self, transaction: Transaction, kind: str, camera: CameraRecord) -> None:
        """Adds to a change what belongs to it: the event, the version, and the node's wake-up."""
        await store.bump_version(transaction)
        shown = camera.shown(self._health.of(camera)).model_dump(mode="json")
        await self._events.record(transaction, kind, shown, camera.area_id)
        transaction.tell_after_commit(self._tell)

    def _tell(self) -> None:
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


async def _refusing_taken_names(write: Callable[..., Any], transaction: Transaction, camera: CameraRecord) -> None:
    try:
        await write(transaction, camera)
    except RowRefused:
        message = "another camera has this name"
        raise NameTaken(errors=[FieldError("name", "name-taken", message)]) from None


def _merged(current: CameraRecord, given: dict[str, Any]) -> CameraIn:
    kept = {key: getattr(current, key) for key in CameraIn.model_fields if key != "password"}
    try:
        return CameraIn.model_validate({**kept, **given})
    except ValidationError as error:
        raise InvalidRequest(errors=field_errors(error.errors())) from None


def _changes(before: CameraRecord, after: CameraRecord) -> Mapping[str, Any]:
    """What was changed. Of the password only that it was."""
    changes = difference(before.facts(), after.facts())
    is_new = after.sealed_password is not None and after.sealed_password != before.sealed_password
    return {**changes, "password": "changed"} if is_new else changes
