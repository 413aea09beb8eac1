"""Our SRTP against libsrtp's: byte for byte."""

import os

import pytest
from pylibsrtp import Policy, Session

from vms_api.live.rtp_unit import RtpPayload
from vms_api.live.srtp import GcmProtector, SessionProtector

SSRC = 0x1234ABCD
PAYLOADS = [RtpPayload(os.urandom(size), marker) for size, marker in ((1200, 0), (1200, 0), (7, 0x80))]


def session(master: bytes) -> Session:
    profiles = {28: Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 44: Policy.SRTP_PROFILE_AEAD_AES_256_GCM}
    profile = profiles.get(len(master), Policy.SRTP_PROFILE_AES128_CM_SHA1_80)
    return Session(Policy(key=master, ssrc_type=Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))


@pytest.mark.parametrize("key_bytes", [16, 32])
def test_packets_equal_those_of_libsrtp_over_a_wrap(key_bytes):
    """Keys are derived, nonces are made and the rollover is counted as RFC 3711 and RFC 7714 say."""
    master = os.urandom(key_bytes + 12)
    ours, theirs = GcmProtector(master, SSRC), SessionProtector(session(master).protect, SSRC)
    for index in range(65_520, 65_560, len(PAYLOADS)):
        assert ours.protect(index, 102, 0xFFFFFFFF, PAYLOADS) == theirs.protect(index, 102, 0xFFFFFFFF, PAYLOADS)


def test_a_receiver_reads_header_and_payload():
    """What libsrtp takes off is what was put on."""
    master = os.urandom(44)
    policy = Policy(key=master, ssrc_type=Policy.SSRC_ANY_INBOUND, srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_256_GCM)
    receiver = Session(policy)
    packets = [receiver.unprotect(packet) for packet in GcmProtector(master, SSRC).protect(7, 102, 90_000, PAYLOADS)]
    assert [packet[12:] for packet in packets] == [payload.data for payload in PAYLOADS]
    assert packets[0][:12] == b"\x80\x66\x00\x07" + (90_000).to_bytes(4, "big") + SSRC.to_bytes(4, "big")
    assert packets[2][1] == 0x80 | 102
