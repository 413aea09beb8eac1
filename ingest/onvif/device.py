"""One ONVIF device: who it is, what it offers, where its streams are."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from ingest.clock import Clock
from ingest.errors import AddressRefused
from ingest.onvif import namespaces as ns
from ingest.onvif.connection import Ask, DeviceConnection, Login
from ingest.onvif.endpoint import Endpoint, ReportedStream, reported_stream
from ingest.onvif.envelope import clean, element, operation
from ingest.onvif.errors import DeviceError, OperationRefused, OperationUnsupported
from ingest.onvif.messages import DeviceClock, DeviceInformation, MediaProfile, VideoSettings
from ingest.onvif.tree import Tree

MAX_PROFILES = 32
MAX_RELAYS = 16
_MAX_KILOBITS = 200_000
"""More than any camera sends."""
_CAPABILITIES = {"Media": ns.MEDIA, "PTZ": ns.PTZ, "Events": ns.EVENTS, "Imaging": ns.IMAGING}


@dataclass(frozen=True, slots=True)
class DeviceOffer:
    """The services a device has, each at the adopted host; `clock` is None where it would not tell the time."""

    clock: DeviceClock | None
    services: dict[str, Endpoint]

    def has(self, namespace: str) -> bool:
        """Whether it has the service."""
        return namespace in self.services


class OnvifDevice:
    """Asks one device. Use as an async context manager, or call `close`."""

    def __init__(self, endpoint: Endpoint, login: Login, clock: Clock) -> None:
        self.connection = DeviceConnection(endpoint, login, clock)
        self.offer = DeviceOffer(None, {})

    async def __aenter__(self) -> Self:
        """Asks nothing yet."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hangs up."""
        await self.connection.close()

    async def connect(self) -> DeviceOffer:
        """Reads the device's time, then what services it has. Everything else needs this first.

        Raises:
            IngestError: the device could not be asked.

        """
        clock = await self._clock()
        try:
            services = await self._services()
        except (OperationUnsupported, OperationRefused):
            services = await self._capabilities()
        self.offer = DeviceOffer(clock, {ns.DEVICE: self.connection.endpoint, **services})
        return self.offer

    def service(self, namespace: str) -> Endpoint:
        """Where a service is.

        Raises:
            OperationUnsupported: the device has none.

        """
        if namespace not in self.offer.services:
            raise OperationUnsupported("The device has no such service.")
        return self.offer.services[namespace]

    async def call(self, namespace: str, name: str, inner: str = "", *, is_urgent: bool = False) -> Tree:
        """The answer to one operation of a service.

        Raises:
            IngestError: the device could not be asked, or refused.

        """
        return await self.connection.ask(
            Ask(self.service(namespace), operation(namespace, name, inner), is_urgent=is_urgent)
        )

    async def information(self) -> DeviceInformation:
        """Who it is. Raises as `call`."""
        told = await self.call(ns.DEVICE, "GetDeviceInformation")
        names = ("Manufacturer", "Model", "FirmwareVersion", "SerialNumber", "HardwareId")
        return DeviceInformation(*(clean(told.text(name)) for name in names))

    async def profiles(self) -> list[MediaProfile]:
        """Its profiles, by Media 2 where it has it. Raises as `call`."""
        if self.offer.has(ns.MEDIA2):
            told = await self.call(ns.MEDIA2, "GetProfiles", element("Type", "All"))
            found = [_profile2(profile) for profile in told.all("Profiles")]
        else:
            told = await self.call(ns.MEDIA, "GetProfiles")
            found = [_profile1(profile) for profile in told.all("Profiles")]
        return [profile for profile in found if profile.token][:MAX_PROFILES]

    async def stream(self, profile: MediaProfile) -> ReportedStream:
        """Where a profile's stream is, at the adopted host. Raises as `call`, and AddressRefused."""
        if self.offer.has(ns.MEDIA2):
            inner = element("Protocol", "RTSP") + element("ProfileToken", profile.token)
            told = (await self.call(ns.MEDIA2, "GetStreamUri", inner)).text("Uri")
        else:
            setup = "<tt:Stream>RTP-Unicast</tt:Stream><tt:Transport><tt:Protocol>RTSP</tt:Protocol></tt:Transport>"
            inner = f"<StreamSetup>{setup}</StreamSetup>" + element("ProfileToken", profile.token)
            told = (await self.call(ns.MEDIA, "GetStreamUri", inner)).text("MediaUri", "Uri")
        return reported_stream(told, self.connection.endpoint)

    async def snapshot(self, profile: MediaProfile) -> Endpoint | None:
        """Where a profile's still pictures are; None for a device that has none, or names no HTTP address."""
        namespace = ns.MEDIA2 if self.offer.has(ns.MEDIA2) else ns.MEDIA
        try:
            answer = await self.call(namespace, "GetSnapshotUri", element("ProfileToken", profile.token))
            return self.connection.endpoint.reported(answer.text("Uri") or answer.text("MediaUri", "Uri"))
        except (DeviceError, AddressRefused):
            return None

    async def set_time(self, at: datetime) -> None:
        """Sets the device's clock to a time, given in UTC. Raises as `call`."""
        utc = at.astimezone(UTC)
        time = f"<tt:Hour>{utc.hour}</tt:Hour><tt:Minute>{utc.minute}</tt:Minute><tt:Second>{utc.second}</tt:Second>"
        date = f"<tt:Year>{utc.year}</tt:Year><tt:Month>{utc.month}</tt:Month><tt:Day>{utc.day}</tt:Day>"
        stamp = f"<UTCDateTime><tt:Time>{time}</tt:Time><tt:Date>{date}</tt:Date></UTCDateTime>"
        kind = element("DateTimeType", "Manual") + element("DaylightSavings", "false")
        await self.call(ns.DEVICE, "SetSystemDateAndTime", kind + stamp)

    async def reboot(self) -> None:
        """Has the device start anew; it does not answer for a while then. Raises as `call`."""
        await self.call(ns.DEVICE, "SystemReboot")

    async def ask_key_frame(self, profile_token: str) -> None:
        """Has a profile's stream send a key frame soon (Media 2 Specification, clause 5.3.7). Raises as `call`."""
        namespace = ns.MEDIA2 if self.offer.has(ns.MEDIA2) else ns.MEDIA
        await self.call(namespace, "SetSynchronizationPoint", element("ProfileToken", profile_token))

    async def relays(self) -> list[str]:
        """The tokens of its relay outputs; none for a device without. Raises as `call`."""
        try:
            told = await self.call(ns.DEVICE, "GetRelayOutputs")
        except (OperationRefused, OperationUnsupported):
            return []
        tokens = (each.attribute("token") for each in told.all("RelayOutputs"))
        return [token for token in tokens if token and token == clean(token)][:MAX_RELAYS]

    async def set_relay(self, token: str, *, is_active: bool) -> None:
        """Switches a relay output (ONVIF Core Specification, clause 8.5.3). Raises as `call`."""
        state = element("LogicalState", "active" if is_active else "inactive")
        await self.call(ns.DEVICE, "SetRelayOutputState", element("RelayOutputToken", token) + state)

    async def _clock(self) -> DeviceClock | None:
        try:
            return await self.connection.read_clock()
        except (OperationRefused, OperationUnsupported):
            return None

    async def _services(self) -> dict[str, Endpoint]:
        inner = element("IncludeCapability", "false")
        ask = Ask(self.connection.endpoint, operation(ns.DEVICE, "GetServices", inner))
        told = await self.connection.ask(ask)
        pairs = ((service.text("Namespace"), service.text("XAddr")) for service in told.all("Service"))
        return self._placed(dict(pairs))

    async def _capabilities(self) -> dict[str, Endpoint]:
        """What GetCapabilities names, for devices older than GetServices."""
        ask = Ask(self.connection.endpoint, operation(ns.DEVICE, "GetCapabilities", element("Category", "All")))
        told = (await self.connection.ask(ask)).first("Capabilities")
        pairs = {ns_: told.text(name, "XAddr") for name, ns_ in _CAPABILITIES.items()} if told else {}
        return self._placed({namespace: address for namespace, address in pairs.items() if address})

    def _placed(self, reported: dict[str, str]) -> dict[str, Endpoint]:
        """The services at the adopted host; one with an address that is none is left out."""
        placed = {}
        for namespace, address in reported.items():
            try:
                placed[namespace] = self.connection.endpoint.reported(address)
            except AddressRefused:
                continue
        return placed


