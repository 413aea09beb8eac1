"""Looking at one device: what it is, what time it has, how its streams are set up, which certificate it shows."""

from dataclasses import replace

from ingest.clock import Clock
from ingest.errors import CredentialsRefused, IngestError
from ingest.onvif import namespaces as ns
from ingest.onvif.certificate import read_certificate
from ingest.onvif.device import DeviceOffer, OnvifDevice
from ingest.onvif.messages import MediaProfile
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.health import CameraHealth
from vms_api.care.device import CertificateFacts, DeviceFacts, DeviceState, Role
from vms_api.care.drift import actual_settings
from vms_api.discovery.proposal import chosen_profiles
from vms_api.ptz.command import LinkedDevice
from vms_api.ptz.device_board import DeviceBoard


class DeviceInspector:
    """Asks each device five questions, and opens no stream: those are known from whoever plays them."""

    def __init__(self, board: DeviceBoard, clock: Clock) -> None:
        self._board = board
        self._clock = clock

    async def look(self, camera: CameraRecord, link: LinkedDevice, health: CameraHealth) -> DeviceState:
        """How the device is now. A login that it refuses, or has refused, is a state like others."""
        now, mark = self._clock.now(), self._board.login_mark(camera, link)
        state = DeviceState("reachable", None, now, mark)
        try:
            state = replace(state, certificate=await self._certificate(link))
            device = await self._board.device(camera, link, is_fresh=True)
            facts = await _facts(device, camera, link, health)
        except CredentialsRefused as error:
            self._board.refuse([mark])
            return replace(state, state="refused", fault=error.code)
        except IngestError as error:
            return replace(state, state="unreachable", fault=error.code)
        clock = device.offer.clock
        if clock is None:
            return replace(state, facts=facts)
        return replace(state, facts=facts, clock_offset_s=clock.offset_s, clock_checked_at=now)

    async def _certificate(self, link: LinkedDevice) -> CertificateFacts | None:
        endpoint = await self._board.endpoint(link)
        if endpoint.scheme != "https":
            return None
        shown = await read_certificate(endpoint)
        return CertificateFacts(expires_at=shown.expires_at, fingerprint_sha256=shown.fingerprint_sha256)


async def _facts(device: OnvifDevice, camera: CameraRecord, link: LinkedDevice, health: CameraHealth) -> DeviceFacts:
    """What the device tells.

    Raises:
        IngestError: it could not be asked.

    """
    information, offer = await device.information(), device.offer
    profiles = await device.profiles()
    used = _by_role(profiles, link.profile_token, camera)
    seen = {stream.role: stream for stream in health.streams}
    return DeviceFacts(
        manufacturer=information.manufacturer,
        model=information.model,
        firmware=information.firmware,
        serial=information.serial,
        time_zone=offer.clock.time_zone if offer.clock else "",
        time_source=offer.clock.source if offer.clock else "",
        **_offered(offer),
        relays=await device.relays(),
        source_token=_source(profiles, link.profile_token),
        profiles={role: profile.token for role, profile in used.items()},
        streams={role: actual_settings(profile.video, seen.get(role)) for role, profile in used.items()},
    )


def _offered(offer: DeviceOffer) -> dict[str, bool]:
    return {"ptz": offer.has(ns.PTZ), "events": offer.has(ns.EVENTS), "imaging": offer.has(ns.IMAGING)}


def _by_role(profiles: list[MediaProfile], token: str, camera: CameraRecord) -> dict[Role, MediaProfile]:
    """The profiles of the camera's streams: of those of its own lens the largest, and the smallest."""
    source = _source(profiles, token)
    own = [profile for profile in profiles if profile.source_token == source]
    roles: tuple[Role, ...] = ("main", "sub") if camera.sub_address else ("main",)
    return dict(zip(roles, chosen_profiles(own), strict=False))


def _source(profiles: list[MediaProfile], token: str) -> str:
    found = (profile.source_token for profile in profiles if profile.token == token)
    return next(found, profiles[0].source_token if profiles else "")
