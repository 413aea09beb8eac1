"""An SDP offer from a browser, made safe to answer."""

from aiortc import RTCIceCandidate
from aiortc.sdp import candidate_from_sdp

from vms_api.live.errors import OfferUnusable

MAX_OFFER_BYTES = 64 * 1024
MAX_CANDIDATES = 64


def admissible_offer(text: str) -> str:
    """The offer without what would slow or abuse the node.

    mDNS candidates go: resolving one costs up to a second, and the browser's own checks reach us anyway and are
    learnt as peer-reflexive candidates (RFC 8445 section 7.3.1.3). Candidates beyond the limit go too, so that an
    offer cannot make the node scan a network.

    Raises:
        OfferUnusable: too large, or it does not ask to receive H.264 video.

    """
    if len(text) > MAX_OFFER_BYTES:
        raise OfferUnusable(f"the offer is larger than {MAX_OFFER_BYTES} bytes")
    lines = text.replace("\r\n", "\n").strip("\n").split("\n")
    if not lines[0].startswith("v=0"):
        raise OfferUnusable("the body is not an SDP description")
    if not any(line.startswith("m=video") for line in lines):
        raise OfferUnusable("the offer has no video")
    if not any(line.startswith("a=rtpmap:") and " H264/" in line for line in lines):
        raise OfferUnusable("the browser does not offer to receive H.264")
    return "\r\n".join(_without_excess_candidates(lines)) + "\r\n"


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
            if candidates > MAX_CANDIDATES or _is_mdns(line):
                continue
        kept.append(line)
    return kept


def _is_mdns(candidate: str) -> bool:
    fields = candidate.split()
    return len(fields) > 4 and fields[4].endswith(".local")  # noqa: PLR2004 - RFC 8839 section 5.1, connection-address


def ice_user(text: str) -> str | None:
    """The first ICE user name fragment of a description or a trickle fragment (RFC 8839 section 5.4)."""
    found = (line.removeprefix("a=ice-ufrag:").strip() for line in text.splitlines() if line.startswith("a=ice-ufrag:"))
    return next(found, None)


def parse_candidate(line: str) -> RTCIceCandidate | None:
    """One line of a trickle fragment (RFC 8840 section 4.4), None unless it is a usable candidate."""
    if not line.startswith("a=candidate:") or _is_mdns(line):
        return None
    try:
        return candidate_from_sdp(line.removeprefix("a=candidate:").strip())
    except (ValueError, IndexError, AssertionError):
        return None
