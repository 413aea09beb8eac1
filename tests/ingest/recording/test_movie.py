"""Exports of an exact range: a foreign player shows the pictures of the range, all of them and no others."""

import struct
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from ingest.audio import AudioCodec, AudioDescription, AudioPacket
from ingest.camera import CameraId, StreamRole
from ingest.recording.boxes import BoxSpan, boxes, only_box
from ingest.recording.movie import Movie
from ingest.recording.segment import SegmentInfo
from ingest.recording.segment_reader import SegmentReader
from tests.conftest import MakeClip
from tests.fakes.recording import write_recording
from tests.fakes.segment import STARTED_AT, clip_packets

FPS = 10


@contextmanager
def opened(volume: Path, infos: Sequence[SegmentInfo]) -> Iterator[list[SegmentReader]]:
    with ExitStack() as stack:
        yield [stack.enter_context(SegmentReader(volume / info.path)) for info in infos]


def exported(volume: Path, infos: Sequence[SegmentInfo], from_s: float, to_s: float) -> tuple[Path, Movie]:
    """The range in seconds from the first picture, as a file."""
    path = volume / "movie.mp4"
    with opened(volume, infos) as run:
        movie = Movie(run, STARTED_AT + timedelta(seconds=from_s), STARTED_AT + timedelta(seconds=to_s))
        path.write_bytes(b"".join(movie.pieces()))
    assert path.stat().st_size == movie.size_bytes
    return path, movie


def pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def edits(path: Path) -> list[list[tuple[int, int]]]:
    """Duration and media time of the edits of each track, in units of the movie's and the track's timescale."""
    data = path.read_bytes()
    moov = only_box(data, b"moov", BoxSpan(b"", 0, 0, len(data)))
    found = []
    for trak in boxes(data, moov.payload, moov.end):
        if trak.kind == b"trak":
            elst = only_box(data, b"elst", only_box(data, b"edts", trak))
            entries = struct.iter_unpack(">QqI", data[elst.payload + 8 : elst.end])
            found.append([(duration, time) for duration, time, _rate in entries])
    return found


@pytest.mark.parametrize(("encoder", "b_frames"), [("libx264", 0), ("libx264", 2), ("libx265", 2)])
@pytest.mark.parametrize(("from_s", "to_s"), [(0.0, 6.0), (1.7, 4.3), (2.0, 4.0), (2.9, 3.0)])
def test_the_range_is_shown_to_the_frame(make_clip: MakeClip, tmp_path: Path, encoder, b_frames, from_s, to_s) -> None:
    """Inside a group, at key frames, one picture; over the border of files; the very pictures that were recorded."""
    clip = make_clip(codec=encoder, b_frames=b_frames, seconds=6.0, fps=FPS, gop=10, size=(160, 120))
    infos = write_recording(tmp_path, clip_packets(clip))
    assert len(infos) == 3
    path, movie = exported(tmp_path, infos, from_s, to_s)
    wanted = pictures(clip)[round(from_s * FPS) : round(to_s * FPS)]
    shown = pictures(path)
    assert (len(shown), movie.frame_count) == (len(wanted), len(wanted))
    assert all(np.array_equal(one, other) for one, other in zip(shown, wanted, strict=True))
    assert (movie.shown_to - movie.shown_from).total_seconds() == pytest.approx(to_s - from_s)
    assert movie.shown_from == STARTED_AT + timedelta(seconds=from_s)
    ((duration, _start),) = edits(path)[0]
    assert Fraction(duration, 90_000) == Fraction(round(to_s * FPS) - round(from_s * FPS), FPS)


def test_a_range_between_two_pictures_begins_with_the_first_inside(make_clip: MakeClip, tmp_path: Path) -> None:
    """And the movie says what it shows: from the first picture on, up to the end that was asked for."""
    infos = write_recording(tmp_path, clip_packets(make_clip(seconds=2.0, fps=FPS, gop=10)))
    path, movie = exported(tmp_path, infos, 0.55, 1.25)
    assert len(pictures(path)) == movie.frame_count == 7
    assert (movie.shown_from - STARTED_AT).total_seconds() == pytest.approx(0.6)
    assert (movie.shown_to - STARTED_AT).total_seconds() == pytest.approx(1.25)
    with opened(tmp_path, infos) as run:
        between = Movie(run, STARTED_AT + timedelta(seconds=0.51), STARTED_AT + timedelta(seconds=0.59))
    assert between.frame_count == 0


def g711(seconds: float, start_s: float) -> tuple[AudioDescription, list[AudioPacket]]:
    """Packets of 20 ms, each of one value that tells its number."""
    count = round(seconds * 50)
    packets = [
        AudioPacket(
            CameraId("cam"),
            StreamRole.MAIN,
            bytes([n % 120]) * 160,
            160 * n,
            Fraction(1, 8000),
            1,
            STARTED_AT,
            start_s + 0.02 * n,
        )
        for n in range(count)
    ]
    return AudioDescription(AudioCodec.PCMA, 8000, 1), packets


def test_sound_is_cut_with_the_pictures(make_clip: MakeClip, tmp_path: Path) -> None:
    """G.711 is kept as it is, and what is heard first is what was heard then."""
    packets = clip_packets(make_clip(seconds=4.0, fps=FPS, gop=10))
    infos = write_recording(tmp_path, packets, sound=g711(4.0, packets[0].received_monotonic_s))
    path, movie = exported(tmp_path, infos, 1.5, 3.5)
    assert movie.has_sound
    with av.open(str(path)) as container:
        assert container.streams.audio[0].codec_context.name == "pcm_alaw"
        heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    assert len(heard) / 8000 == pytest.approx(2.0, abs=0.03)
    with av.open(str(tmp_path / infos[0].path)) as container:
        whole = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    assert heard[0] == whole[round(1.5 * 8000)]
    ((duration, _start),) = edits(path)[1]
    assert Fraction(duration, 90_000) == 2


def test_sound_that_begins_later_waits(make_clip: MakeClip, tmp_path: Path) -> None:
    """The edit list keeps the silence, so that lips and words stay together."""
    packets = clip_packets(make_clip(seconds=2.0, fps=FPS, gop=10))
    description, sound = g711(2.0, packets[0].received_monotonic_s)
    infos = write_recording(tmp_path, packets, sound=(description, sound[50:]))
    path, _movie = exported(tmp_path, infos, 0.5, 2.0)
    (wait, before), (_duration, start) = edits(path)[1]
    assert (before, start) == (-1, 0)
    assert Fraction(wait, 90_000) == Fraction(1, 2)
