"""The Transport header (RFC 2326 clause 12.39)."""

import re
from dataclasses import dataclass

_MAX_CHANNEL = 255
_MAX_PORT = 65535
_PAIR = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class InterleavedTransport:
    """RTP and RTCP on the RTSP connection."""

    rtp_channel: int
    rtcp_channel: int

    def header(self, ssrc: int) -> str:
        """The header that confirms it."""
        return f"RTP/AVP/TCP;unicast;interleaved={self.rtp_channel}-{self.rtcp_channel};ssrc={ssrc:08X}"


@dataclass(frozen=True, slots=True)
class UdpTransport:
    """RTP and RTCP to the client's host. `destination` is not honoured: it would aim the stream at others."""

    rtp_port: int
    rtcp_port: int

    def header(self, ssrc: int, server_rtp_port: int) -> str:
        """The header that confirms it; the server's RTCP port is the one after its RTP port."""
        return (
            f"RTP/AVP;unicast;client_port={self.rtp_port}-{self.rtcp_port};"
            f"server_port={server_rtp_port}-{server_rtp_port + 1};ssrc={ssrc:08X}"
        )


Transport = InterleavedTransport | UdpTransport


def choose_transport(header: str) -> Transport | None:
    """The first transport of the client's list that this server speaks, None when there is none."""
    return next((found for offer in header.split(",") if (found := _read_offer(offer))), None)


def _read_offer(offer: str) -> Transport | None:
    protocol, *parameters = (part.strip() for part in offer.split(";"))
    values = {name.lower(): value for name, _, value in (part.partition("=") for part in parameters)}
    if "multicast" in values or values.get("mode", "PLAY").strip('"').upper() != "PLAY":
        return None
    match protocol.upper():
        case "RTP/AVP/TCP":
            channels = _read_pair(values.get("interleaved", "0-1"), _MAX_CHANNEL)
            return InterleavedTransport(*channels) if channels else None
        case "RTP/AVP" | "RTP/AVP/UDP":
            ports = _read_pair(values.get("client_port", ""), _MAX_PORT)
            return UdpTransport(*ports) if ports and ports[0] else None
    return None


def _read_pair(text: str, highest: int) -> tuple[int, int] | None:
    match = _PAIR.fullmatch(text)
    if match is None:
        return None
    first = int(match[1])
    second = int(match[2]) if match[2] else first + 1
    return (first, second) if max(first, second) <= highest and first != second else None
