"""The registry of cameras: each change is a row, an event and a new version of what the node is to do, or nothing."""

from collections.abc import Awaitable, Callable, Mapping
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

ServiceCondition = Callable[[Connection, CameraRecord], Awaitable[None]]
"""Raises a Problem when the camera may not go into service."""


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
            await self.add(transaction, camera, actor)
            await store.bump_version(transaction)
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

    async def add(self, transaction: Transaction, camera: CameraRecord, actor: Actor) -> None:
        """Adds a drafted camera in a transaction of the caller, who also raises the version (`store.bump_version`).

        Raises:
            NameTaken: another camera of the area has that name. The transaction is of no use then.

        """
        await _refusing_taken_names(store.insert_camera, transaction, camera)
        self._rights.place_camera(transaction, camera.id, camera.area_id)
        await self._tell_change(transaction, "camera.added", camera)
        added = AuditEntry(AuditKind.CAMERA_ADD, actor, camera.place, detail=camera.facts())
        await self._audit.record(transaction, added)

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
            await self.replace(transaction, current, camera, actor)
            await store.bump_version(transaction)
        return camera

    async def replace(
        self, transaction: Transaction, current: CameraRecord, camera: CameraRecord, actor: Actor
    ) -> None:
        """Puts a redrafted camera in the place of `current`, in a transaction of the caller; see `add`.

        Raises:
            NameTaken: another camera of the area has that name. The transaction is of no use then.

        """
        await _refusing_taken_names(store.update_camera, transaction, camera)
        self._rights.place_camera(transaction, camera.id, camera.area_id)
        if camera.area_id == current.area_id:
            await self._tell_change(transaction, "camera.changed", camera)
        else:  # for people of the old area it is gone, for those of the new one it has come
            await self._events.record(transaction, "camera.removed", {"id": camera.id}, current.area_id)
            await self._tell_change(transaction, "camera.added", camera)
        changed = AuditEntry(AuditKind.CAMERA_CHANGE, actor, current.place, detail=_changes(current, camera))
        await self._audit.record(transaction, changed)

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
        await self._tell_change(transaction, kind, camera)

    async def _tell_change(self, transaction: Transaction, kind: str, camera: CameraRecord) -> None:
        shown = camera.shown(self._health.of(camera)).model_dump(mode="json")
        await self._events.record(transaction, kind, shown, camera.area_id)
        transaction.tell_after_commit(self._tell)

    async def _check_service(self, connection: Connection, camera: CameraRecord) -> None:
        for condition in self._conditions:
            await condition(connection, camera)

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
