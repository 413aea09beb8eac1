"""What is let through of an SDP offer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.packet import Codec
from vms_api.live.errors import CodecNotViewable, OfferUnusable
from vms_api.live.offer import MAX_CANDIDATES, MAX_OFFER_BYTES, admissible_offer, parse_candidate

HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n"
HEAD += "a=fingerprint:sha-256 00\r\n"


def candidate(address: str, port: int = 5000) -> str:
    return f"a=candidate:1 1 udp 2122260223 {address} {port} typ host\r\n"


def test_an_ordinary_offer_passes_unchanged():
    """What a browser sends on an open network is not touched."""
    offer = HEAD + candidate("192.0.2.7")
    assert admissible_offer(offer, Codec.H264) == offer


def test_mdns_candidates_are_left_out():
    """A .local candidate would cost a second of resolving; the browser's checks reach us without it."""
    offer = admissible_offer(HEAD + candidate("5f4c0c7e.local") + candidate("192.0.2.7"), Codec.H264)
    assert ".local" not in offer
    assert "192.0.2.7" in offer


def test_a_thousand_candidates_are_cut():
    """An offer cannot make the node knock at a thousand doors."""
    offer = admissible_offer(HEAD + "".join(candidate("192.0.2.7", port) for port in range(5000, 5500)), Codec.H264)
    assert offer.count("a=candidate:") == MAX_CANDIDATES


def test_the_end_of_candidates_is_not_believed():
    """Peer-reflexive candidates may follow, so the list is never final."""
    assert "end-of-candidates" not in admissible_offer(HEAD + "a=end-of-candidates\r\n", Codec.H264)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not an SDP"),
        ("hello", "not an SDP"),
        ("v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n", "receive video"),
        (HEAD + "a=sendonly\r\n", "receive video"),
        (HEAD + "a=inactive\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=recvonly\r\n", "receive video"),
        (HEAD.replace("H264", "VP8"), r"H\.264"),
        ("v=0\r\n" + "a=x\r\n" * MAX_OFFER_BYTES, "larger"),
    ],
)
def test_other_bodies_are_refused_with_a_reason(text, reason):
    """What cannot be answered is refused in words."""
    with pytest.raises(OfferUnusable, match=reason):
        admissible_offer(text, Codec.H264)


def test_h265_is_for_browsers_that_offer_it():
    """Never by the browser's name: the offer says it. The refusal is one that leads to the next rung."""
    with pytest.raises(CodecNotViewable):
        admissible_offer(HEAD, Codec.H265)
    offer = HEAD.replace("H264", "H265")
    assert admissible_offer(offer, Codec.H265) == offer


@given(st.text(max_size=300))
def test_any_line_is_a_candidate_or_nothing(line):
    """A trickle fragment may hold anything; no line of it raises."""
    found = parse_candidate(line)
    assert found is None or line.startswith("a=candidate:")


def test_a_trickled_candidate_is_read():
    """Address and port of a host candidate come through."""
    found = parse_candidate("a=candidate:1 1 udp 2122260223 192.0.2.7 5000 typ host generation 0")
    assert found is not None
    assert (found.ip, found.port) == ("192.0.2.7", 5000)
