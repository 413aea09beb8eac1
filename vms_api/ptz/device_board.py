"""Devices that are moved now and then, kept connected: asking for time and services takes longer than a move may."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from ingest.address import HostPolicy, dial_target
from ingest.camera import Credential
from ingest.clock import Clock
from ingest.errors import AddressRefused, HostUnresolved
from ingest.onvif.connection import Login, LoginPolicy
from ingest.onvif.device import OnvifDevice
from ingest.onvif.endpoint import typed_endpoint
from ingest.onvif.ptz import PtzControl
from ingest.onvif.transport import TlsTrust
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.sealing import PasswordSeal
from vms_api.ptz.command import DeviceLink

MAX_DEVICES = 64
"""Connections that are kept; the one that was not used for longest goes first."""


@dataclass(slots=True)
class _Connected:
    link: DeviceLink
    camera: CameraRecord
    device: OnvifDevice
    is_ready: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class DeviceBoard:
    """One connection for each camera. One whose login was refused is kept too: it remembers not to try again."""

    def __init__(self, seal: PasswordSeal, hosts: HostPolicy, clock: Clock) -> None:
        self._seal = seal
        self._hosts = hosts
        self._clock = clock
        self._devices: OrderedDict[str, _Connected] = OrderedDict()

    async def control(self, camera: CameraRecord, link: DeviceLink) -> PtzControl:
        """The movement of a camera.

        Raises:
            IngestError: its device could not be asked.

        """
        connected = await self._connected(camera, link)
        async with connected.lock:
            if not connected.is_ready:
                await connected.device.connect()
                connected.is_ready = True
        return PtzControl(connected.device, link.profile_token)

    async def close(self) -> None:
        """Hangs up everywhere."""
        for connected in self._devices.values():
            await connected.device.connection.close()
        self._devices.clear()

    async def _connected(self, camera: CameraRecord, link: DeviceLink) -> _Connected:
        """The connection to the device as camera and link are now; an older one is closed."""
        known = self._devices.get(camera.id)
        if known and known.link == link and known.camera.updated_at == camera.updated_at:
            self._devices.move_to_end(camera.id)
            return known
        device = await self._device(camera, link)
        connected = _Connected(link, camera, device)
        stale = [self._devices.pop(camera.id, None)]
        self._devices[camera.id] = connected
        if len(self._devices) > MAX_DEVICES:
            stale.append(self._devices.popitem(last=False)[1])
        for old in stale:
            if old:
                await old.device.connection.close()
        return connected

    async def _device(self, camera: CameraRecord, link: DeviceLink) -> OnvifDevice:
        typed = typed_endpoint(link.address)
        try:
            answers = await asyncio.get_running_loop().getaddrinfo(typed.host, typed.port)
        except (OSError, UnicodeError):
            raise HostUnresolved("The host name has no address.") from None
        endpoint = typed.pinned([str(answer[4][0]) for answer in answers], self._hosts)
        login = Login(self._credential(camera), LoginPolicy(link.login), TlsTrust(is_unverified=link.unverified_tls))
        return OnvifDevice(endpoint, login, self._clock)

    def _credential(self, camera: CameraRecord) -> Credential | None:
        if camera.username is None:
            return None
        sealed = camera.sealed_password
        return Credential(camera.username, self._seal.open(sealed, camera.id) if sealed else "")


def is_elsewhere(link: DeviceLink, camera: CameraRecord) -> bool:
    """Whether a device is on another host than the camera's stream: the password was not typed for that one."""
    try:
        return typed_endpoint(link.address).host != dial_target(camera.address).host
    except AddressRefused:
        return True
