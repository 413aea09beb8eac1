"""The few things that are done to a device: each by somebody's right, each with its row, failed ones too."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ingest.clock import Clock
from ingest.errors import IngestError
from ingest.onvif.device import OnvifDevice
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Outcome
from vms_api.audit.log import AuditLog
from vms_api.care import store
from vms_api.care.desk import CareDesk, CaredFor
from vms_api.care.device import DeviceFacts
from vms_api.database import Database
from vms_api.errors import NotFound
from vms_api.ptz.device_board import DeviceBoard
from vms_api.ptz.errors import DeviceUnavailable


class DeviceActs:
    """Sets clocks, reboots, asks for key frames, switches relays."""

    def __init__(self, database: Database, audit: AuditLog, board: DeviceBoard, desk: CareDesk, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._board = board
        self._desk = desk
        self._clock = clock

    async def set_clock(self, camera_id: str, actor: Actor) -> None:
        """Sets the device's clock to ours, by hand: one that followed a time server does not any more.

        Raises:
            DeviceMissing, DeviceUnavailable: it was not done.

        """
        cared, _ = await self._known(camera_id)
        state = await self._desk.look(cared)
        detail = {"offset_s": state.clock_offset_s}
        act: Callable[[OnvifDevice], Awaitable[None]] = lambda device: device.set_time(self._clock.now())  # noqa: E731
        await self._done(cared, AuditKind.DEVICE_CLOCK, act, actor, detail)
        await self._desk.look(cared)

    async def reboot(self, camera_id: str, actor: Actor) -> None:
        """Has the device start anew. Raises as `set_clock`."""
        cared, _ = await self._known(camera_id)
        await self._done(cared, AuditKind.DEVICE_REBOOT, lambda device: device.reboot(), actor, {})

    async def ask_key_frame(self, camera_id: str, actor: Actor) -> None:
        """Has the device send a key frame of each of the camera's streams now. Raises as `set_clock`."""
        cared, facts = await self._known(camera_id)
        tokens = list(facts.profiles.values()) or [cared.link.profile_token]

        async def act(device: OnvifDevice) -> None:
            for token in tokens:
                await device.ask_key_frame(token)

        await self._done(cared, AuditKind.DEVICE_KEYFRAME, act, actor, {})

    async def set_relay(
        self, camera_id: str, token: str, actor: Actor, *, is_active: bool, rule_id: str | None = None
    ) -> None:
        """Switches a relay output, because somebody wants it or for a rule.

        Raises:
            NotFound: the device has no such output.
            DeviceMissing, DeviceUnavailable: it was not done.

        """
        cared, facts = await self._known(camera_id)
        if token not in facts.relays:
            raise NotFound("no such relay")
        detail = {"relay": token, "active": is_active, **({"rule": rule_id} if rule_id else {})}
        await self._done(
            cared,
            AuditKind.DEVICE_RELAY,
            lambda device: device.set_relay(token, is_active=is_active),
            actor,
            detail,
        )
        self._desk.relays[camera_id, token] = is_active

    async def _known(self, camera_id: str) -> tuple[CaredFor, DeviceFacts]:
        async with self._database.read() as connection:
            cared = await self._desk.known(connection, camera_id)
            state = await store.find_state(connection, camera_id)
        return cared, state.facts if state and state.facts else DeviceFacts()

    async def _done(
        self,
        cared: CaredFor,
        kind: AuditKind,
        act: Callable[[OnvifDevice], Awaitable[None]],
        actor: Actor,
        detail: Mapping[str, Any],
    ) -> None:
        entry = AuditEntry(kind, actor, cared.camera.place, detail=detail)
        try:
            await act(await self._board.device(cared.camera, cared.link))
        except IngestError as error:
            failed = {**detail, "code": error.code}
            await self._audit.record_alone(
                AuditEntry(kind, actor, cared.camera.place, detail=failed, outcome=Outcome.FAILED)
            )
            raise DeviceUnavailable(error.code, str(error)) from None
        await self._audit.record_alone(entry)
