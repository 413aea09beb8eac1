"""Looking at devices: each is logged into once, asked what it is, and its streams are opened."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from ingest.address import HostPolicy
from ingest.camera import Credential
from ingest.clock import Clock
from ingest.errors import HostUnresolved, IngestError
from ingest.onvif import namespaces as ns
from ingest.onvif.connection import Login, LoginPolicy
from ingest.onvif.device import OnvifDevice
from ingest.onvif.endpoint import Endpoint, typed_endpoint
from ingest.onvif.messages import MediaProfile
from ingest.onvif.transport import TlsTrust
from vms_api.discovery.examination import DeviceFault, Examined, ExamineIn
from vms_api.discovery.proposal import Caution, CautionKind, Stream, cautions_of, chosen_profiles
from vms_api.discovery.stream_prober import ProbeResult, StreamProber

AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class _Told:
    """What a device told of itself: the row so far, all its profiles, and whether its addresses were ours to mend."""

    row: Examined
    profiles: list[MediaProfile]
    hosts_replaced: int


class DeviceExaminer:
    """Looks at batches of devices. Nothing of what they say is kept."""

    def __init__(self, prober: StreamProber, hosts: HostPolicy, clock: Clock) -> None:
        self._prober = prober
        self._hosts = hosts
        self._clock = clock

    async def examine(self, asked: ExamineIn) -> list[Examined]:
        """One row for each address. A device that cannot be looked at has a fault, and spoils no other row."""
        credential = Credential(asked.username, asked.password or "") if asked.username else None
        login = Login(credential, LoginPolicy(asked.login), TlsTrust(is_unverified=asked.unverified_tls))
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(address: str) -> _Told:
            async with gate:
                return await self._told(address, login)

        told = await asyncio.gather(*(one(address) for address in asked.addresses))
        addresses = [stream.address for each in told for stream in each.row.streams]
        pictured = {each.row.streams[-1].address for each in told if asked.with_pictures and each.row.streams}
        seen = await self._prober.probe(addresses, credential, pictured)
        by_address = dict(zip(addresses, seen, strict=True))
        return [_completed(each, by_address) for each in told]

    async def _told(self, address: str, login: Login) -> _Told:
        try:
            endpoint = await self._endpoint(address)
            async with OnvifDevice(endpoint, login, self._clock) as device:
                return await _ask(device, address)
        except IngestError as error:
            return _Told(Examined(address=address, fault=DeviceFault(code=error.code, message=str(error))), [], 0)

    async def _endpoint(self, address: str) -> Endpoint:
        """The device's address, its name resolved once and judged."""
        typed = typed_endpoint(address)
        try:
            answers = await asyncio.get_running_loop().getaddrinfo(typed.host, typed.port)
        except (OSError, UnicodeError):
            raise HostUnresolved("The host name has no address.") from None
        return typed.pinned([str(answer[4][0]) for answer in answers], self._hosts)


async def _ask(device: OnvifDevice, address: str) -> _Told:
    offer = await device.connect()
    information = await device.information()
    profiles = await device.profiles()
    streams, replaced = [], 0
    for profile in chosen_profiles(profiles):
        reported = await device.stream(profile)
        replaced += reported.host_was_replaced
        streams.append(Stream(address=reported.address, profile_token=profile.token, profile_name=profile.name))
    has_snapshot = bool(profiles) and await device.snapshot(profiles[0]) is not None
    row = Examined(
        address=address,
        manufacturer=information.manufacturer,
        model=information.model,
        firmware=information.firmware,
        serial=information.serial,
        login=device.connection.way,
        clock_offset_s=offer.clock.offset_s if offer.clock else None,
        has_ptz=offer.has(ns.PTZ),
        has_events=offer.has(ns.EVENTS),
        has_imaging=offer.has(ns.IMAGING),
        has_snapshot=has_snapshot,
        streams=streams,
    )
    return _Told(row, profiles, replaced)


def _completed(told: _Told, seen: Mapping[str, ProbeResult]) -> Examined:
    """The row with what its streams turned out to be, and what to know about it."""
    if told.row.fault:
        return told.row
    streams = [_as_seen(stream, seen[stream.address]) for stream in told.row.streams]
    cautions = cautions_of(streams, told.profiles, told.row.clock_offset_s)
    if told.hosts_replaced:
        cautions.append(Caution(code=CautionKind.HOST_REPLACED))
    picture = next((seen[stream.address].picture for stream in reversed(streams)), None)
    return told.row.model_copy(update={"streams": streams, "cautions": cautions, "picture": picture})


def _as_seen(stream: Stream, result: ProbeResult) -> Stream:
    return stream.seen(result.facts) if result.facts else stream.model_copy(update={"fault": result.fault})
