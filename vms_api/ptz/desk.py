"""Moving cameras: the lease, the device, the audit row."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ingest.clock import Clock
from ingest.errors import IngestError
from ingest.onvif.ptz import PtzControl
from vms_api.audit.entry import SYSTEM, Actor, AuditEntry, AuditKind, Outcome, Place
from vms_api.audit.log import AuditLog
from vms_api.cameras.registry import existing_camera
from vms_api.database import Database
from vms_api.ptz import store
from vms_api.ptz.command import DeviceLink, GoIn, IdleReturnIn, MoveIn, PresetIn, Ptz, Stopped, StoredPosition
from vms_api.ptz.device_board import DeviceBoard, is_elsewhere
from vms_api.ptz.errors import DeviceElsewhere, DeviceUnavailable, PtzMissing, PtzTaken
from vms_api.ptz.lease import Lease, Operator, granted

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Mover:
    """Who moves the camera of a place."""

    place: Place
    operator: Operator
    actor: Actor

    @property
    def camera_id(self) -> str:
        """The camera."""
        return self.place.camera_id or ""


class PtzDesk:
    """Whether somebody may move a camera at all is the routes' business. Leases are forgotten with the process."""

    def __init__(self, database: Database, audit: AuditLog, board: DeviceBoard, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._board = board
        self._clock = clock
        self._leases: dict[str, Lease] = {}

    async def link(self, camera_id: str, link: DeviceLink, actor: Actor) -> None:
        """Says which device a camera belongs to.

        Raises:
            NotFound: no such camera.
            DeviceElsewhere: the device is not on the host that sends the stream: it would be sent the password.

        """
        async with self._database.write() as transaction:
            camera = await existing_camera(transaction.connection, camera_id)
            if is_elsewhere(link, camera):
                raise DeviceElsewhere
            await store.set_link(transaction, camera_id, link)
            detail = {"device": link.model_dump()}
            await self._audit.record(
                transaction, AuditEntry(AuditKind.CAMERA_CHANGE, actor, camera.place, detail=detail)
            )

    async def state(self, camera_id: str) -> Ptz:
        """Whether the camera can be moved, and who moves it."""
        async with self._database.read() as connection:
            camera = await existing_camera(connection, camera_id)
            link = await store.find_link(connection, camera_id)
        lease = self._leases.get(camera_id)
        is_held = lease is not None and not lease.is_over(self._clock.monotonic_s())
        holder = lease.holder.username if lease and is_held else None
        idle = IdleReturnIn(preset=link.idle_preset, after_s=link.idle_after_s) if link and link.idle_after_s else None
        is_available = link is not None and not is_elsewhere(link, camera)
        return Ptz(is_available=is_available, holder=holder, idle_return=idle)

    async def move(self, mover: Mover, body: MoveIn) -> None:
        """Moves; the camera ends it by itself after the seconds.

        Raises:
            PtzMissing, PtzTaken, DeviceUnavailable: it is not moved.

        """
        speed = (body.pan, body.tilt, body.zoom)
        detail = {"move": list(speed), "seconds": body.seconds}
        await self._done(mover, detail, lambda ptz: ptz.move(speed, body.seconds))

    async def stop(self, mover: Mover) -> Stopped:
        """Stops, before whatever waits for the camera. Raises as `move`."""
        return Stopped(confirmed=await self._done(mover, {"stop": True}, lambda ptz: ptz.stop()))

    async def go(self, mover: Mover, body: GoIn) -> None:
        """Turns to a preset or home. Raises as `move`."""
        token = body.preset
        if token is None:
            await self._done(mover, {"home": True}, lambda ptz: ptz.go_home())
        else:
            await self._done(mover, {"preset": token}, lambda ptz: ptz.go_to_preset(token))

    async def store_preset(self, mover: Mover, body: PresetIn, token: str | None = None) -> StoredPosition:
        """Stores where the camera points now, as a new preset or in place of one. Raises as `move`."""
        detail = {"store": body.name, "preset": token}
        stored = await self._done(mover, detail, lambda ptz: ptz.store_preset(body.name, token))
        return StoredPosition(token=stored, name=body.name)

    async def remove_preset(self, mover: Mover, token: str) -> None:
        """Forgets a preset. Raises as `move`."""
        await self._done(mover, {"remove": token}, lambda ptz: ptz.remove_preset(token))

    async def set_idle_return(self, camera_id: str, body: IdleReturnIn, actor: Actor) -> None:
        """Says where the camera turns when it is left alone.

        Raises:
            NotFound: no such camera.
            PtzMissing: it has no device.

        """
        async with self._database.write() as transaction:
            camera = await existing_camera(transaction.connection, camera_id)
            values = {"idle_preset": body.preset, "idle_after_s": body.after_s}
            if not await store.decide(transaction, camera_id, **values):
                raise PtzMissing
            detail = {"idle_return": body.model_dump()}
            entry = AuditEntry(AuditKind.CAMERA_CHANGE, actor, camera.place, detail=detail)
            await self._audit.record(transaction, entry)

    def left(self, now_s: float) -> Mapping[str, float]:
        """For how many seconds nobody has had the cameras that somebody had."""
        return {id_: now_s - lease.ends_s for id_, lease in self._leases.items() if lease.is_over(now_s)}

    def forget(self, camera_id: str) -> None:
        """Nobody has had the camera."""
        self._leases.pop(camera_id, None)

    async def turn_back(self, camera_id: str, preset: str | None) -> None:
        """Turns a camera that was left alone to a preset, or home: the system's own act.

        Raises:
            NotFound, PtzMissing, DeviceUnavailable: it is not turned.

        """
        async with self._database.read() as connection:
            camera = await existing_camera(connection, camera_id)
        mover = Mover(camera.place, Operator("", "system", 0), SYSTEM)
        detail = {"idle_return": True, **({"preset": preset} if preset else {"home": True})}
        await self._acted(mover, detail, lambda ptz: ptz.go_to_preset(preset) if preset else ptz.go_home())

    async def presets(self, camera_id: str) -> list[StoredPosition]:
        """The stored positions; takes no lease.

        Raises:
            PtzMissing, DeviceUnavailable: they cannot be listed.

        """
        try:
            found = await (await self._control(camera_id)).presets()
        except IngestError as error:
            raise DeviceUnavailable(error.code, str(error)) from None
        return [StoredPosition(token=preset.token, name=preset.name) for preset in found]

    async def _done(
        self, mover: Mover, detail: Mapping[str, Any], act: Callable[[PtzControl], Awaitable[_Answer]]
    ) -> _Answer:
        """The answer to an act of the person who has the camera. Its row is written whether it worked or not."""
        self._take(mover)
        return await self._acted(mover, detail, act)

    async def _acted(
        self, mover: Mover, detail: Mapping[str, Any], act: Callable[[PtzControl], Awaitable[_Answer]]
    ) -> _Answer:
        try:
            answer = await act(await self._control(mover.camera_id))
        except IngestError as error:
            failed = {**detail, "code": error.code}
            await self._record(mover, failed, Outcome.FAILED)
            raise DeviceUnavailable(error.code, str(error)) from None
        await self._record(mover, detail, Outcome.DONE)
        return answer

    def _take(self, mover: Mover) -> None:
        now_s = self._clock.monotonic_s()
        current = self._leases.get(mover.camera_id)
        lease = granted(current, mover.operator, now_s)
        if lease is None and current is not None:
            raise PtzTaken(current.holder.username, max(1, round(current.ends_s - now_s)))
        if lease is not None:
            self._leases[mover.camera_id] = lease

    async def _control(self, camera_id: str) -> PtzControl:
        async with self._database.read() as connection:
            camera = await existing_camera(connection, camera_id)
            link = await store.find_link(connection, camera_id)
        if link is None or is_elsewhere(link, camera):
            raise PtzMissing
        return await self._board.control(camera, link)

    async def _record(self, mover: Mover, detail: Mapping[str, Any], outcome: Outcome) -> None:
        entry = AuditEntry(AuditKind.PTZ_MOVE, mover.actor, mover.place, detail=detail, outcome=outcome)
        await self._audit.record_alone(entry)
