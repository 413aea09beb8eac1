"""The Transport header (RFC 2326 clause 12.39) from the client's side."""

import re
from dataclasses import dataclass

from ingest.errors import StreamBroken

_PAIR = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)
_MAX_CHANNEL, _MAX_PORT = 255, 65535


@dataclass(frozen=True, slots=True)
class Channels:
    """RTP and RTCP on the RTSP connection."""

    rtp: int
    rtcp: int

    @property
    def offer(self) -> str:
        """The header that asks for it."""
        return f"RTP/AVP/TCP;unicast;interleaved={self.rtp}-{self.rtcp}"


@dataclass(frozen=True, slots=True)
class Ports:
    """RTP and RTCP by datagrams."""

    rtp: int
    rtcp: int

    @property
    def offer(self) -> str:
        """The header that asks for datagrams to these ports of ours."""
        return f"RTP/AVP;unicast;client_port={self.rtp}-{self.rtcp}"


def agreed_channels(answer: str, asked: Channels) -> Channels:
    """The channels that the camera will use: some choose others than they were asked for.

    Raises:
        StreamBroken: it chose another transport.

    """
    protocol, values = _read(answer)
    if protocol != "RTP/AVP/TCP":
        raise StreamBroken("The camera does not offer this transport.")
    pair = _pair(values.get("interleaved", ""), _MAX_CHANNEL)
    return Channels(*pair) if pair else asked


def server_ports(answer: str) -> Ports | None:
    """The ports that the camera sends from, None when it does not tell.

    Raises:
        StreamBroken: it chose another transport.

    """
    protocol, values = _read(answer)
    if protocol not in {"RTP/AVP", "RTP/AVP/UDP"} or "multicast" in values:
        raise StreamBroken("The camera does not offer this transport.")
    pair = _pair(values.get("server_port", ""), _MAX_PORT)
    return Ports(*pair) if pair and min(pair) else None


def _read(answer: str) -> tuple[str, dict[str, str]]:
    protocol, *parameters = (part.strip() for part in answer.split(";"))
    return protocol.upper(), {name.lower(): value for name, _, value in (part.partition("=") for part in parameters)}


def _pair(text: str, highest: int) -> tuple[int, int] | None:
    match = _PAIR.fullmatch(text.strip())
    if match is None:
        return None
    first = int(match[1])
    second = int(match[2]) if match[2] else first + 1
    return (first, second) if max(first, second) <= highest and first != second else None
