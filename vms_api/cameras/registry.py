"""The registry of cameras: each change is a row, an event and a new version of what the node is to do, or nothing."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from ipaddress import ip_address
from typing import Any

from pydantic import ValidationError

from ingest.address import HostPolicy, dial_target, parse_address
from ingest.camera import Credential
from ingest.clock import Clock
from ingest.errors import AddressRefused
from ingest.identifier import new_identifier
from vms_api.accounts.rights_board import RightsBoard
from vms_api.cameras import store
from vms_api.cameras.camera import CameraIn, CameraPatch, CameraRecord
from vms_api.cameras.health_board import HealthBoard
from vms_api.cameras.sealing import PasswordSeal
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
        seal: PasswordSeal,
        hosts: HostPolicy,
        clock: Clock,
        rights: RightsBoard,
    ) -> None:
        self._database = database
        self._events = events
        self._health = health
        self._seal = seal
        self._hosts = hosts
        self._clock = clock
        self._rights = rights
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Has `listener` called after each committed change."""
        self._listeners.append(listener)

    async def create(self, body: CameraIn, area_id: str) -> CameraRecord:
        """A new camera in the area.

        Raises:
            InvalidRequest: an address is refused.
            NameTaken: another camera of the area has that name.

        """
        now = self._clock.now()
        blank = CameraRecord(new_identifier(), area_id, body.name, "", None, "tcp", None, None, True, True, now, now)
        given = {key: value for key, value in body.model_dump().items() if value is not None}
        camera = self._changed(blank, body, given, now)
        async with self._database.write() as transaction:
            await _refusing_taken_names(store.insert_camera, transaction, camera)
            self._rights.place_camera(transaction, camera.id, camera.area_id)
            await self.record_change(transaction, "camera.added", camera)
        return camera

    async def change(self, camera_id: str, patch: CameraPatch) -> CameraRecord:
        """Changes any part of a camera.

        Raises:
            NotFound: no such camera.
            InvalidRequest: an address is refused, or a field that cannot be empty is null.
            NameTaken: another camera has that name.

        """
        given = patch.model_dump(exclude_unset=True)
        async with self._database.write() as transaction:
            current = await existing_camera(transaction.connection, camera_id)
            camera = self._changed(current, _merged(current, given), given, self._clock.now())
            await _refusing_taken_names(store.update_camera, transaction, camera)
            self._rights.place_camera(transaction, camera.id, camera.area_id)
            if camera.area_id == current.area_id:
                await self.record_change(transaction, "camera.changed", camera)
            else:  # for people of the old area it is gone, for those of the new one it has come
                await self._events.record(transaction, "camera.removed", {"id": camera.id}, current.area_id)
                await self.record_change(transaction, "camera.added", camera)
        return camera

    async def remove(self, camera_id: str) -> None:
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
            transaction.after_commit(lambda: self._health.forget(camera_id))
            transaction.after_commit(self._tell)

    async def record_change(self, transaction: Transaction, kind: str, camera: CameraRecord) -> None:
        """Adds to a change what belongs to it: the event, the version, and the node's wake-up."""
        await store.bump_version(transaction)
        shown = camera.shown(self._health.of(camera)).model_dump(mode="json")
        await self._events.record(transaction, kind, shown, camera.area_id)
        transaction.after_commit(self._tell)

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def _changed(self, current: CameraRecord, body: CameraIn, given: dict[str, Any], now: datetime) -> CameraRecord:
        address, login = self._parsed(body.address, "address")
        sub_address, sub_login = self._parsed(body.sub_address, "sub_address") if body.sub_address else (None, None)
        username, sealed = self._login(current, given, login or sub_login)
        return CameraRecord(
            id=current.id,
            area_id=body.area_id or current.area_id,
            name=body.name,
            address=address,
            sub_address=sub_address,
            transport=body.transport,
            username=username,
            sealed_password=sealed,
            enabled=body.enabled,
            analysed=body.analysed,
            created_at=current.created_at,
            updated_at=now,
            rule_count=current.rule_count,
        )

    def _parsed(self, text: str, field: str) -> tuple[str, Credential | None]:
        """Refuses at once what the node would never dial; names are resolved, and judged, only there."""
        try:
            address, login = parse_address(text)
            with suppress(ValueError):
                self._hosts.pin([str(ip_address(dial_target(address).host))])
        except AddressRefused as error:
            raise InvalidRequest.field(field, error.code, str(error)) from None
        return address, login

    def _login(
        self, current: CameraRecord, given: dict[str, Any], in_address: Credential | None
    ) -> tuple[str | None, bytes | None]:
        """What was typed into the fields goes before what was in the address, and that before what was stored."""
        username = given.get("username") or (in_address.username if in_address else None)
        if username is None and "username" not in given:
            username = current.username
        password = given.get("password") or (in_address.password if in_address else None)
        if password:
            return username, self._seal.seal(password, current.id)
        return username, None if "password" in given else current.sealed_password


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
