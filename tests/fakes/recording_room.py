"""A recorder with everything around it real but time and the camera: packets of a clip, played by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep

from ingest.audio import AudioPacket
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.errors import SourceEnded
from ingest.fleet import CameraFleet
from ingest.mask import NO_MASKS
from ingest.packet import Packet, StreamDescription
from ingest.recording.camera_recorders import CameraRecorders
from ingest.recording.gap import Gap
from ingest.recording.plan import RecordingMode, RecordingPlan
from ingest.recording.segment import SegmentInfo
from ingest.recording.settings import RecorderSettings
from ingest.recording.volume import VolumePlace, VolumeState
from ingest.recording.volume_shelf import VolumeShelf
from ingest.recording.volume_writer import VolumeWriter
from ingest.settings import IngestSettings
from tests.fakes.clock import ManualClock
from tests.fakes.decoder import FAKE_CODECS
from tests.fakes.source import FakeOpener, FakeSource

CAMERA = CameraId("cam")
SETTINGS = RecorderSettings(node_epoch=1, segment_s=4.0, longest_segment_s=6.0)
PROFILES = (StreamProfile(StreamRole.MAIN, "rtsp://10.0.0.1/main"),)


class Account:
    """Everything the recorder told."""

    def __init__(self) -> None:
        self.segments: dict[str, SegmentInfo] = {}
        self.gaps: dict[str, Gap] = {}
        self.gone: list[str] = []
        self.volumes: list[VolumeState] = []

    def on_segment(self, info: SegmentInfo) -> None:
        self.segments[info.recording_id] = info

    def on_gap(self, gap: Gap) -> None:
        self.gaps[gap.id] = gap

    def on_garbage(self, recording_ids: Sequence[str]) -> None:
        self.gone += recording_ids

    def on_volume(self, state: VolumeState) -> None:
        self.volumes.append(state)

    def in_order(self) -> list[SegmentInfo]:
        return sorted(self.segments.values(), key=lambda info: info.started_at)

    def missing(self) -> list[tuple[str, float | None]]:
        """Reason and length of each gap that took time, in order."""
        gaps = sorted(self.gaps.values(), key=lambda gap: gap.started_at)
        return [
            (gap.reason.value, (gap.ended_at - gap.started_at).total_seconds() if gap.ended_at else None)
            for gap in gaps
            if gap.ended_at != gap.started_at
        ]


class RecordingRoom:
    """One camera, its recorder and volumes below `folder`; threads of the camera run, the others are stepped."""

    def __init__(
        self,
        folder: Path,
        packets: Sequence[Packet],
        *,
        settings: RecorderSettings = SETTINGS,
        volumes: Sequence[str] = ("one",),
        description: StreamDescription | None = None,
    ) -> None:
        self.clock = ManualClock()
        self.account = Account()
        self.folder = folder
        self._packets = packets
        self._next = 0
        self._put_count = 0
        first = packets[0]
        self.description = description or StreamDescription(first.codec, 320, 240, "High", 25.0)
        self.opener = FakeOpener(lambda *_: FakeSource(description=self.description))
        # Camera threads sleep by a clock that stands still: the first wait is over at once, or never.
        ingest = IngestSettings(start_spread_s=0, hang_s=300, silence_s=2.0, backoff_min_s=1.0)
        self.fleet = CameraFleet(
            self.opener, FAKE_CODECS, ingest, self.clock, lambda _frame: None, lambda _health: None
        )
        self.camera = Camera(CAMERA, "Gate", PROFILES, analysed=False, masks=NO_MASKS)
        self.writers = [
            VolumeWriter(VolumePlace(name, folder / name, None, 0), settings, self.clock, self.account)
            for name in volumes
        ]
        self.recorders = CameraRecorders(
            self.fleet, VolumeShelf(self.writers), settings, self.clock, self.account, folder / "gaps.json"
        )
        self.fleet.apply([self.camera])

    def plan(self, mode: RecordingMode = RecordingMode.CONTINUOUS, **options: object) -> None:
        self.recorders.apply(
            [RecordingPlan(CAMERA, mode, **options)], {writer.place.name: None for writer in self.writers}
        )
        self.step()

    def step(self) -> None:
        """One round of the recording thread, and of each volume's until nothing waits."""
        self.recorders.step()
        self.write()

    def write(self) -> None:
        for writer in self.writers:
            writer.step(0)
            while writer._queue._jobs:
                writer.step(0)

    def play(self, seconds: float, *, write: bool = True) -> list[Packet]:
        """Lets the camera send for so long, 25 pictures a second."""
        sent: list[Packet] = []
        for _ in range(round(seconds * 5)):
            handful = []
            for _ in range(5):
                self.clock.advance(0.04)
                handful.append(self._stamped())
            self.send(*handful)
            sent += handful
            if write:
                self.step()
            else:
                self.recorders.step()
        return sent

    def send(self, *packets: Packet | AudioPacket) -> None:
        """Puts these on the wire and waits until the camera's thread has taken them."""
        eventually(lambda: bool(self.opener.sources))
        before = self._taken()
        self.opener.sources[-1].put(*packets)
        pictures = sum(isinstance(packet, Packet) for packet in packets)
        eventually(lambda: self._taken() - before >= pictures)

    def wait(self, seconds: float) -> None:
        """Lets time pass without packets."""
        for _ in range(round(seconds * 5)):
            self.clock.advance(0.2)
            self.step()

    def hang_up(self) -> None:
        """The camera ends its stream; it is dialled again after the first back-off."""
        self.opener.sources[-1].put(SourceEnded("over"))
        eventually(lambda: self.fleet.health()[0].state.value == "waiting")

    def come_back(self) -> None:
        """Time passes until the camera is dialled again."""
        count = len(self.opener.sources)

        def is_back() -> bool:
            self.clock.advance(0.2)
            return len(self.opener.sources) > count

        eventually(is_back, pause_s=0.12)

    def close(self) -> None:
        for recorder in tuple(self.recorders._recorders.values()):
            recorder.close()
        self.write()
        self.fleet.close()

    def _taken(self) -> int:
        return self.fleet.health()[0].streams[0].packet_count

    def _stamped(self) -> Packet:
        """The next packet of the clip as if it came now; the clip begins again at its end, and time goes on."""
        round_, place = divmod(self._next, len(self._packets))
        packet, shift = self._packets[place], round_ * self._clip_length()
        self._next += 1
        return replace(
            packet,
            camera_id=CAMERA,
            pts=packet.pts + shift,
            dts=packet.dts + shift,
            epoch=len(self.opener.sources),
            sequence=self._next,
            received_at=self.clock.now(),
            received_monotonic_s=self.clock.monotonic_s(),
        )

    def _clip_length(self) -> int:
        steps = [later.dts - earlier.dts for earlier, later in pairwise(self._packets)]
        return self._packets[-1].dts - self._packets[0].dts + steps[-1]


def eventually(condition, within_s: float = 20.0, pause_s: float = 0.002) -> None:
    """Waits for other threads to bring something about."""
    due = monotonic() + within_s
    while not condition():
        assert monotonic() < due, "it did not come about in time"
        sleep(pause_s)


def seconds(start, end) -> float:
    """Between two instants."""
    return (end - start) / timedelta(seconds=1)
