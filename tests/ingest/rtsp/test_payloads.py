"""Payload formats: what was taken apart is put together again, and what is damaged is told."""

from collections.abc import Iterable
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.annexb import nal_units
from ingest.drops import DropCause
from ingest.packet import Codec
from ingest.rtp_payloads import payloads
from ingest.rtsp.assembler import MAX_UNIT_BYTES, Assembler, PictureAssembler
from ingest.rtsp.h264_payload import H264Depacketiser
from ingest.rtsp.h265_payload import H265Depacketiser
from ingest.rtsp.jpeg_payload import JpegDepacketiser
from ingest.rtsp.sound_payload import AacAssembler, AacHeaderSizes, PlainSoundAssembler

# First bytes of an IDR slice, another slice, and the parameter sets of each codec.
H264 = {"idr": b"\x65", "slice": b"\x41", "sps": b"\x67", "pps": b"\x68", "aud": b"\x09"}
H265 = {"idr": b"\x26\x01", "slice": b"\x02\x01", "sps": b"\x42\x01", "pps": b"\x44\x01", "aud": b"\x46\x01"}
HEADS = {Codec.H264: H264, Codec.H265: H265}
DEPACKETISERS = {Codec.H264: H264Depacketiser, Codec.H265: H265Depacketiser}
CODECS = pytest.mark.parametrize("codec", DEPACKETISERS)


def nal(codec: Codec, kind: str, size: int = 20) -> bytes:
    """A unit whose bytes hold neither start codes nor trailing zeros."""
    return HEADS[codec][kind] + bytes(1 + at % 250 for at in range(size))


def send(assembler: Assembler, bodies: Iterable[bytes], timestamp: int, *, marked: bool = True) -> None:
    """The payloads of one picture, the last one marked."""
    listed = list(bodies)
    for number, body in enumerate(listed):
        assembler.push(memoryview(body), timestamp, is_marked=marked and number == len(listed) - 1)


def split(codec: Codec, data: bytes) -> list[bytes]:
    """The NAL units of a byte stream."""
    return [data[unit.start : unit.end] for unit in nal_units(codec, data)]


UNITS = st.lists(st.tuples(st.sampled_from(["idr", "slice", "sps"]), st.integers(1, 6000)), min_size=1, max_size=5)


@CODECS
@given(pictures=st.lists(UNITS, min_size=1, max_size=4), limit=st.integers(20, 1500))
def test_pictures_come_out_as_they_went_in(codec: Codec, pictures: list[list[tuple[str, int]]], limit: int) -> None:
    """Whatever sizes units and packets have; parameter sets without a picture wait for the next one."""
    assembler = PictureAssembler(DEPACKETISERS[codec]())
    sent: list[list[bytes]] = [[]]
    for number, picture in enumerate(pictures):
        units = [nal(codec, kind, size) for kind, size in picture]
        send(assembler, (body for unit in units for body in payloads(codec, unit, limit)), number * 3600)
        sent[-1] += units
        if any(kind != "sps" for kind, _ in picture):
            sent.append([])
    assert [split(codec, unit.data) for unit in assembler.ready] == sent[:-1]
    assert assembler.drops == {}


@CODECS
def test_aggregated_units_are_parted(codec: Codec) -> None:
    """STAP-A and AP hold several units; delimiters are left out, and the timestamp is the packet's."""
    units = [nal(codec, kind) for kind in ("aud", "sps", "pps", "idr")]
    head = b"\x78" if codec is Codec.H264 else b"\x60\x01"
    assembler = PictureAssembler(DEPACKETISERS[codec]())
    send(assembler, [head + b"".join(len(unit).to_bytes(2, "big") + unit for unit in units)], 900)
    (picture,) = assembler.ready
    assert split(codec, picture.data) == units[1:]
    assert (picture.timestamp, picture.is_keyframe) == (900, True)


@CODECS
def test_a_missing_fragment_costs_its_unit_and_the_key_frame_s_name(codec: Codec) -> None:
    """The other slice of the picture is handed on, the picture is counted, and the next one is whole again."""
    bodies = [*payloads(codec, nal(codec, "idr", 90), 50), *payloads(codec, nal(codec, "idr", 40), 50)]
    assembler = PictureAssembler(DEPACKETISERS[codec]())
    send(assembler, bodies[:1], 0, marked=False)
    assembler.lose()
    send(assembler, bodies[-1:], 0)
    send(assembler, [nal(codec, "sps"), nal(codec, "idr")], 3600)
    damaged, whole = assembler.ready
    assert split(codec, damaged.data) == [nal(codec, "idr", 40)]
    assert (damaged.is_keyframe, whole.is_keyframe) == (False, True)
    assert assembler.drops == {DropCause.DAMAGED: 1}


