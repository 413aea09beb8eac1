"""WS-Discovery messages: the probe in both dialects, and replies in all the shapes that devices send.

Dialects: WS-Discovery of April 2005, which ONVIF Core clause 7 prescribes, and OASIS WS-Discovery 1.1 of 2009.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, ip_address
from urllib.parse import unquote

from ingest.errors import AddressRefused
from ingest.onvif import namespaces as ns
from ingest.onvif.endpoint import Endpoint, typed_endpoint
from ingest.onvif.envelope import clean
from ingest.onvif.tree import MalformedXml, Tree, parse_tree

MAX_REPLY_BYTES = 16 * 1024

_DIALECTS = (
    (ns.DISCOVERY_2005, ns.ADDRESSING_2004, "urn:schemas-xmlsoap-org:ws:2005:04:discovery"),
    (ns.DISCOVERY_2009, ns.ADDRESSING, "urn:docs-oasis-open-org:ws-dd:ns:discovery:2009:01"),
)
_TYPES = ("<d:Types>dn:NetworkVideoTransmitter</d:Types>", "<d:Types>tds:Device</d:Types>", "")
_SCOPE = "onvif://www.onvif.org/"


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A device that answered: a proposal, nothing more. `address` is its device service at the host that answered.

    `identity` is what it calls itself on every network, empty if nothing; `address_is_guessed` when it named no usable
    address, so that the usual path is proposed.
    """

    ip: str
    address: str
    address_is_guessed: bool
    identity: str
    name: str
    hardware: str
    location: str
    profiles: tuple[str, ...]


def probe_messages(message_id: str) -> list[bytes]:
    """Probes in both dialects, each for video transmitters, for devices, and for anything: six datagrams."""
    return [
        (
            f'<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="{ns.SOAP}" xmlns:a="{addressing}" '
            f'xmlns:d="{discovery}" xmlns:dn="{ns.NETWORK}" xmlns:tds="{ns.DEVICE}"><s:Header>'
            f"<a:MessageID>{message_id}</a:MessageID><a:To>{to}</a:To><a:Action>{discovery}/Probe</a:Action>"
            f"</s:Header><s:Body><d:Probe>{types}</d:Probe></s:Body></s:Envelope>"
        ).encode()
        for types in _TYPES
        for discovery, addressing, to in _DIALECTS
    ]


def read_reply(data: bytes, source: str, message_ids: Iterable[str]) -> list[FoundDevice]:
    """The devices in a reply that came from `source`; none for what is no reply to one of our probes."""
    if len(data) > MAX_REPLY_BYTES:
        return []
    try:
        envelope = parse_tree(data)
    except MalformedXml:
        return []
    if envelope.text("Header", "RelatesTo") not in set(message_ids):
        return []
    return [_found(match, source) for match in envelope.anywhere("ProbeMatch")]


def _found(match: Tree, source: str) -> FoundDevice:
    endpoint = _chosen(match.text("XAddrs").split(), source)
    scopes = match.text("Scopes").split()
    return FoundDevice(
        ip=source,
        address=endpoint.url if endpoint else Endpoint("http", ip_address(source), 80).url,
        address_is_guessed=endpoint is None,
        identity=clean(match.text("EndpointReference", "Address")),
        name=_scope(scopes, "name/"),
        hardware=_scope(scopes, "hardware/"),
        location=_scope(scopes, "location/"),
        profiles=_profiles(scopes),
    )


def _chosen(addresses: list[str], source: str) -> Endpoint | None:
    """The address at the host that answered, else in its network, else any; always brought to that host.

    Link-local and IPv6 ones come last: some devices name them first.
    """
    ip = ip_address(source)
    ranked = []
    for text in addresses:
        try:
            typed = typed_endpoint(text)
        except AddressRefused:
            continue
        ranked.append((_distance(typed.host, source), Endpoint(typed.scheme, ip, typed.port, typed.path)))
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def _distance(host: str, source: str) -> int:
    if host == source:
        return 0
    try:
        named, near = ip_address(host), IPv4Network(f"{source}/24", strict=False)
    except ValueError:
        return 2
    if not isinstance(named, IPv4Address) or named.is_link_local:
        return 3
    return 1 if named in near else 2


def _scope(scopes: list[str], kind: str) -> str:
    """A scope's value, readable: percent-encoded or not, as devices do both."""
    found = next((scope for scope in scopes if scope.startswith(f"{_SCOPE}{kind}")), "")
    return clean(unquote(found.removeprefix(f"{_SCOPE}{kind}")))


def _profiles(scopes: list[str]) -> tuple[str, ...]:
    """The letters of the ONVIF profiles that a device claims, and "Streaming", the old name of S."""
    kind = f"{_SCOPE}Profile/"
    return tuple(sorted({clean(scope.removeprefix(kind)) for scope in scopes if scope.startswith(kind)}))
