"""Recorded files: a foreign player reads them as we do, and damage costs no more than what it hit."""

import hashlib
from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.audio import AudioCodec, AudioDescription, AudioPacket
from ingest.camera import CameraId, StreamRole
from ingest.packet import Codec
from ingest.recording.errors import NotRecordable, SegmentDamaged
from ingest.recording.segment_reader import SegmentReader
from tests.conftest import MakeClip
from tests.fakes.segment import STARTED_AT, clip_packets, segment_header, write_segment


@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
@pytest.mark.parametrize("b_frames", [0, 2])
def test_libav_decodes_every_picture_at_its_time(make_clip: MakeClip, tmp_path: Path, encoder, b_frames) -> None:
    """As many pictures as were sent, each at the time it was sent for, in their order of showing."""
    packets = clip_packets(make_clip(codec=encoder, b_frames=b_frames, seconds=3.0, gop=20))
    info = write_segment(tmp_path, packets)
    with av.open(str(tmp_path / info.path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.time_base) == (packets[0].codec.value, Fraction(1, 90_000))
        frames = list(container.decode(video=0))
    sent = sorted(round((packet.pts - packets[0].dts) * packet.time_base * 90_000) for packet in packets)
    assert [frame.pts for frame in frames] == sent
    assert {(frame.width, frame.height) for frame in frames} == {(320, 240)}
    assert (info.duration_s, info.keyframe_count) == (pytest.approx(3.0), 4)


def test_our_reader_gives_back_what_was_written(make_clip: MakeClip, tmp_path: Path) -> None:
    """Header, fragments and samples; a key frame begins a fragment and none holds another inside."""
    packets = clip_packets(make_clip(seconds=3.0, gop=40))
    info = write_segment(tmp_path, packets, mask_version=3, clock_offset_s=1.5)
    with SegmentReader(tmp_path / info.path) as reader:
        assert reader.header == segment_header(
            packets[0], recording_id=info.recording_id, mask_version=3, clock_offset_s=1.5
        )
        assert [fragment.is_keyframe for fragment in reader.fragments] == [True, False, True, False]
        assert max(fragment.duration_s for fragment in reader.fragments) <= 1.0
        samples = [sample for fragment in reader.fragments for sample in reader.samples(fragment)]
        assert len(samples) == len(packets)
        assert (reader.damage, reader.duration_s, reader.keyframe_count) == (None, pytest.approx(3.0), 2)
    data = (tmp_path / info.path).read_bytes()
    assert data[samples[1].offset + 4 : samples[1].offset + samples[1].size] in packets[1].data
    assert (hashlib.sha256(data).hexdigest(), len(data)) == (info.sha256, info.size_bytes)
    assert info.path == f"cam/2026-11-21/08/{info.recording_id}.mp4"
    assert info.started_at == STARTED_AT


def test_beginning_and_any_fragments_from_a_key_frame_on_play(make_clip: MakeClip, tmp_path: Path) -> None:
    """What HLS does: the beginning, then some fragments, through a player that knows nothing else."""
    info = write_segment(tmp_path, clip_packets(make_clip(seconds=3.0, gop=20, b_frames=2)))
    with SegmentReader(tmp_path / info.path) as reader:
        chosen = [fragment for fragment in reader.fragments if fragment.time_s > 0.7]
        assert chosen[0].is_keyframe
        (tmp_path / "part.mp4").write_bytes(reader.init + b"".join(reader.read(fragment) for fragment in chosen))
    with av.open(str(tmp_path / "part.mp4")) as container:
        assert len(list(container.decode(video=0))) == 55


def g711(count: int, start_s: float, codec: AudioCodec = AudioCodec.PCMA) -> tuple[AudioDescription, list[AudioPacket]]:
    """A loud square tone in packets of 20 ms that begin at an arbitrary stamp."""
    data = (b"\x2a" * 10 + b"\xaa" * 10) * 8
    packets = [
        AudioPacket(
            CameraId("cam"),
            StreamRole.MAIN,
            data,
            7_000 + 160 * n,
            Fraction(1, 8000),
            1,
            STARTED_AT,
            start_s + 0.02 * n,
        )
        for n in range(count)
    ]
    return AudioDescription(codec, 8000, 1), packets


def aac(seconds: float, start_s: float, folder: Path) -> tuple[AudioDescription, list[AudioPacket]]:
    """Silence as libav's encoder makes it."""
    path = folder / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate = 16_000
        for number in range(round(seconds * 16_000 / 1024)):
            frame.pts = number * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        config = bytes(container.streams.audio[0].codec_context.extradata or b"")
        units = [bytes(packet) for packet in container.demux(audio=0) if packet.size]
    packets = [
        AudioPacket(
            CameraId("cam"), StreamRole.MAIN, unit, 1024 * n, Fraction(1, 16_000), 1, STARTED_AT, start_s + 0.064 * n
        )
        for n, unit in enumerate(units)
    ]
    return AudioDescription(AudioCodec.AAC, 16_000, 1, config), packets


@pytest.mark.parametrize(("kind", "name"), [("alaw", "pcm_alaw"), ("ulaw", "pcm_mulaw"), ("aac", "aac")])
def test_sound_is_kept_beside_the_pictures(make_clip: MakeClip, tmp_path: Path, kind, name) -> None:
    """A foreign player hears all of it, and the pictures alone can be had too."""
    pictures = clip_packets(make_clip(seconds=2.0))
    start_s = pictures[0].received_monotonic_s
    if kind == "aac":
        description, packets = aac(2.0, start_s, tmp_path)
    else:
        description, packets = g711(100, start_s, AudioCodec.PCMA if kind == "alaw" else AudioCodec.PCMU)
    sound = [packet for packet in packets if packet.data]
    info = write_segment(tmp_path, pictures, (description, sound))
    with av.open(str(tmp_path / info.path)) as container:
        assert container.streams.audio[0].codec_context.name == name
        heard = sum(frame.samples for frame in container.decode(audio=0)) / description.clock_rate
    assert heard == pytest.approx(2.0, abs=0.14)
    with SegmentReader(tmp_path / info.path) as reader:
        assert {fragment.track for fragment in reader.fragments} == {"video", "audio"}
        pictures_only = [reader.read(fragment) for fragment in reader.fragments if fragment.track == "video"]
        (tmp_path / "pictures.mp4").write_bytes(reader.init_for({"video"}) + b"".join(pictures_only))
    with av.open(str(tmp_path / "pictures.mp4")) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert len(list(container.decode(video=0))) == len(pictures)


def test_motion_jpeg_has_no_place_in_a_file(make_clip: MakeClip, tmp_path: Path) -> None:
    """It is said, not written."""
    with pytest.raises(NotRecordable):
        write_segment(tmp_path, clip_packets(make_clip(codec="mjpeg", seconds=0.2)))


@pytest.fixture(scope="module")
def whole(make_clip: MakeClip, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a small file with sound."""
    folder = tmp_path_factory.mktemp("whole")
    packets = clip_packets(make_clip(seconds=1.0, gop=5, size=(64, 48)))
    info = write_segment(folder, packets, g711(50, packets[0].received_monotonic_s))
    return (folder / info.path).read_bytes()


def readable(data: bytes, folder: Path) -> list[tuple[str, float]]:
    """The fragments of damaged bytes."""
    path = folder / "damaged.mp4"
    path.write_bytes(data)
    try:
        with SegmentReader(path) as reader:
            for fragment in reader.fragments:
                assert len(reader.read(fragment)) == fragment.size
                assert sum(sample.size for sample in reader.samples(fragment)) < fragment.size
            return [(fragment.track, fragment.time_s) for fragment in reader.fragments]
    except SegmentDamaged:
        return []


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(min_value=0, max_value=100_000))
def test_a_file_cut_short_keeps_what_came_before(whole: bytes, tmp_path: Path, cut: int) -> None:
    """Whole fragments before the cut are played; nothing else is raised, whatever the length."""
    full = readable(whole, tmp_path)
    left = readable(whole[: cut % len(whole)], tmp_path)
    assert left == full[: len(left)]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flips=st.lists(st.tuples(st.integers(0, 100_000), st.integers(1, 255)), min_size=1, max_size=3))
def test_flipped_bits_raise_nothing_else(whole: bytes, tmp_path: Path, flips: list[tuple[int, int]]) -> None:
    """The fragments before the first flip are all there."""
    data = bytearray(whole)
    for place, bits in flips:
        data[place % len(data)] ^= bits
    first = min(place % len(data) for place, _bits in flips)
    path = tmp_path / "whole.mp4"
    path.write_bytes(whole)
    with SegmentReader(path) as reader:
        beginning = reader.fragments[0].offset
        before = [(f.track, f.time_s) for f in reader.fragments if f.offset + f.size <= first]
    found = readable(bytes(data), tmp_path)
    assert first < beginning or found[: len(before)] == before


def test_behind_damage_the_next_key_frame_is_found(whole: bytes, tmp_path: Path) -> None:
    """By the index at the file's end: one spoilt head costs its group of pictures; the times of the others stay."""
    path = tmp_path / "damaged.mp4"
    path.write_bytes(whole)
    with SegmentReader(path) as reader:
        pictures = [fragment for fragment in reader.fragments if fragment.track == "video"]
    assert sum(fragment.is_keyframe for fragment in pictures) == 5
    hit = pictures[1].offset
    path.write_bytes(whole[: hit + 4] + b"jazz" + whole[hit + 8 :])
    with SegmentReader(path) as reader:
        left = [fragment for fragment in reader.fragments if fragment.track == "video"]
        assert left == [pictures[0], *pictures[2:]]
        assert (reader.damage, reader.whole_bytes) == (f"no fragment at byte {hit}", hit)
    path.write_bytes(whole[: hit + 4] + b"jazz" + whole[hit + 8 : -5])
    with SegmentReader(path) as reader:
        assert [fragment for fragment in reader.fragments if fragment.track == "video"] == pictures[:1]


@given(st.binary(max_size=300))
def test_any_bytes_at_all(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Bytes that are no file of ours are damaged, and nothing worse."""
    assert readable(data, tmp_path_factory.mktemp("any")) == []


def test_an_h265_file_says_hvc1(make_clip: MakeClip, tmp_path: Path) -> None:
    """Browsers want parameter sets out of band, and the entry that promises it."""
    packets = clip_packets(make_clip(codec="libx265", seconds=0.4))
    info = write_segment(tmp_path, packets)
    assert (info.codec, info.profile) == (Codec.H265, "Main")
    with SegmentReader(tmp_path / info.path) as reader:
        assert b"hvc1" in reader.init
        assert b"hvcC" in reader.init