@CODECS
def test_a_loss_between_two_pictures_makes_both_unsure(codec: Codec) -> None:
    """Nobody can tell which of them lacks a part; one that begins with parameter sets is whole."""
    assembler = PictureAssembler(DEPACKETISERS[codec]())
    send(assembler, [nal(codec, "slice")], 0, marked=False)
    assembler.lose()
    send(assembler, [nal(codec, "idr")], 3600)
    assert assembler.drops == {DropCause.DAMAGED: 2}
    assembler.lose()
    send(assembler, [nal(codec, "sps"), nal(codec, "idr")], 7200)
    assert assembler.drops == {DropCause.DAMAGED: 2}
    assert [unit.is_keyframe for unit in assembler.ready] == [False, False, True]


@CODECS
def test_a_camera_that_marks_every_slice_is_found_out(codec: Codec) -> None:
    """After the first picture that came in two, slices of one timestamp are one picture."""
    first, rest = (HEADS[codec]["slice"] + begin + b"\x55" * 9 for begin in (b"\x80", b"\x40"))
    assembler = PictureAssembler(DEPACKETISERS[codec]())
    for timestamp in (0, 3600, 7200):
        for unit in (first, rest):
            send(assembler, [unit], timestamp)
    send(assembler, [first], 10_800)
    assert [split(codec, unit.data) for unit in assembler.ready] == [[first], [rest], [first, rest], [first, rest]]


@CODECS
def test_pictures_of_one_timestamp_are_no_reason_to_doubt_markers(codec: Codec) -> None:
    """A clumsy clock is not a clumsy marker: each picture begins anew."""
    first = HEADS[codec]["slice"] + b"\x80" + b"\x55" * 9
    assembler = PictureAssembler(DEPACKETISERS[codec]())
    for _ in range(4):
        send(assembler, [first], 0)
    assert len(assembler.ready) == 4


@CODECS
def test_a_camera_without_markers_is_read_by_its_timestamps(codec: Codec) -> None:
    """A picture then ends where the next begins."""
    assembler = PictureAssembler(DEPACKETISERS[codec]())
    for number in range(3):
        send(assembler, [nal(codec, "slice", 10 + number)], number * 3600, marked=False)
    assert [unit.timestamp for unit in assembler.ready] == [0, 3600]


def test_a_picture_beyond_all_measure_is_given_up() -> None:
    """Memory stays bounded, the picture is counted, and the next one is read."""
    assembler = PictureAssembler(H264Depacketiser())
    body = memoryview(b"\x7c\x85" + bytes(60_000))
    for _ in range(MAX_UNIT_BYTES // 60_000 + 5):
        assembler.push(body, 0, is_marked=False)
        body = memoryview(b"\x7c\x05" + bytes(60_000))
    send(assembler, [nal(Codec.H264, "slice")], 3600)
    assert [unit.timestamp for unit in assembler.ready] == [3600]
    assert assembler.drops[DropCause.OVERSIZE] == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: PictureAssembler(H264Depacketiser()),
        lambda: PictureAssembler(H265Depacketiser()),
        lambda: PictureAssembler(JpegDepacketiser()),
        lambda: AacAssembler(AacHeaderSizes()),
        PlainSoundAssembler,
    ],
    ids=["h264", "h265", "jpeg", "aac", "plain"],
)
@given(packets=st.lists(st.tuples(st.binary(max_size=80), st.integers(0, 3), st.booleans(), st.booleans())))
def test_garbage_makes_no_format_raise(make: object, packets: list[tuple[bytes, int, bool, bool]]) -> None:
    """What comes out is never more than what went in, but for the headers that are put in front."""
    assert callable(make)
    assembler = make()
    for body, timestamp, is_marked, is_lost in packets:
        if is_lost:
            assembler.lose()
        assembler.push(memoryview(body), timestamp, is_marked=is_marked)
    assert sum(len(unit.data) for unit in assembler.ready) <= sum(len(body) + 1000 for body, *_ in packets)


