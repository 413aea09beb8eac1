"""What our sender negotiates beyond aiortc: H.265, and the time at which a picture came. Seen on the wire."""

import asyncio
from dataclasses import dataclass

import pytest
from aiortc import RTCPeerConnection, RTCRtpReceiver, RTCSessionDescription

from ingest.annexb import nal_units
from ingest.fanout import PacketFanout
from ingest.packet import Codec, Packet, StreamDescription
from tests.fakes.rtp import h265_units_of
from tests.vms_api.live.test_whep_view import CAMERA, browser, feed_of, health
from vms_api.live.errors import CodecNotViewable
from vms_api.live.ice_addresses import offer_only
from vms_api.live.offered_formats import CAPTURE_TIME
from vms_api.live.rtp_unit import ntp_of
from vms_api.live.settings import LiveSettings
from vms_api.live.view_registry import ViewRegistry

H265 = StreamDescription(Codec.H265, 320, 240, "Main", 10.0)


@pytest.fixture(scope="module", autouse=True)
def loopback_only():
    """Both peers live on 127.0.0.1."""
    offer_only(("127.0.0.1",))


@dataclass(frozen=True)
class WirePacket:
    """An RTP packet as it was before protection (RFC 3550 clause 5.1)."""

    data: bytes

    @property
    def ticks(self) -> int:
        return int.from_bytes(self.data[4:8], "big")

    @property
    def extension(self) -> bytes:
        """Profile, length and contents of the header's extension; empty without one."""
        return self.data[12 : self._payload_at] if self.data[0] & 0x10 else b""

    @property
    def payload(self) -> bytes:
        return self.data[self._payload_at :]

    @property
    def _payload_at(self) -> int:
        return 16 + 4 * int.from_bytes(self.data[14:16], "big") if self.data[0] & 0x10 else 12


def listen(peer: RTCPeerConnection) -> list[WirePacket]:
    """Notes what comes to a peer, which never gets to decode it."""
    heard: list[WirePacket] = []
    transport = peer.getReceivers()[0].transport

    async def note(data: bytes, arrival_time_ms: int) -> None:
        heard.append(WirePacket(data))

    transport._handle_rtp_data = note
    return heard


async def watched(packets: list[Packet], offer_line: str = "", **changes) -> list[WirePacket]:
    """All that a viewer gets of the packets, who offers everything but what stands in lines with `offer_line`."""
    registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
    fanout.publish(packets[0])
    async with browser() as peer:
        await peer.setLocalDescription(await peer.createOffer())
        lines = peer.localDescription.sdp.splitlines(keepends=True)
        offer = "".join(line for line in lines if not offer_line or offer_line not in line)
        _, answer = await registry.open(CAMERA, feed_of(fanout), health(**changes), offer)
        heard = listen(peer)
        await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        async with asyncio.timeout(20):
            while not heard:
                await asyncio.sleep(0.02)
            for packet in packets[1:]:
                fanout.publish(packet)
                await asyncio.sleep(0.02)
            while len({packet.ticks for packet in heard}) < len(packets):
                await asyncio.sleep(0.02)
    await registry.close_all()
    return heard


def test_h265_goes_out_as_it_came(h265_stream):
    """Every NAL unit, bit for bit, to a peer that offers to take H.265."""
    heard = asyncio.run(watched(h265_stream, description=H265))
    sent = [packet.data[nal.start : nal.end] for packet in h265_stream for nal in nal_units(Codec.H265, packet.data)]
    assert h265_units_of(packet.payload for packet in heard) == sent


def test_who_does_not_offer_h265_is_sent_to_the_next_rung(h265_stream):
    """No peer is left behind."""

    async def scenario():
        registry = ViewRegistry(LiveSettings())
        known = RTCRtpReceiver.getCapabilities("video").codecs
        async with browser() as peer:
            peer.getTransceivers()[0].setCodecPreferences([codec for codec in known if codec.name == "H264"])
            await peer.setLocalDescription(await peer.createOffer())
            with pytest.raises(CodecNotViewable):
                await registry.open(
                    CAMERA, feed_of(PacketFanout()), health(description=H265), peer.localDescription.sdp
                )
        return len(registry)

    assert asyncio.run(scenario()) == 0


def test_the_sender_of_aiortc_sends_no_h265(h265_stream):
    """Where ours is switched off, the next rung is told."""

    async def scenario():
        registry = ViewRegistry(LiveSettings(own_sender=False))
        async with browser() as peer:
            await peer.setLocalDescription(await peer.createOffer())
            with pytest.raises(CodecNotViewable):
                await registry.open(
                    CAMERA, feed_of(PacketFanout()), health(description=H265), peer.localDescription.sdp
                )
        return len(registry)

    assert asyncio.run(scenario()) == 0


def test_pictures_say_when_they_came(rich_stream):
    """At least one a second bears the time on all its packets, and it is that picture's own."""
    heard = asyncio.run(watched(rich_stream))
    came = dict(zip(dict.fromkeys(packet.ticks for packet in heard), rich_stream, strict=True))
    stamped = {packet.ticks: packet.extension for packet in heard if packet.extension}
    assert len(stamped) >= 3
    for ticks, extension in stamped.items():
        assert extension[:4] == b"\xbe\xde\x00\x04"  # RFC 8285 clause 4.2: four words of one-byte elements
        assert extension[4] & 0x0F == 7  # its length less one
        assert int.from_bytes(extension[5:13], "big") == ntp_of(came[ticks].received_at)
        assert extension[13] & 0x0F == 2  # the playout delay: least and most, and none of either
        assert extension[14:] == bytes(6)
        assert all(packet.extension == extension for packet in heard if packet.ticks == ticks)


def test_who_does_not_ask_for_times_gets_none(rich_stream):
    """The extensions are negotiated like everything else."""
    heard = asyncio.run(watched(rich_stream[:12], CAPTURE_TIME))
    assert {packet.extension[:4] for packet in heard if packet.extension} == {b"\xbe\xde\x00\x01"}
    heard = asyncio.run(watched(rich_stream[:12], "rtp-hdrext"))
    assert not any(packet.extension for packet in heard)
