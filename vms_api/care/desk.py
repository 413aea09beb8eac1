"""What is known of devices, and what people decide about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ingest.clock import Clock
from ingest.errors import IngestError
from ingest.onvif.certificate import DeviceCertificate as ShownCertificate
from ingest.onvif.certificate import read_certificate
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.cameras import store as camera_store
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.health_board import HealthBoard
from vms_api.cameras.registry import existing_camera
from vms_api.care import store
from vms_api.care.device import (
    Capabilities,
    Device,
    DeviceCertificate,
    DeviceFacts,
    DeviceState,
    DeviceStream,
    Relay,
    Role,
    StreamSettings,
    Subscription,
)
from vms_api.care.drift import drift
from vms_api.care.errors import CertificateChanged, CertificateMissing, DeviceMissing, DeviceUnchecked
from vms_api.care.inspector import DeviceInspector
from vms_api.database import Connection, Database
from vms_api.ptz import store as link_store
from vms_api.ptz.command import LinkedDevice
from vms_api.ptz.device_board import DeviceBoard, is_elsewhere
from vms_api.ptz.errors import DeviceUnavailable

IsAsked = Callable[[str, LinkedDevice], bool]
"""Which devices are meant, by the id of their camera and their link."""


def _always(_camera_id: str, _link: LinkedDevice) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class CaredFor:
    """A camera with its device."""

    camera: CameraRecord
    link: LinkedDevice


class CareDesk:
    """Who may ask is the routes' business.

    `relays` remembers how relay outputs were last switched or told, `listening` to whose devices is listened now.
    """

    def __init__(
        self, database: Database, audit: AuditLog, board: DeviceBoard, health: HealthBoard, clock: Clock
    ) -> None:
        self._database = database
        self._audit = audit
        self._board = board
        self._health = health
        self._inspector = DeviceInspector(board, clock)
        self.relays: dict[tuple[str, str], bool] = {}
        self.listening: dict[str, Subscription] = {}

    async def read(self, camera_id: str) -> Device:
        """What is known of a camera's device.

        Raises:
            NotFound: no such camera.

        """
        async with self._database.read() as connection:
            camera = await existing_camera(connection, camera_id)
            link = await link_store.find_link(connection, camera_id)
            state = await store.find_state(connection, camera_id)
        return self._shown(camera, link, state) if link else Device()

    async def known(self, connection: Connection, camera_id: str) -> CaredFor:
        """The camera and its device.

        Raises:
            NotFound: no such camera.
            DeviceMissing: it has none, or its address was changed to another host since.

        """
        camera = await existing_camera(connection, camera_id)
        link = await link_store.find_link(connection, camera_id)
        if link is None or is_elsewhere(link, camera):
            raise DeviceMissing
        return CaredFor(camera, link)

    async def all_known(self, is_asked: IsAsked = _always) -> Mapping[str, tuple[CaredFor, DeviceState | None]]:
        """Every enabled camera that has a device, with how the last look at it ended; only those `is_asked` names."""
        async with self._database.read() as connection:
            found = await link_store.list_links(connection)
            links = {camera_id: link for camera_id, link in found.items() if is_asked(camera_id, link)}
            if not links:
                return {}
            states = await store.list_states(connection)
            cameras = await camera_store.list_cameras(connection)
        return {
            camera.id: (CaredFor(camera, links[camera.id]), states.get(camera.id))
            for camera in cameras
            if camera.enabled and camera.id in links and not is_elsewhere(links[camera.id], camera)
        }

    async def states(self) -> Mapping[str, DeviceState]:
        """How the last looks ended, by camera."""
        async with self._database.read() as connection:
            return await store.list_states(connection)

    async def check(self, camera_id: str, actor: Actor) -> None:
        """Looks at a device because somebody asks. Raises as `known`."""
        async with self._database.read() as connection:
            cared = await self.known(connection, camera_id)
        state = await self.look(cared)
        detail = {"state": state.state, "code": state.fault}
        await self._audit.record_alone(AuditEntry(AuditKind.DEVICE_CHECK, actor, cared.camera.place, detail=detail))

    async def look(self, cared: CaredFor) -> DeviceState:
        """Looks at a device and keeps what was seen. What the first look sees is what is expected from then on."""
        camera = cared.camera
        state = await self._inspector.look(camera, cared.link, self._health.of(camera))
        async with self._database.write() as transaction:
            link = await link_store.find_link(transaction.connection, camera.id)
            if link is None:
                return state  # the camera was removed meanwhile
            state = state.after(await store.find_state(transaction.connection, camera.id))
            await store.put_state(transaction, camera.id, state)
            if link.expected is None and state.facts and state.facts.streams:
                await link_store.decide(transaction, camera.id, expected=_expected(state.facts))
        return state

    async def take_expected(self, camera_id: str, actor: Actor) -> None:
        """Makes the settings of the last look those that are expected.

        Raises:
            DeviceUnchecked: there was no look that saw any.

        """
        async with self._database.write() as transaction:
            cared = await self.known(transaction.connection, camera_id)
            state = await store.find_state(transaction.connection, camera_id)
            if state is None or state.facts is None or not state.facts.streams:
                raise DeviceUnchecked
            expected = _expected(state.facts)
            await link_store.decide(transaction, camera_id, expected=expected)
            entry = AuditEntry(AuditKind.DEVICE_EXPECTED, actor, cared.camera.place, detail={"expected": expected})
            await self._audit.record(transaction, entry)

    async def pin(self, camera_id: str, fingerprint: str | None, actor: Actor) -> None:
        """Takes only the certificate that the device shows now, if it has that fingerprint; None: no longer only it.

        Raises:
            CertificateMissing: the device is asked without TLS.
            CertificateChanged: it shows another one.
            DeviceUnavailable: it shows none now.

        """
        async with self._database.read() as connection:
            cared = await self.known(connection, camera_id)
        shown = await self._certificate(cared) if fingerprint else None
        if shown and shown.fingerprint_sha256 != fingerprint:
            raise CertificateChanged
        async with self._database.write() as transaction:
            pinned = {"pinned_pem": shown.pem if shown else None, "pinned_fingerprint": fingerprint}
            await link_store.decide(transaction, camera_id, **pinned)
            detail = {"fingerprint_sha256": fingerprint}
            entry = AuditEntry(AuditKind.DEVICE_CERTIFICATE, actor, cared.camera.place, detail=detail)
            await self._audit.record(transaction, entry)

    async def _certificate(self, cared: CaredFor) -> ShownCertificate:
        try:
            endpoint = await self._board.endpoint(cared.link)
            if endpoint.scheme != "https":
                raise CertificateMissing
            return await read_certificate(endpoint)
        except IngestError as error:
            raise DeviceUnavailable(error.code, str(error)) from None

    async def note_refusals(self) -> None:
        """Takes into memory which logins were refused before this process began."""
        async with self._database.read() as connection:
            states = await store.list_states(connection)
        self._board.refuse(state.login_mark for state in states.values() if state.state == "refused")

    def login_mark(self, cared: CaredFor) -> str:
        """What tells the camera's present login to its device."""
        return self._board.login_mark(cared.camera, cared.link)

    def _shown(self, camera: CameraRecord, link: LinkedDevice, state: DeviceState | None) -> Device:
        listening = self.listening.get(camera.id, Subscription())
        base = Device(kind="onvif", device_url=link.address, wants_notices=link.wants_notices, subscription=listening)
        if state is None or is_elsewhere(link, camera):
            return base
        facts = state.facts or DeviceFacts()
        told = facts.model_dump(include={"manufacturer", "model", "firmware", "serial", "time_zone", "time_source"})
        relays = [Relay(token=token, active=self.relays.get((camera.id, token))) for token in facts.relays]
        certificate = state.certificate and DeviceCertificate(
            **state.certificate.model_dump(), pinned=link.pinned_fingerprint is not None
        )
        return base.model_copy(
            update={
                **told,
                "state": state.state,
                "fault": state.fault,
                "checked_at": state.checked_at,
                "clock_offset_s": state.clock_offset_s,
                "clock_checked_at": state.clock_checked_at,
                "certificate": certificate,
                "capabilities": Capabilities(ptz=facts.ptz, events=facts.events, imaging=facts.imaging, relays=relays),
                "streams": _streams(link.expected or {}, facts),
            }
        )


def _expected(facts: DeviceFacts) -> dict[str, Any]:
    return {role: settings.model_dump() for role, settings in facts.streams.items()}


def _streams(stored: Mapping[str, Any], facts: DeviceFacts) -> list[DeviceStream]:
    roles: tuple[Role, ...] = ("main", "sub")
    wanted = {role: StreamSettings.model_validate(stored[role]) for role in roles if role in stored}
    return [
        DeviceStream(
            role=role,
            expected=wanted.get(role),
            actual=facts.streams.get(role),
            drift=drift(wanted.get(role), facts.streams.get(role)),
        )
        for role in roles
        if role in wanted or role in facts.streams
    ]
