"""A camera's sound to those who may hear it: passed on as it is, or made Opus once, in step with the picture."""

import asyncio
import itertools
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from ingest.audio import AudioCodec, AudioDescription, AudioPacket
from ingest.av_opus import FRAME_SAMPLES, OpusTranscode
from ingest.camera import CameraId, StreamRole
from ingest.fanout import PacketFanout
from ingest.mask import NO_MASKS, CurrentMasks
from ingest.packet import Codec, StreamDescription
from ingest.sound import SoundFanout
from tests.vms_api.live.test_whep_view import CAMERA, feed_of, health
from vms_api.live.ice_addresses import offer_only
from vms_api.live.settings import LiveSettings
from vms_api.live.view_registry import ViewRegistry

PCMA = AudioDescription(AudioCodec.PCMA, 8000, 1)


@pytest.fixture(scope="module", autouse=True)
def loopback_only():
    """Both peers live on 127.0.0.1."""
    offer_only(("127.0.0.1",))


def packet(data: bytes, pts: int, rate: int, epoch: int = 1) -> AudioPacket:
    return AudioPacket(
        camera_id=CameraId("camera"),
        role=StreamRole.MAIN,
        data=data,
        pts=pts,
        time_base=Fraction(1, rate),
        epoch=epoch,
        received_at=datetime.now(UTC),
        received_monotonic_s=pts / rate,
    )


def tone(rate: int, count: int) -> np.ndarray:
    return (8000 * np.sin(2 * np.pi * 440 * np.arange(count) / rate)).astype(np.int16)


def aac(seconds: float) -> tuple[AudioDescription, list[AudioPacket]]:
    """A tone of 440 Hz, 16 kHz, one channel."""
    encoder = av.CodecContext.create("aac", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 16_000, "mono", "fltp"
    encoder.open()
    sound, units = tone(16_000, int(16_000 * seconds)), []
    for start in range(0, len(sound) - 1024, 1024):
        block = (sound[start : start + 1024] / 32768).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(block.reshape(1, -1), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 16_000, start
        units += encoder.encode(frame)
    described = AudioDescription(AudioCodec.AAC, 16_000, 1, bytes(encoder.extradata))
    return described, [packet(bytes(unit), 1024 * number, 16_000) for number, unit in enumerate(units)]


def loudest_hz(samples: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(np.argmax(spectrum) * rate / len(samples))


def test_aac_becomes_opus_of_the_same_tone():
    """Packets of 20 ms without a gap in their times, that sound as what came in."""
    described, units = aac(2.0)
    transcode = OpusTranscode(described)
    made = [ready for unit in units for ready in transcode.packets(unit)]
    assert len(made) > 90
    assert {b.pts - a.pts for a, b in itertools.pairwise(made)} == {FRAME_SAMPLES}
    decoder = av.CodecContext.create("libopus", "r")
    decoder.sample_rate = 48_000
    frames = [frame for one in made for frame in decoder.decode(av.Packet(one.data))]
    heard = np.concatenate([frame.to_ndarray().reshape(-1)[:: len(frame.layout.channels)] for frame in frames[20:]])
    assert abs(loudest_hz(heard.astype(float), 48_000) - 440) < 5


def test_units_that_cannot_be_read_are_left_out():
    """Noise between them costs its own time and no more; a new epoch starts anew; a gap is a gap."""
    described, units = aac(1.0)
    transcode = OpusTranscode(described)
    units[5] = replace(units[5], data=b"\xff" * 60)
    later = [replace(unit, epoch=2, pts=unit.pts + 160_000) for unit in units]
    made = [ready for unit in [*units, *later] for ready in transcode.packets(unit)]
    assert len(made) > 80
    assert all(a.pts < b.pts for a, b in itertools.pairwise(made))
    assert made[-1].pts > 10 * 48_000


async def heard(sound: SoundFanout | None, described: AudioDescription, units, stream, *, asks: bool = True):
    """Samples that a peer hears of a view with sound, the codec of the answer, and who listens in the end."""
    registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
    for one in stream[:5]:
        fanout.publish(one)
    told = StreamDescription(Codec.H264, 320, 240, "Baseline", 10.0, described)
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    if asks:
        peer.addTransceiver("audio", direction="recvonly")
    peer.addTransceiver("video", direction="recvonly")
    await peer.setLocalDescription(await peer.createOffer())
    offer = peer.localDescription.sdp
    view, answer = await registry.open(CAMERA, feed_of(fanout), health(description=told), offer, sound)
    await peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    async with asyncio.timeout(10):
        while not registry.require(view).connected:
            await asyncio.sleep(0.02)
    samples = []
    if sound is not None and asks:
        track = peer.getReceivers()[0].track
        feeding = asyncio.create_task(feed(sound, units))
        async with asyncio.timeout(20):
            while sum(map(len, samples)) < 24_000:
                frame = await track.recv()
                samples.append(frame.to_ndarray().reshape(-1)[:: len(frame.layout.channels)])
        rate = frame.sample_rate
        feeding.cancel()
    listeners = len(sound._subscriptions) if sound is not None else 0
    await registry.close_all()
    await peer.close()
    left = len(sound._subscriptions) if sound is not None else 0
    sounds = (np.concatenate(samples), rate) if samples else None
    return sounds, answer, (listeners, left)


async def feed(sound: SoundFanout, units) -> None:
    for unit in units:
        sound.publish(unit)
        await asyncio.sleep(0.01)


def test_g711_is_passed_on_as_it_is(stream):
    """What the peer decodes is the tone that the camera sent; nobody listens once the view is over."""
    encoder = av.CodecContext.create("pcm_alaw", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 8000, "mono", "s16"
    units, sound = [], tone(8000, 8000 * 6)
    for start in range(0, len(sound), 160):
        frame = av.AudioFrame.from_ndarray(sound[start : start + 160].reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = 8000, start
        units += [packet(bytes(one), start, 8000) for one in encoder.encode(frame)]
    fanout = SoundFanout(CurrentMasks(NO_MASKS))
    (samples, rate), answer, places = asyncio.run(heard(fanout, PCMA, units, stream))
    assert abs(loudest_hz(samples[4000:].astype(float), rate) - 440) < 10
    assert "PCMA/8000" in answer
    assert places == (1, 0)
    assert len({line.split()[0] for line in answer.splitlines() if line.startswith("a=msid:")}) == 1


def test_aac_is_heard_as_opus(stream):
    """Through the whole of it: camera's thread, transcode, track, peer."""
    described, units = aac(8.0)
    fanout = SoundFanout(CurrentMasks(NO_MASKS))
    (samples, rate), answer, places = asyncio.run(heard(fanout, described, units, stream))
    assert abs(loudest_hz(samples[-12_000:].astype(float), rate) - 440) < 20
    assert "opus/48000/2" in answer
    assert places == (1, 0)


@pytest.mark.parametrize(("is_wanted", "asks"), [(False, True), (True, False)])
def test_nobody_hears_unasked(stream, is_wanted, asks):
    """Without the wish, or in an offer without sound, nothing is subscribed and nothing is sent."""
    fanout = SoundFanout(CurrentMasks(NO_MASKS)) if is_wanted else None
    sounds, answer, places = asyncio.run(heard(fanout, PCMA, [], stream, asks=asks))
    assert (sounds, places) == (None, (0, 0))
    if asks:
        assert "a=inactive" in answer.partition("m=audio")[2].partition("m=")[0]
