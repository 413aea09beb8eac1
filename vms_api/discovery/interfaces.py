"""The networks that this machine is in: what a scan is proposed for."""

import socket
import struct
from collections.abc import Iterator
from fcntl import ioctl
from ipaddress import IPv4Address, IPv4Interface

from pydantic import BaseModel

from ingest.address import HostPolicy

# Requests of <linux/sockios.h>, and flags of <linux/if.h>.
_GET_ADDRESS, _GET_NETMASK, _GET_FLAGS = 0x8915, 0x891B, 0x8913
_IS_UP, _HAS_MULTICAST = 0x1, 0x1000
_NAME_BYTES = 15
_WIDEST = 22
"""A larger network is proposed from its part around the own address: the rest is rarely where cameras are."""


class Interface(BaseModel):
    """An own address, and the network around it that a scan is proposed for."""

    name: str
    address: str
    network: str
    has_multicast: bool


def own_interfaces(policy: HostPolicy) -> list[Interface]:
    """The IPv4 interfaces that are up, where cameras may be."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        return list(_interfaces(asked, policy))


def _interfaces(asked: socket.socket, policy: HostPolicy) -> Iterator[Interface]:
    for _, name in socket.if_nameindex():
        try:
            address = IPv4Address(_told(asked, _GET_ADDRESS, name)[20:24])
            mask = IPv4Address(_told(asked, _GET_NETMASK, name)[20:24])
            (flags,) = struct.unpack_from("H", _told(asked, _GET_FLAGS, name), 16)
        except OSError:
            continue  # without an IPv4 address
        if flags & _IS_UP and policy.allows(address):
            network = proposed_network(IPv4Interface(f"{address}/{mask}"))
            has_multicast = bool(flags & _HAS_MULTICAST)
            yield Interface(name=name, address=str(address), network=network, has_multicast=has_multicast)


def proposed_network(own: IPv4Interface) -> str:
    """The network of an own address; of one that is larger than a scan likes, the 256 addresses around."""
    if own.network.prefixlen >= _WIDEST:
        return str(own.network)
    return str(IPv4Interface(f"{own.ip}/24").network)


def _told(asked: socket.socket, request: int, name: str) -> bytes:
    """An answer of the system about an interface: `struct ifreq`, its name and then what was asked for."""
    return ioctl(asked.fileno(), request, struct.pack("256s", name.encode()[:_NAME_BYTES]))
