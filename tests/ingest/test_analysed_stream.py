"""What of a real encoded stream is decoded, and what of that goes to analysis."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import pytest

from ingest.analysed_stream import AnalysedStream
from ingest.av_decoder import AvDecoder
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.errors import SourceEnded
from ingest.fanout import PacketFanout
from ingest.file_source import FileOpener
from ingest.frame import Frame
from ingest.interest import Interest
from ingest.mask import NO_MASKS, CurrentMasks, MaskSet
from ingest.packet import Packet
from ingest.settings import IngestSettings
from tests.conftest import MakeClip

FPS, GROUP = 10, 20
BLACKED_OUT = MaskSet(1, (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),))


class Line:
    """A stream that is fed packet by packet, each at its own media time."""

    def __init__(self, masks: CurrentMasks | None = None) -> None:
        self.offered: list[Frame] = []
        self.fanout = PacketFanout()
        self.masks = masks or CurrentMasks(NO_MASKS)
        settings = IngestSettings(sleep_after_s=1.0, sleep_onsets=0)
        self.stream = AnalysedStream(AvDecoder(self.masks), self.offered.append, settings)

    def feed(self, packets: Sequence[Packet]) -> list[Frame]:
        """What was decoded of them."""
        decoded: list[Frame] = []
        for packet in packets:
            self.fanout.publish(packet)
            decoded.extend(self.stream.take(packet, self.fanout.gop))
        return decoded


@pytest.fixture
def packets(make_clip: MakeClip) -> list[Packet]:
    """Twenty seconds at ten pictures a second, arriving at their media times."""
    profile = StreamProfile(StreamRole.SUB, f"file:{make_clip(seconds=20.0, fps=FPS, gop=GROUP)}")
    source = FileOpener(SystemClock(), realtime=False).open(Camera(CameraId("c"), "c", (profile,)), profile, 1)
    read: list[Packet] = []
    with suppress(SourceEnded):
        for packet in source.packets():
            assert isinstance(packet, Packet)
            read.append(replace(packet, received_monotonic_s=packet.media_time_s))
    source.close()
    return read


def sequences(of: Sequence[Frame] | Sequence[Packet]) -> list[int]:
    """Which pictures they are."""
    return [one.sequence for one in of]


def test_asleep_only_key_frames_are_decoded_and_all_of_them_are_looked_at(packets: list[Packet]) -> None:
    """One picture in twenty."""
    line = Line()
    line.feed(packets[:100])
    assert line.stream.is_asleep
    line.offered.clear()
    decoded = line.feed(packets[100:])
    assert sequences(decoded) == sequences([packet for packet in packets[100:] if packet.is_keyframe])
    assert decoded == line.offered


def test_on_waking_the_group_is_decoded_and_its_latest_pictures_are_looked_at(packets: list[Packet]) -> None:
    """Nothing between the key frame and now is missing; the oldest of what is fresh enough comes first."""
    line = Line()
    line.feed(packets[:115])
    line.offered.clear()
    line.stream.note_interest(Interest.MOTION)
    assert sequences(line.feed(packets[115:116])) == sequences(packets[100:116])
    assert sequences(line.offered) == sequences(packets[108:116:2])  # 0.7 s of ten a second
    assert sequences(line.feed(packets[116:124])) == sequences(packets[116:124])
    assert sequences(line.offered[4:]) == sequences(packets[116:124:2])


def test_masks_that_are_not_known_show_nothing_asleep_or_waking(packets: list[Packet]) -> None:
    """And once they are known, the group that is caught up with is covered from its first picture on."""
    line = Line(CurrentMasks())
    assert line.feed(packets[:115]) == []
    line.stream.note_interest(Interest.MOTION)
    assert line.feed(packets[115:116]) == []
    line.masks.now = BLACKED_OUT
    covered = line.feed(packets[116:])
    assert covered
    assert all(frame.picture.luma().std() < 1 for frame in covered)


def test_a_busy_stream_is_looked_at_five_times_a_second(packets: list[Packet]) -> None:
    """All is decoded, half of it is due."""
    line = Line()
    for packet in packets:
        line.stream.note_interest(Interest.MOTION)
        line.feed([packet])
    assert not line.stream.is_asleep
    assert len(line.offered) == pytest.approx(100, abs=1)
