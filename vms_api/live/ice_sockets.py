"""Where a node listens for browsers, and what it tells them about that: ports from a range, addresses of a NAT.

aioice 0.13 binds every socket to a port that the system picks, and offers the address it is bound to; it has no setting
for either. Its sockets also raise on some messages that are none, which fills the log at the pace of whoever sends
them, and keep without end what comes before there is a session. The one method that makes them is replaced here, once,
at start; `tests/vms_api/live/test_ice_sockets.py` fails when a new aioice no longer asks it.
"""

import asyncio
import errno
import socket
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from aioice import Candidate, ice
from aioice.candidate import candidate_foundation, candidate_priority

from vms_api.live.ice_addresses import offer_only
from vms_api.live.settings import LiveSettings

log = structlog.get_logger()

RECEIVE_BUFFER_BYTES = 256 * 1024


CONSENT_FAILURES = 4
"""Checks without an answer until a view is over: a browser that vanished is gone within 26 s. RFC 7675 allows 30 s,
aioice takes up to 39: six checks, each up to six seconds after the one before, and half a second for its answer."""
_COMPONENT = 1
_STUN_BYTES = range(4)
MAX_WAITING_DATAGRAMS = 512
"""What a session may have waiting: DTLS reads it within a turn of the loop, unless it is not there yet."""


class PortsTaken(OSError):
    """Every port of the range is in use on that address."""


class UdpPorts:
    """A range of ports, taken in turn, so that a port that was given back rests for as long as can be."""

    def __init__(self, lowest: int, highest: int) -> None:
        self._ports = range(lowest, highest + 1)
        self._next = 0

    def bound(self, address: str) -> socket.socket:
        """A socket on the address that does not block; closing it gives the port back.

        Raises:
            PortsTaken: there is none left.
            OSError: the address is not one of this machine.

        """
        for _ in self._ports:
            port = self._ports[self._next]
            self._next = (self._next + 1) % len(self._ports)
            try:
                return _bound(address, port)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
        raise PortsTaken(errno.EADDRINUSE, "no port of the range is free")


def _bound(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        bound.bind((address, port))
    except OSError:
        bound.close()
        raise
    return bound


class GuardedSocket(ice.StunProtocol):
    """One socket of a connection, open to everybody who finds it: what cannot be read is counted and dropped.

    So is all but STUN from addresses that have not been told to us, by signalling or by a check with the password of
    the session: one datagram of a stranger would end aiortc's DTLS, and the view with it.
    """

    def __init__(self, connection: ice.Connection) -> None:
        super().__init__(connection)
        self.dropped_count = 0

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        """One datagram, of whatever."""
        if not _is_stun(data) and not self._is_awaited((addr[0], addr[1])):
            self.dropped_count += 1
            return
        try:
            super().datagram_received(data, addr)
        except (struct.error, LookupError, ValueError, AssertionError):
            self.dropped_count += 1  # a STUN message that is cut short, or lacks what it must have

    def _is_awaited(self, address: tuple[str, int]) -> bool:
        connection = self.receiver
        if connection._queue.qsize() >= MAX_WAITING_DATAGRAMS:  # noqa: SLF001 - there is no other way to ask
            return False
        pair = connection._nominated.get(_COMPONENT)  # noqa: SLF001
        if pair is not None and pair.remote_addr == address:
            return True
        return any((known.host, known.port) == address for known in connection.remote_candidates)


def _is_stun(data: bytes | str) -> bool:
    """By its first byte (RFC 7983 clause 7)."""
    return bool(data) and data[0] in _STUN_BYTES


class IceSockets:
    """Makes a connection's sockets and host candidates.

    `nat` has the public address of each local one that browsers know by another name; such a local address is told to
    them only if it is among `named`.
    """

    def __init__(self, ports: UdpPorts, nat: Mapping[str, str], named: Sequence[str]) -> None:
        self._ports = ports
        self._nat = nat
        self._named = frozenset(named)

    async def gather(self, connection: ice.Connection, component: int, addresses: Sequence[str]) -> list[Candidate]:
        """The candidates that the browser is told; the sockets are the connection's from now on."""
        candidates = []
        for address in addresses:
            try:
                bound = self._ports.bound(address)
            except OSError as error:
                log.warning("no ice socket", address=address, reason=str(error))
                continue
            _, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: GuardedSocket(connection), sock=bound
            )
            port = bound.getsockname()[1]
            protocol.local_candidate = _host(component, address, port)
            connection._protocols.append(protocol)  # noqa: SLF001 - where aioice's own method puts them
            candidates += [_host(component, told, port) for told in self._told(address)]
        return candidates

    def _told(self, address: str) -> list[str]:
        public = self._nat.get(address)
        if public is None:
            return [address]
        return [public, address] if address in self._named else [public]


def _host(component: int, address: str, port: int) -> Candidate:
    return Candidate(
        foundation=candidate_foundation("host", "udp", address),
        component=component,
        transport="udp",
        priority=candidate_priority(component, "host"),
        host=address,
        port=port,
        type="host",
    )


def settle(settings: LiveSettings) -> None:
    """Makes ICE of this process listen where the site file says, from now on."""
    nat = {str(known.local): str(known.public) for known in settings.nat_addresses}
    listening = dict.fromkeys([*settings.host_addresses, *nat])
    offer_only(tuple(listening))
    ports = UdpPorts(*(settings.udp_ports or (0, 0)))
    sockets = IceSockets(ports, nat, settings.host_addresses)

    async def get_component_candidates(
        self: ice.Connection,
        component: int,
        addresses: list[str],
        timeout: int = 5,  # noqa: ASYNC109, ARG001
    ) -> list[Candidate]:
        return await sockets.gather(self, component, addresses)

    ice.CONSENT_FAILURES = CONSENT_FAILURES
    ice.Connection.get_component_candidates = get_component_candidates  # type: ignore[method-assign]
