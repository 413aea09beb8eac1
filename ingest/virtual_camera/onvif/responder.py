"""Answers WS-Discovery probes in any of the shapes that real devices choose."""

import asyncio
import re
import socket
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from random import SystemRandom
from uuid import UUID

from ingest.onvif import namespaces as ns
from ingest.onvif.tree import MalformedXml, parse_tree
from ingest.virtual_camera.onvif.quirks import ReplyShape

GROUP = "239.255.255.250"
"""Where probes are sent to (WS-Discovery clause 2.4)."""

DISCOVERY_PORT = 3702
"""The UDP port of WS-Discovery (clause 2.4)."""

_MAX_DELAY_S = 0.5  # WS-Discovery clause 2.4, APP_MAX_DELAY: all answer, but not all at once
_RNG = SystemRandom()
_TYPES = "dn:NetworkVideoTransmitter tds:Device"


@dataclass(frozen=True, slots=True)
class Presence:
    """One device as discovery tells of it: an identity, the device service's address, scopes, and the reply's shape."""

    id: UUID
    address: str
    scopes: tuple[str, ...]
    shape: ReplyShape


class DiscoveryResponder(asyncio.DatagramProtocol):
    """One ear on UDP for the devices of a host."""

    def __init__(self, presences: Iterable[Presence]) -> None:
        self._presences = tuple(presences)
        self._delay_s = 0.0
        self._transport: asyncio.DatagramTransport

    async def open(self, host: str, port: int) -> int:
        """Begins to listen; returns the port. Joins the multicast group where the interface has one.

        Raises:
            OSError: the address cannot be bound.

        """
        ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        ear.setblocking(False)
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        is_wide = ip_address(host).is_unspecified
        self._delay_s = _MAX_DELAY_S if is_wide else 0.0
        try:
            ear.bind((host, port))
            if is_wide:
                with suppress(OSError):  # a network without multicast still has unicast probes
                    wanted = struct.pack("4s4s", socket.inet_aton(GROUP), socket.inet_aton("0.0.0.0"))  # noqa: S104
                    ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, wanted)
        except OSError:
            ear.close()
            raise
        self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=ear)
        return int(ear.getsockname()[1])

    def close(self) -> None:
        """Stops listening."""
        self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is there; `open` has kept the transport."""

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """A probe came, or something else."""
        try:
            envelope = parse_tree(data)
        except MalformedXml:
            return
        probe, message_id = envelope.first("Body", "Probe"), envelope.text("Header", "MessageID")
        if probe is None or not message_id or not _is_for_us(probe.text("Types")):
            return
        for presence in self._presences:
            reply = _reply(presence, message_id).encode()
            asyncio.get_running_loop().call_later(_RNG.uniform(0, self._delay_s), self._send, reply, addr)

    def _send(self, reply: bytes, addr: tuple[str, int]) -> None:
        if not self._transport.is_closing():
            self._transport.sendto(reply, addr)


def _reply(presence: Presence, message_id: str) -> str:
    discovery, addressing = ns.DISCOVERY_2005, ns.ADDRESSING_2004
    if presence.shape is ReplyShape.OASIS:
        discovery, addressing = ns.DISCOVERY_2009, ns.ADDRESSING
    match = _match(presence)
    if presence.shape is not ReplyShape.BARE_MATCH:
        match = f"<d:ProbeMatches>{match}</d:ProbeMatches>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{ns.SOAP}" xmlns:a="{addressing}" '
        f'xmlns:d="{discovery}" xmlns:dn="{ns.NETWORK}" xmlns:tds="{ns.DEVICE}"><s:Header>'
        f"<a:MessageID>urn:uuid:{presence.id}</a:MessageID><a:RelatesTo>{message_id}</a:RelatesTo>"
        f"<a:Action>{discovery}/ProbeMatches</a:Action></s:Header><s:Body>{match}</s:Body></s:Envelope>"
    )


def _match(presence: Presence) -> str:
    shape = presence.shape
    version = "" if shape is ReplyShape.NO_METADATA_VERSION else "<d:MetadataVersion>1</d:MetadataVersion>"
    addresses = "" if shape is ReplyShape.NO_ADDRESS else f"<d:XAddrs>{_addresses(presence)}</d:XAddrs>"
    return (
        f"<d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:{presence.id}</a:Address>"
        f"</a:EndpointReference><d:Types>{_TYPES}</d:Types><d:Scopes>{' '.join(presence.scopes)}</d:Scopes>"
        f"{addresses}{version}</d:ProbeMatch>"
    )


def _addresses(presence: Presence) -> str:
    if presence.shape is not ReplyShape.MANY_ADDRESSES:
        return presence.address
    path = re.sub(r"^http://[^/]*", "", presence.address)
    return f"http://169.254.7.7{path} {presence.address} http://[fe80::1]{path}"


def _is_for_us(types: str) -> bool:
    """Whether a probe looks for any device, or for a kind that a camera is."""
    wanted = {name.rpartition(":")[2] for name in types.split()}
    return wanted <= {"NetworkVideoTransmitter", "Device"}
