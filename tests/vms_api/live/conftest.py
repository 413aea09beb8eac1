"""Encoded packets for the live-view tests: a small H.264 stream, made once."""

from datetime import UTC, datetime
from fractions import Fraction

import av
import numpy as np
import pytest

from ingest.camera import CameraId, StreamRole
from ingest.packet import Codec, Packet

FRAME_RATE = 10


@pytest.fixture(scope="session")
def stream() -> list[Packet]:
    """Five seconds at 10 fps, 320x240, one key frame at the start: the longest wait for a late joiner."""
    images = []
    for index in range(5 * FRAME_RATE):
        image = np.full((240, 320, 3), 40, np.uint8)
        image[:, (index * 6) % 300 : (index * 6) % 300 + 20] = 220
        images.append(image)
    return encode(images)


@pytest.fixture(scope="session")
def rich_stream() -> list[Packet]:
    """Three seconds with a strip of noise: every picture takes several packets."""
    random, images = np.random.default_rng(7), []
    for _ in range(3 * FRAME_RATE):
        image = np.full((240, 320, 3), 40, np.uint8)
        image[:32] = random.integers(0, 255, (32, 320, 3), np.uint8)
        images.append(image)
    return encode(images)


@pytest.fixture(scope="session")
def h265_stream() -> list[Packet]:
    """As the rich stream, in H.265."""
    random, images = np.random.default_rng(7), []
    for _ in range(FRAME_RATE):
        image = np.full((240, 320, 3), 40, np.uint8)
        image[:32] = random.integers(0, 255, (32, 320, 3), np.uint8)
        images.append(image)
    return encode(images, Codec.H265)


ENCODERS = {
    Codec.H264: ("libx264", {"g": "1000", "keyint_min": "1000"}),
    Codec.H265: ("libx265", {"x265-params": "keyint=1000:bframes=0:pools=1:frame-threads=1:log-level=none"}),
}


def encode(images: list[np.ndarray], codec: Codec = Codec.H264) -> list[Packet]:
    """One key frame, no B-frames."""
    name, options = ENCODERS[codec]
    encoder = av.CodecContext.create(name, "w")
    encoder.width, encoder.height, encoder.pix_fmt = 320, 240, "yuv420p"
    encoder.framerate, encoder.time_base = Fraction(FRAME_RATE), Fraction(1, FRAME_RATE)
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency", **options}
    encoded = []
    for index, image in enumerate(images):
        frame = av.VideoFrame.from_ndarray(image, format="bgr24")
        frame.pts = index
        encoded += encoder.encode(frame)
    encoded += encoder.encode(None)
    return [make_packet(packet, sequence, codec=codec) for sequence, packet in enumerate(encoded)]


def make_packet(packet: av.Packet, sequence: int, epoch: int = 1, codec: Codec = Codec.H264) -> Packet:
    """Our packet from PyAV's, on the RTP clock."""
    pts = int(packet.pts * 90_000 / FRAME_RATE)
    return Packet(
        camera_id=CameraId("camera"),
        role=StreamRole.MAIN,
        codec=codec,
        data=bytes(packet),
        pts=pts,
        dts=pts,
        time_base=Fraction(1, 90_000),
        is_keyframe=packet.is_keyframe,
        epoch=epoch,
        sequence=sequence,
        received_at=datetime.now(UTC),
        received_monotonic_s=sequence / FRAME_RATE,
    )
