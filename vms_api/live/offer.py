"""An SDP offer from a browser, made safe to answer."""

import ipaddress
import re
from collections.abc import Iterator

from aiortc import RTCIceCandidate
from aiortc.exceptions import InvalidStateError, OperationError
from aiortc.sdp import candidate_from_sdp

from ingest.packet import Codec
from vms_api.live.errors import CodecNotViewable, OfferOneSided, OfferUnusable
from vms_api.live.offered_formats import MIME_TYPES

MAX_OFFER_BYTES = 64 * 1024
MAX_CANDIDATES = 64
UNREADABLE = (
    ValueError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    RuntimeError,
    InvalidStateError,
    OperationError,
)
"""What aiortc 1.16 raises for descriptions that are none: it trusts the lines to be there, and to have their fields."""
_DIRECTIONS = {"recvonly", "sendrecv", "sendonly", "inactive"}
_COMPONENT = 1  # RTP; RTCP shares it (RFC 8858)
_MAX_PORT = 65535


def admissible_offer(text: str, codec: Codec) -> str:
    """The offer without what would slow or abuse the node.

    mDNS candidates go: resolving one costs up to a second, and the browser's own checks reach us anyway and are
    learnt as peer-reflexive candidates (RFC 8445 section 7.3.1.3). Candidates beyond the limit go too, so that an
    offer cannot make the node scan a network.

    Raises:
        OfferOneSided: it does not ask to receive video at all; an offer of ours may be what the client wants.
        OfferUnusable: too large, without a certificate's fingerprint, or of a browser that cannot take H.264.
        CodecNotViewable: the browser cannot take the stream's codec, which is not H.264.

    """
    lines = description_lines(text)
    if _video_direction(lines) not in ("recvonly", "sendrecv"):
        raise OfferOneSided("the offer does not ask to receive video")
    if not any(line.startswith("a=fingerprint:") for line in lines):
        raise OfferUnusable("the offer has no certificate's fingerprint")
    _refuse_without(codec, lines)
    return "\r\n".join(_without_excess_candidates(lines)) + "\r\n"


def _refuse_without(codec: Codec, lines: list[str]) -> None:
    name = MIME_TYPES[codec].partition("/")[2]
    if any(line.startswith("a=rtpmap:") and f" {name}/" in line for line in lines):
        return
    if codec is Codec.H264:  # every browser takes it: RFC 7742 clause 5
        raise OfferUnusable("the browser does not offer to receive H.264")
    raise CodecNotViewable(f"this browser does not take {codec} over WebRTC")


def admissible_answer(text: str) -> str:
    """The answer to an offer of ours without what would slow or abuse the node.

    Raises:
        OfferUnusable: too large, or no session description.

    """
    return "\r\n".join(_without_excess_candidates(description_lines(text))) + "\r\n"


def description_lines(text: str) -> list[str]:
    """A description's lines, if it is one.

    Raises:
        OfferUnusable: too large, or no session description.

    """
    if len(text) > MAX_OFFER_BYTES:
        raise OfferUnusable(f"the offer is larger than {MAX_OFFER_BYTES} bytes")
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    if not lines[0].startswith("v=0"):
        raise OfferUnusable("the body is not an SDP description")
    return lines


def _video_direction(lines: list[str]) -> str | None:
    """Which way video goes (RFC 8866 clause 6.7); None where the offer has no video."""
    is_video, direction = False, None
    for line in lines:
        if line.startswith("m="):
            is_video = line.startswith("m=video")
            direction = direction or ("sendrecv" if is_video else None)
        elif is_video and line[2:] in _DIRECTIONS:
            return line[2:]
    return direction


def as_dtls_client(offer: str) -> str:
    """The offer of a browser that leaves the DTLS role to us, read as if it wanted to be the client (RFC 8842 5.3).

    The server chooses the SRTP profile. Browsers put AES-CM first, our side AES-GCM, which costs less than half.
    """
    return offer.replace("a=setup:actpass", "a=setup:active")


def _without_excess_candidates(lines: list[str]) -> list[str]:
    kept, candidates = [], 0
    for line in lines:
        if line.startswith("a=end-of-candidates"):
            continue  # more may be learnt from the browser's checks
        if line.startswith("a=candidate:"):
            candidates += 1
            if candidates > MAX_CANDIDATES or parse_candidate(line) is None:
                continue
        kept.append(line)
    return kept


def _is_mdns(candidate: str) -> bool:
    fields = candidate.split()
    return len(fields) > 4 and fields[4].endswith(".local")  # noqa: PLR2004 - RFC 8839 section 5.1, connection-address


def ice_user(text: str) -> str | None:
    """The first ICE user name fragment of a description or a trickle fragment (RFC 8839 section 5.4)."""
    return next(_values(text, "a=ice-ufrag:"), None)


def ice_password(text: str) -> str:
    """The first ICE password, empty if there is none (RFC 8839 section 5.4)."""
    return next(_values(text, "a=ice-pwd:"), "")


def _values(text: str, name: str) -> Iterator[str]:
    return (line.removeprefix(name).strip() for line in text.splitlines() if line.startswith(name))


def fragment_head(description: str) -> str:
    """What a fragment begins with that belongs to a description: its bundle, and the first of the bundled media.

    RFC 8840 clause 4.4; the credentials and candidates of that section follow.
    """
    lines = description.splitlines()
    kept = [line for line in lines if line.startswith("a=group:BUNDLE")]
    kept += [re.sub(r"^(m=\w+) \d+", r"\1 9", line) for line in lines if line.startswith("m=")][:1]
    kept += [line for line in lines if line.startswith("a=mid:")][:1]
    return "".join(f"{line}\r\n" for line in kept)


def parse_candidate(line: str) -> RTCIceCandidate | None:
    """One line of a trickle fragment (RFC 8840 section 4.4), None unless it is a usable candidate."""
    if not line.startswith("a=candidate:") or _is_mdns(line):
        return None
    try:
        candidate = candidate_from_sdp(line.removeprefix("a=candidate:").strip())
        ipaddress.ip_address(candidate.ip)
    except (ValueError, IndexError, AssertionError):
        return None
    is_usable = candidate.component == _COMPONENT and 0 < candidate.port <= _MAX_PORT
    return candidate if is_usable else None