def _profile1(told: Tree) -> MediaProfile:
    video = told.first("VideoEncoderConfiguration")
    gop = video.text("H264", "GovLength") if video else ""
    has_ptz = told.first("PTZConfiguration") is not None
    source = clean(told.text("VideoSourceConfiguration", "SourceToken"))
    return MediaProfile(told.attribute("token"), clean(told.text("Name")), _video(video, gop), has_ptz, source)


def _profile2(told: Tree) -> MediaProfile:
    video = told.first("Configurations", "VideoEncoder")
    gop = video.attribute("GovLength") if video else ""
    has_ptz = told.first("Configurations", "PTZ") is not None
    source = clean(told.text("Configurations", "VideoSource", "SourceToken"))
    return MediaProfile(told.attribute("token"), clean(told.text("Name")), _video(video, gop), has_ptz, source)


def _video(told: Tree | None, gop: str) -> VideoSettings | None:
    if told is None:
        return None
    return VideoSettings(
        clean(told.text("Encoding")).upper(),
        _number(told.text("Resolution", "Width")) or 0,
        _number(told.text("Resolution", "Height")) or 0,
        _number(told.text("RateControl", "FrameRateLimit")),
        _kilobits(_number(told.text("RateControl", "BitrateLimit"))),
        _number(gop),
    )


def _kilobits(told: int | None) -> int | None:
    """A bit rate; some devices tell bits where kilobits are meant."""
    return told // 1000 if told and told > _MAX_KILOBITS else told


def _number(text: str) -> int | None:
    """A whole number of a device, None for nothing or nonsense."""
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if 0 <= number < 1_000_000_000 else None  # noqa: PLR2004 - beyond any rate or size
