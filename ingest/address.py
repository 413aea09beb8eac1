"""Camera addresses: taken apart strictly, freed of credentials, and checked again once their host is an IP address.

The strictness is the defence against request forgery: an address is typed by an integrator or told by a device, and
must never make the node open files, speak other protocols or knock at services of its own machine.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import unquote, urlsplit

from ingest.camera import Credential
from ingest.errors import AddressRefused

_DEFAULT_PORTS = {"rtsp": 554, "rtsps": 322}  # RFC 7826 clause 22.14: 322 is rtsps
_MAX_LENGTH = 1024
_VISIBLE_ASCII = re.compile(r"[!-~]+")
_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?")
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052 clause 2.1
# A path stays as typed, but for what libav or a log line could read as something else.
_UNSAFE = re.compile(r"[\\\"<>^`{|}]")

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class DialTarget:
    """The parts of a checked, credential-free address. `target` is path and query as the camera's maker wants them."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def request_uri(self) -> str:
        """The address as it is named in requests, by the name that was typed: the host may tell cameras apart by it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"


def parse_address(text: str) -> tuple[str, Credential | None]:
    """An address as typed, parted into one without credentials and the credentials it carried.

    Schemes are rtsp and rtsps. User name and password are percent-decoded (RFC 3986 clause 2.1).

    Raises:
        AddressRefused: anything else. The message never repeats the address, which may hold a password.

    """
    scheme, authority, rest = _split(text)
    login, at, host_and_port = authority.rpartition("@")
    credential = _credential(login) if at else None
    return _target(scheme, host_and_port, rest).request_uri, credential


def dial_target(address: str) -> DialTarget:
    """The parts of a credential-free address.

    Raises:
        AddressRefused: not an address that `parse_address` returned.

    """
    scheme, authority, rest = _split(address)
    return _target(scheme, authority, rest)


@dataclass(frozen=True, slots=True)
class HostPolicy:
    """Which IP addresses may be dialled.

    Private networks are where cameras live, so they are allowed. Loopback, link-local (cloud metadata is at
    169.254.169.254), multicast, unspecified and reserved addresses are not, unless listed.
    """

    allowed_networks: tuple[IpNetwork, ...] = ()
    allow_loopback: bool = False

    def allows(self, ip: IpAddress) -> bool:
        """Whether a camera may be at this address."""
        plain = plain_address(ip)
        if any(plain in network for network in self.allowed_networks):
            return True
        if plain.is_loopback:
            return self.allow_loopback
        return not (plain.is_link_local or plain.is_multicast or plain.is_unspecified or plain.is_reserved)

    def pin(self, resolved: Iterable[str]) -> IpAddress:
        """The first allowed one of a name's addresses. It alone is dialled, so a later DNS answer changes nothing.

        Raises:
            AddressRefused: none of them is allowed.

        """
        for text in resolved:
            ip = ip_address(text)
            if self.allows(ip):
                return ip
        raise AddressRefused("The host is not in a network where cameras are allowed.")


def plain_address(ip: IpAddress) -> IpAddress:
    """The IPv4 address inside an IPv6 one, where there is one: the packet ends up there."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip


def _split(text: str) -> Sequence[str]:
    if len(text) > _MAX_LENGTH:
        raise AddressRefused(f"A camera address has at most {_MAX_LENGTH} characters.")
    if not _VISIBLE_ASCII.fullmatch(text):
        raise AddressRefused("A camera address has no spaces or control characters; write others percent-encoded.")
    if _UNSAFE.search(text) or "#" in text:
        raise AddressRefused("The address holds a character that must be percent-encoded.")
    scheme, separator, rest = text.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _DEFAULT_PORTS:
        raise AddressRefused("A camera address begins with rtsp:// or rtsps://.")
    authority_end = min((at for at in (rest.find("/"), rest.find("?")) if at >= 0), default=len(rest))
    return scheme, rest[:authority_end], rest[authority_end:]


def _credential(login: str) -> Credential:
    username, colon, password = login.partition(":")
    if "@" in login:
        raise AddressRefused("There is more than one @ before the host: write @ in a password as %40.")
    if not colon or not username:
        # rtsp://trusted.example@evil.example reads as one host and is another.
        raise AddressRefused("Before the @ stand a user name, a colon and a password.")
    return Credential(unquote(username), unquote(password))


def _target(scheme: str, host_and_port: str, rest: str) -> DialTarget:
    try:
        parts = urlsplit(f"//{host_and_port}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise AddressRefused("Host or port is not well-formed.") from None
    if not host or "@" in host_and_port or host_and_port.endswith(":") or not _is_host(host):
        raise AddressRefused("The host is missing or not well-formed.")
    if port == 0:
        raise AddressRefused("There is no port 0.")
    return DialTarget(scheme, host, port or _DEFAULT_PORTS[scheme], rest)


def _is_host(host: str) -> bool:
    if ":" not in host:
        return _HOST_NAME.fullmatch(host) is not None
    try:
        return "%" not in host and isinstance(ip_address(host), IPv6Address)
    except ValueError:
        return False
