"""Where a device's services are: the adopted host, whatever the device says about itself.

Devices behind a router report addresses of the network behind it, and a hostile one may report an address of ours. So
a reported address keeps its port and path, and its host becomes the one that was adopted and judged.
"""

import re
from dataclasses import dataclass, replace
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from ingest.address import HostPolicy, IpAddress, dial_target, parse_address
from ingest.errors import AddressRefused

DEVICE_PATH = "/onvif/device_service"
"""The device service's path where nothing else is known (ONVIF Core Specification, clause 5.4.1)."""

_PORTS = {"http": 80, "https": 443}
_MAX_LENGTH = 1024
_TEXT = re.compile(r"[!-~]+")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One service's address. The host is an IP address that was judged, so no later DNS answer changes it."""

    scheme: str
    ip: IpAddress
    port: int
    path: str = DEVICE_PATH

    @property
    def url(self) -> str:
        """What is dialled."""
        return f"{self.scheme}://{_shown(self.ip)}:{self.port}{self.path}"

    def reported(self, address: str) -> "Endpoint":
        """Where a reported HTTP address leads: its port and path at the adopted host, never from TLS to plain HTTP.

        Raises:
            AddressRefused: not an HTTP address.

        """
        scheme, _, port, path = _split(address)
        if self.scheme == "https" and scheme == "http":
            return replace(self, path=path)
        return Endpoint(scheme, self.ip, port, path)


@dataclass(frozen=True, slots=True)
class ReportedStream:
    """A stream's address as it may be dialled; whether the device had named another host, or put a login into it."""

    address: str
    host_was_replaced: bool
    had_login: bool


def reported_stream(address: str, endpoint: Endpoint) -> ReportedStream:
    """A reported stream address at the adopted host, without the login that some devices put into it.

    Raises:
        AddressRefused: not an RTSP address.

    """
    plain, login = parse_address(address.strip().replace(" ", "%20"))
    target = dial_target(plain)
    here, _ = parse_address(f"{target.scheme}://{_shown(endpoint.ip)}:{target.port}{target.target}")
    return ReportedStream(here, target.host != str(endpoint.ip), login is not None)


@dataclass(frozen=True, slots=True)
class TypedEndpoint:
    """A device's address as a person or a discovery reply gives it; the host may be a name."""

    scheme: str
    host: str
    port: int
    path: str

    def pinned(self, resolved: list[str], policy: HostPolicy) -> Endpoint:
        """The endpoint at the first address that is allowed.

        Raises:
            AddressRefused: none of them is allowed.

        """
        return Endpoint(self.scheme, policy.pin(resolved), self.port, self.path)


def typed_endpoint(text: str) -> TypedEndpoint:
    """A host, host and port, or a whole http or https address.

    Raises:
        AddressRefused: anything else, a login in it too.

    """
    whole = text if "://" in text else f"http://{text}"
    scheme, host, port, path = _split(whole)
    return TypedEndpoint(scheme, host, port, path if path != "/" else DEVICE_PATH)


def _split(address: str) -> tuple[str, str, int, str]:
    if len(address) > _MAX_LENGTH or not _TEXT.fullmatch(address) or "\\" in address:
        raise AddressRefused("A device's address has no spaces or control characters.")
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressRefused("Host or port is not well-formed.") from None
    if parts.scheme not in _PORTS:
        raise AddressRefused("A device's address begins with http:// or https://.")
    if "@" in parts.netloc or port == 0 or not _is_host(host):
        raise AddressRefused("The host is missing or not well-formed.")
    query = f"?{parts.query}" if parts.query else ""
    return parts.scheme, host, port or _PORTS[parts.scheme], (parts.path or "/") + query


def _is_host(host: str) -> bool:
    if ":" not in host:
        return _HOST.fullmatch(host) is not None
    try:
        return "%" not in host and isinstance(ip_address(host), IPv6Address)
    except ValueError:
        return False


def _shown(ip: IpAddress) -> str:
    return f"[{ip}]" if isinstance(ip, IPv6Address) else str(ip)
