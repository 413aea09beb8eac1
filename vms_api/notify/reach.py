"""Where receivers may be: the defence against having this server knock at doors inside (server-side request forgery).

A name is resolved once and the address itself is dialled, so a later answer of the name server changes nothing.
"""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from ingest.address import IpAddress, IpNetwork, plain_address
from vms_api.notify.outcome import DeliveryFault, Outcome


class Unreached(Exception):
    """The receiver was not reached; `outcome` says why."""

    def __init__(self, fault: DeliveryFault, detail: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(fault.value)
        self.outcome = Outcome(fault, detail, retry_after_s)


@dataclass(frozen=True, slots=True)
class ReachPolicy:
    """Which addresses may be dialled: those of the internet, and those of the networks that the site file names."""

    allowed_networks: tuple[IpNetwork, ...] = ()

    def allows(self, ip: IpAddress) -> bool:
        """Whether a receiver may be at this address."""
        plain = plain_address(ip)
        if any(plain in network for network in self.allowed_networks):
            return True
        return plain.is_global and not (plain.is_multicast or plain.is_reserved or _is_tunnel(plain))

    async def pinned(self, host: str, port: int) -> str:
        """The first allowed address of the host, as text.

        Raises:
            Unreached: it has none, or none that is allowed.

        """
        for text in await _resolved(host, port):
            ip = ip_address(text)
            if self.allows(ip):
                return str(ip)
        raise Unreached(DeliveryFault.ADDRESS_REFUSED)


def _is_tunnel(ip: IpAddress) -> bool:
    """Whether packets to it end at an IPv4 address inside it (Teredo, RFC 4380)."""
    return isinstance(ip, IPv6Address) and ip.teredo is not None


async def _resolved(host: str, port: int) -> list[str]:
    try:
        return [str(ip_address(host))]
    except ValueError:
        pass  # a name
    try:
        answers = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreached(DeliveryFault.HOST_UNRESOLVED) from None
    return [str(answer[4][0]) for answer in answers]
