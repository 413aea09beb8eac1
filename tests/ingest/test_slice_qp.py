"""Quantisers read from slice headers, compared with what the encoder was told to use."""

import functools
import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.slept_footage import lap
from ingest.annexb import nal_units
from ingest.packet import Codec
from ingest.slice_qp import SliceQp

PICTURES = 6


def coded(qp: int, extra: str = "", *, codec: str = "libx264", profile: str = "high") -> list[bytes]:
    """Access units in Annex B form of a square that walks, every predicted picture with that QP; two key frames."""
    stream_bytes: list[bytes] = []
    with av.open(io.BytesIO(), "w", format="h264" if codec == "libx264" else "hevc") as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        params = f"qp={qp}:bframes=0:keyint=3:scenecut=0:{extra}".rstrip(":")
        stream.options = {"preset": "veryfast", "profile": profile, f"{codec.removeprefix('lib')}-params": params}
        for number in range(PICTURES):
            picture = np.random.default_rng(1).integers(60, 90, (240, 320, 3), np.uint8)
            picture[100:160, 20 * number : 20 * number + 60] = 220
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            stream_bytes += [bytes(packet) for packet in stream.encode(frame)]
        stream_bytes += [bytes(packet) for packet in stream.encode(None)]
    return stream_bytes


@pytest.mark.parametrize("qp", [1, 18, 26, 37, 51])
@pytest.mark.parametrize(
    ("extra", "profile"),
    [
        ("", "high"),
        ("", "baseline"),
        ("cabac=0:ref=4", "main"),
        ("slices=4:weightp=2", "high"),
        ("tff=1:ref=3", "high"),
        ("ref=5:intra-refresh=1", "main"),
    ],
)
def test_predicted_pictures_have_the_encoders_quantiser(qp: int, extra: str, profile: str) -> None:
    """Of all profiles, coders, numbers of slices and references, with weights and with fields."""
    reader, pictures = SliceQp(), coded(qp, extra, profile=profile)
    read = [reader.read(Codec.H264, picture) for picture in pictures]
    predicted = [told for told, picture in zip(read, pictures, strict=True) if not starts(picture)]
    assert predicted == [qp] * len(predicted)
    assert len(predicted) >= PICTURES - 2
    assert all(told is not None for told in read)


@pytest.mark.parametrize("qp", [1, 18, 26, 37, 51])
@pytest.mark.parametrize(
    "extra",
    [
        "",
        "ref=4:weightp=0",
        "weightp=1:slices=2",
        "bframes=2:b-adapt=0:no-b-pyramid=1:weightb=1:pbratio=1",
        "no-sao=1:no-temporal-mvp=1:amp=1",
        "scaling-list=default:deblock=1,1",
        "open-gop=0:ref=3:no-wpp=1:cbqpoffs=2",
    ],
)
def test_the_same_of_h265(qp: int, extra: str) -> None:
    """With weights, slices, pictures predicted from both sides, and without the tools that can be left out."""
    reader, pictures = SliceQp(), coded(qp, f"aq-mode=0:no-cutree=1:{extra}", codec="libx265", profile="main")
    read = [reader.read(Codec.H265, picture) for picture in pictures]
    predicted = [told for told, picture in zip(read, pictures, strict=True) if not starts(picture, Codec.H265)]
    assert predicted == [qp] * len(predicted)
    assert len(predicted) >= PICTURES // 2
    assert all(told is not None for told in read)


def test_the_clip_of_a_camera_is_understood(footage_dir: Path) -> None:
    """An encoder in hardware: its bit rate control is seen at work."""
    reader = SliceQp()
    told = [reader.read(packet.codec, packet.data) for packet in lap(footage_dir / "car-park.mp4")]
    known = [qp for qp in told if qp is not None]
    assert len(known) == len(told)
    assert min(known) < max(known) <= 51


def test_what_is_not_understood_is_not_told() -> None:
    """B-slices of H.264, another codec, and slices whose parameter sets never came."""
    reader = SliceQp()
    assert reader.read(Codec.MJPEG, coded(26)[0]) is None
    predicted = [picture for picture in coded(26) if not starts(picture)]
    assert [reader.read(Codec.H264, picture) for picture in predicted] == [None] * len(predicted)
    between = coded(26, "bframes=2:b-adapt=0")
    assert None in [reader.read(Codec.H264, picture) for picture in between]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 400), st.binary(min_size=1, max_size=6)), max_size=12))
def test_damage_is_borne(damages: list[tuple[int, int, bytes]]) -> None:
    """Bytes that are overwritten anywhere, parameter sets included, never raise and never hang."""
    for codec in (Codec.H264, Codec.H265):
        whole = undamaged(codec)
        reader, pictures = SliceQp(), list(whole)
        for number, at, wrong in damages:
            picture = pictures[number % len(pictures)]
            pictures[number % len(pictures)] = picture[:at] + wrong + picture[at + len(wrong) :]
        for picture in pictures:
            reader.read(codec, picture)
        assert None not in [reader.read(codec, picture) for picture in whole]


def starts(picture: bytes, codec: Codec = Codec.H264) -> bool:
    """Whether the access unit has a sequence parameter set."""
    return any(unit.type == {Codec.H264: 7, Codec.H265: 33}[codec] for unit in nal_units(codec, picture))


@functools.cache
def undamaged(codec: Codec) -> list[bytes]:
    """A few pictures of that codec."""
    return coded(30) if codec is Codec.H264 else coded(30, codec="libx265", profile="main")
