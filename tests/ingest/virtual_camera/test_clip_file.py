"""Clips are read as they are, and made as asked."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest

from ingest.errors import CodecRefused, NoVideo, StreamBroken
from ingest.packet import Codec
from ingest.virtual_camera.clip import CLOCK_RATE, Clip
from ingest.virtual_camera.clip_file import Encoding, read_clip, transcode
from ingest.virtual_camera.nal import nal_type, split_annexb
from tests.ingest.virtual_camera.conftest import write_noise


def _nals_by_ffmpeg(path: Path, codec: str) -> list[bytes]:
    """The NAL units of a file's pictures by FFmpeg's own bit-stream filter."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        to_annexb = av.BitStreamFilterContext(f"{codec}_mp4toannexb", stream)
        packets = [bytes(out) for packet in container.demux(stream) for out in to_annexb.filter(packet)]
    kind = Codec(codec)
    return [nal for packet in packets for nal in split_annexb(packet) if _is_picture(kind, nal)]


def _is_picture(codec: Codec, nal: bytes) -> bool:
    """Slices: types 1 to 5 of H.264 (table 7-1), 0 to 31 of H.265 (table 7-1)."""
    return nal_type(codec, nal) in (range(1, 6) if codec is Codec.H264 else range(32))


def _nals(clip: Clip) -> list[bytes]:
    return [nal for unit in clip.units for nal in unit.nal_units if _is_picture(clip.codec, nal)]


def test_h265_is_passed_through(h265_file: Path, h265_clip: Clip):
    """Every NAL unit of an H.265 file is kept bit by bit, with VPS, SPS and PPS before each key frame."""
    assert (h265_clip.codec, h265_clip.width, h265_clip.height, h265_clip.frame_rate) == (Codec.H265, 192, 128, 20.0)
    assert _nals(h265_clip) == _nals_by_ffmpeg(h265_file, "hevc")
    keys = [unit for unit in h265_clip.units if unit.is_keyframe]
    assert len(keys) == 4
    assert all([nal_type(Codec.H265, nal) for nal in key.nal_units[:3]] == [32, 33, 34] for key in keys)


@pytest.mark.footage
@pytest.mark.parametrize(
    ("name", "size", "rate", "count"),
    [("town-square.mp4", (768, 576), 10.0, 795), ("car-park.mp4", (768, 432), 12.5, 377)],
)
def test_real_clips_are_passed_through(footage_dir: Path, name: str, size: tuple[int, int], rate: float, count: int):
    """Every NAL unit of the real clips is kept bit by bit; sound is left out."""
    clip = read_clip(footage_dir / name)
    assert ((clip.width, clip.height), len(clip.units)) == (size, count)
    assert clip.frame_rate == pytest.approx(rate)
    assert _nals(clip) == _nals_by_ffmpeg(footage_dir / name, "h264")


def test_times_start_at_zero_and_run_forwards(loop_clip: Clip):
    """A clip's times count from its first picture, and its duration leaves room for the last."""
    assert [unit.due for unit in loop_clip.units] == [index * CLOCK_RATE // 25 for index in range(25)]
    assert loop_clip.duration == CLOCK_RATE
    assert all(unit.pts == unit.due for unit in loop_clip.units)


def test_annexb_containers_are_read(tmp_path: Path):
    """A container that carries start codes instead of lengths (AVI) is read as well."""
    path = tmp_path / "clip.avi"
    write_noise(path, "libx264", {"x264-params": "keyint=10:bframes=0:log=-1"}, "avi")
    clip = read_clip(path)
    assert len(clip.units) == 20
    assert clip.units[0].is_keyframe
    assert all(before.due < after.due for before, after in pairwise(clip.units))


def test_b_frames_are_sent_in_decoding_order(tmp_path: Path):
    """Passed-through B-frames keep their order and their times of presentation."""
    path = tmp_path / "clip.mp4"
    write_noise(path, "libx264", {"x264-params": "keyint=10:scenecut=0:bframes=2:b-adapt=0:log=-1"})
    units = read_clip(path).units
    assert [unit.pts for unit in units] != sorted(unit.pts for unit in units)
    assert [unit.due for unit in units] == sorted(unit.due for unit in units)
    assert all(unit.pts >= unit.due for unit in units)


def test_other_codecs_are_refused_and_transcoded(tmp_path: Path):
    """What cannot be passed through is refused, and becomes H.264 with the key frames that were asked for."""
    source, target = tmp_path / "old.avi", tmp_path / "new.mp4"
    write_noise(source, "msmpeg4", {}, "avi")
    with pytest.raises(CodecRefused, match="msmpeg4"):
        read_clip(source)
    transcode(source, target, Encoding(gop_s=0.25, max_height=64))
    clip = read_clip(target)
    assert (clip.codec, clip.width, clip.height) == (Codec.H264, 96, 64)
    assert clip.frame_rate == pytest.approx(20.0, rel=0.06)  # msmpeg4 may leave out the last picture
    assert [index for index, unit in enumerate(clip.units) if unit.is_keyframe] == [0, 5, 10, 15]


def test_a_file_without_pictures_is_refused(tmp_path: Path):
    """Sound alone is no camera."""
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame(format="s16", layout="mono", samples=800)
        frame.sample_rate, frame.pts, frame.time_base = 8000, 0, Fraction(1, 8000)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(NoVideo):
        read_clip(path)


def test_a_file_that_is_no_media_is_refused(tmp_path: Path):
    """Garbage, a missing file and a truncated one have an error with the file's name, not its folder."""
    garbage = tmp_path / "clip.mp4"
    garbage.write_bytes(bytes(range(256)) * 40)
    for path in (garbage, tmp_path / "missing.mp4"):
        with pytest.raises(StreamBroken, match=rf"^{path.name}: ") as caught:
            read_clip(path)
        assert str(tmp_path) not in str(caught.value)
