"""Devices that are asked now and then, kept connected: asking for time and services takes longer than a move may.

Everybody who asks a device goes through here, so there is one queue to it, and one attempt at logging in.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from ingest.address import HostPolicy, dial_target
from ingest.camera import Credential
from ingest.clock import Clock
from ingest.errors import AddressRefused, CredentialsRefused, HostUnresolved
from ingest.onvif.connection import Login, LoginPolicy
from ingest.onvif.device import OnvifDevice
from ingest.onvif.endpoint import Endpoint, typed_endpoint
from ingest.onvif.ptz import PtzControl
from ingest.onvif.transport import TlsTrust
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.sealing import PasswordSeal
from vms_api.ptz.command import DeviceLink, LinkedDevice

MAX_DEVICES = 64
"""Connections that are kept beside those that somebody holds; the one not used for longest goes first."""

_Key = tuple[str, bool, str | None]


@dataclass(slots=True)
class _Connected:
    mark: str
    device: OnvifDevice
    is_ready: bool = False
    holders: int = 0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class DeviceBoard:
    """One connection for each device and login, whichever cameras belong to it. A refused login is not tried again."""

    def __init__(self, seal: PasswordSeal, hosts: HostPolicy, clock: Clock) -> None:
        self._seal = seal
        self._hosts = hosts
        self._clock = clock
        self._devices: OrderedDict[_Key, _Connected] = OrderedDict()
        self._refused: set[str] = set()

    async def control(self, camera: CameraRecord, link: LinkedDevice) -> PtzControl:
        """The movement of a camera.

        Raises:
            IngestError: its device could not be asked.

        """
        return PtzControl(await self.device(camera, link), link.profile_token)

    async def device(self, camera: CameraRecord, link: LinkedDevice, *, is_fresh: bool = False) -> OnvifDevice:
        """The camera's device, asked for its time and services; asked again if that has to be fresh.

        Raises:
            CredentialsRefused: it has refused this login, now or earlier.
            IngestError: it could not be asked.

        """
        connected = await self._connected(camera, link)
        async with connected.lock:
            if is_fresh or not connected.is_ready:
                await connected.device.connect()
                connected.is_ready = True
        return connected.device

    @asynccontextmanager
    async def held(self, camera: CameraRecord, link: LinkedDevice) -> AsyncIterator[OnvifDevice]:
        """The device for somebody who stays with it: the connection is kept for the block. Raises as `device`."""
        connected = await self._connected(camera, link)
        connected.holders += 1
        try:
            yield await self.device(camera, link)
        finally:
            connected.holders -= 1

    async def endpoint(self, link: DeviceLink) -> Endpoint:
        """Where the device is, its name resolved and judged.

        Raises:
            AddressRefused, HostUnresolved: nowhere that may be dialled.

        """
        typed = typed_endpoint(link.address)
        try:
            answers = await asyncio.get_running_loop().getaddrinfo(typed.host, typed.port)
        except (OSError, UnicodeError):
            raise HostUnresolved("The host name has no address.") from None
        return typed.pinned([str(answer[4][0]) for answer in answers], self._hosts)

    def login_mark(self, camera: CameraRecord, link: DeviceLink) -> str:
        """What is the same as long as device and login are."""
        credential = self._credential(camera)
        known = ("with", credential.username, credential.password) if credential else ("without",)
        return self._seal.mark(link.address, link.login, *known)

    def refuse(self, marks: Iterable[str]) -> None:
        """Logins that were refused, before this process began or on a connection that is gone."""
        self._refused.update(marks)

    async def close(self) -> None:
        """Hangs up everywhere."""
        for connected in self._devices.values():
            await connected.device.connection.close()
        self._devices.clear()

    async def _connected(self, camera: CameraRecord, link: LinkedDevice) -> _Connected:
        """The connection to the device, trusted and logged into as camera and link say now."""
        mark = self.login_mark(camera, link)
        if mark in self._refused:
            raise CredentialsRefused("The device has refused this login before; it is not tried again.")
        key = (mark, link.unverified_tls, link.pinned_pem)
        if key not in self._devices:
            endpoint = await self.endpoint(link)
            trust = TlsTrust(link.pinned_pem, is_unverified=link.unverified_tls and not link.pinned_pem)
            login = Login(self._credential(camera), LoginPolicy(link.login), trust)
            self._devices.setdefault(key, _Connected(mark, OnvifDevice(endpoint, login, self._clock)))
            await self._let_go()
        self._devices.move_to_end(key)
        return self._devices[key]

    async def _let_go(self) -> None:
        """Closes what is too many; that a login was refused is remembered."""
        idle = [key for key, each in self._devices.items() if not each.holders and not each.lock.locked()]
        for key in idle[: max(0, len(self._devices) - MAX_DEVICES)]:
            old = self._devices.pop(key)
            if old.device.connection.was_refused:
                self._refused.add(old.mark)
            await old.device.connection.close()

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
