"""The Transport header, as clients write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.virtual_camera.transport import InterleavedTransport, Transport, UdpTransport, choose_transport


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=2-3", InterleavedTransport(2, 3)),
        ("RTP/AVP/TCP", InterleavedTransport(0, 1)),
        ('RTP/AVP;unicast;client_port=5000-5001;mode="PLAY"', UdpTransport(5000, 5001)),
        ("rtp/avp/udp;client_port=5000", UdpTransport(5000, 5001)),
        ("RTP/AVP;multicast,RTP/AVP/TCP;interleaved=0-1", InterleavedTransport(0, 1)),
        ("RTP/AVP;unicast;destination=192.0.2.1;client_port=5000-5001", UdpTransport(5000, 5001)),
        ("RTP/AVP;multicast", None),
        ("RTP/AVP;unicast", None),
        ("RTP/AVP;unicast;client_port=0-1", None),
        ("RTP/AVP;client_port=70000-70001", None),
        ("RTP/AVP/TCP;interleaved=300-301", None),
        ("RTP/AVP/TCP;interleaved=4-4", None),
        ("RTP/AVP;client_port=5000-5001;mode=RECORD", None),
        ("RAW/RAW/UDP;unicast", None),
        ("", None),
    ],
)
def test_first_spoken_transport_is_taken(header: str, expected: Transport | None):
    """The first offer that the server speaks is taken; nothing it does not speak is."""
    assert choose_transport(header) == expected


@given(st.text())
def test_any_text_is_chosen_or_not(header: str):
    """No header raises."""
    assert choose_transport(header) is None or header


def test_answers_name_ports_and_source():
    """The server confirms what was asked and adds its own side."""
    assert InterleavedTransport(0, 1).header(0xAB) == "RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=000000AB"
    udp = "RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001;ssrc=000000AB"
    assert UdpTransport(5000, 5001).header(0xAB, 6000) == udp