@pytest.mark.parametrize("quality", [255, 50])
def test_a_jpeg_gets_its_headers_back(quality: int) -> None:
    """The scan of a real JPEG, restart markers and all, decodes to the same picture; the tables come or are known."""
    picture = cv2.GaussianBlur(np.random.default_rng(5).integers(0, 255, (96, 160, 3), np.uint8), (9, 9), 0)
    jpeg = encode_jpeg(picture)
    tables, interval, scan = read_jpeg(jpeg)
    head = bytes([64 + 1, quality, 160 // 8, 96 // 8]) + interval + b"\xff\xff"
    own = b"\0\0" + len(tables).to_bytes(2, "big") + tables if quality == 255 else b""
    pieces = [scan[at : at + 900] for at in range(0, len(scan), 900)]
    bodies = [
        b"\0" + (900 * at).to_bytes(3, "big") + head + (own if at == 0 else b"") + piece
        for at, piece in enumerate(pieces)
    ]
    assembler = PictureAssembler(JpegDepacketiser())
    send(assembler, bodies, 0)
    (unit,) = assembler.ready
    decoded = cv2.imdecode(np.frombuffer(unit.data, np.uint8), cv2.IMREAD_COLOR)
    assert decoded.shape == picture.shape
    if quality == 255:
        assert np.array_equal(decoded, cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR))


def test_a_jpeg_with_a_hole_is_not_handed_on() -> None:
    """A scan cannot be read past a gap."""
    head = bytes([1, 50, 20, 12])
    assembler = PictureAssembler(JpegDepacketiser())
    send(assembler, [b"\0\0\0\0" + head + bytes(50)], 0, marked=False)
    send(assembler, [b"\0\0\0\x64" + head + bytes(50)], 0)
    assert not assembler.ready
    assert assembler.drops == {DropCause.DAMAGED: 1}


def encode_jpeg(picture: np.ndarray) -> bytes:
    """A 4:2:0 JPEG with the standard's Huffman tables, as RFC 2435 wants it."""
    codec = av.CodecContext.create("mjpeg", "w")
    codec.width, codec.height, codec.pix_fmt = picture.shape[1], picture.shape[0], "yuvj420p"
    codec.time_base = Fraction(1, 25)
    codec.options = {"huffman": "default", "q": "5"}
    frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuvj420p")
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*codec.encode(frame), *codec.encode(None)])


def read_jpeg(jpeg: bytes) -> tuple[bytes, bytes, bytes]:
    """Quantisation tables, restart interval and scan."""
    at, tables, interval = 2, b"", b""
    while jpeg[at + 1] != 0xDA:
        size = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if jpeg[at + 1] == 0xDB:
            body = jpeg[at + 4 : at + 2 + size]
            tables += b"".join(body[start + 1 : start + 65] for start in range(0, len(body), 65))
        if jpeg[at + 1] == 0xDD:
            interval = jpeg[at + 4 : at + 6]
        at += 2 + size
    return tables, interval, jpeg[at + 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big") : -2]


@given(sizes=st.lists(st.integers(1, 300), min_size=1, max_size=6))
def test_several_aac_units_in_one_packet(sizes: list[int]) -> None:
    """Each comes out with its own time, 1024 samples after the one before."""
    units = [bytes([number]) * size for number, size in enumerate(sizes)]
    headers = b"".join((len(unit) << 3).to_bytes(2, "big") for unit in units)
    assembler = AacAssembler(AacHeaderSizes())
    send(assembler, [(16 * len(units)).to_bytes(2, "big") + headers + b"".join(units)], 5000)
    assert [(unit.data, unit.timestamp) for unit in assembler.ready] == [
        (unit, 5000 + 1024 * number) for number, unit in enumerate(units)
    ]


def test_one_aac_unit_over_several_packets() -> None:
    """It is put together; one with a missing piece is counted and left out."""
    unit = bytes(range(200))
    header = b"\0\x10" + (len(unit) << 3).to_bytes(2, "big")
    assembler = AacAssembler(AacHeaderSizes())
    send(assembler, [header + unit[:120], header + unit[120:]], 0)
    send(assembler, [header + unit[:120]], 1024)
    assembler.lose()
    send(assembler, [b"\0\x10\0\x18abc"], 2048)
    assert [unit.data for unit in assembler.ready] == [unit, b"abc"]
    assert assembler.drops == {DropCause.DAMAGED: 1}
