"""The real chain over footage, as fast as it goes: decoder, sampler, gate, detector, tracker, rules.

Time is the footage's own: the clock stands at the media time of the picture in hand, so that nothing is ever late.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from analytics.alert import Alert
from analytics.detection import Outcome
from analytics.detector import Detector
from analytics.pipeline import AnalysisPipeline
from analytics.rule import AnyRule, CameraPlan
from analytics.settings import AnalyticsSettings
from analytics.track import TrackUpdate
from benchmarks.event_score import Told
from ingest.array_picture import ArrayPicture
from ingest.av_decoder import AvDecoder
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.errors import SourceEnded
from ingest.file_source import FileOpener
from ingest.frame import Frame, Image
from ingest.mask import NO_MASKS, CurrentMasks
from ingest.sampler import DueSampler

CAMERA = CameraId("footage")
ANALYSED_FPS = 5.0
DAWN = datetime(2026, 1, 1, tzinfo=UTC)


class FootageClock:
    """Implements `Clock`: as late as the footage is."""

    def __init__(self) -> None:
        self.media_s = 0.0

    def now(self) -> datetime:
        """Wall time, were the footage shown at dawn."""
        return DAWN + timedelta(seconds=self.media_s)

    def monotonic_s(self) -> float:
        """Media time."""
        return self.media_s


@dataclass(slots=True)
class Analysis:
    """All that came out. `updates` has one entry for each picture, in order."""

    alerts: list[Alert] = field(default_factory=list)
    updates: list[TrackUpdate] = field(default_factory=list)
    duration_s: float = 0.0

    @property
    def told(self) -> tuple[Told, ...]:
        """The alerts as the scorer takes them."""
        return tuple(
            Told(one.rule_name, (one.frame_received_at - DAWN).total_seconds(), one.box.foot) for one in self.alerts
        )

    @property
    def inference_count(self) -> int:
        """Pictures that the detector looked at."""
        return sum(update.outcome is Outcome.ANALYSED for update in self.updates)


class Borrowed:
    """A detector that outlives the pipeline: one model serves all scenes."""

    def __init__(self, detector: Detector) -> None:
        self.model = detector.model
        self.detect = detector.detect

    def close(self) -> None:
        """The owner closes it."""


def analyse(
    frames: Iterable[Frame], rules: Iterable[AnyRule], detector: Detector, settings: AnalyticsSettings
) -> Analysis:
    """Every frame through the pipeline, one after the other."""
    clock, found = FootageClock(), Analysis()
    pipeline = AnalysisPipeline(Borrowed(detector), settings, clock, found.alerts.append, found.updates.append)
    pipeline.apply([CameraPlan(CAMERA, tuple(rules))])
    for frame in frames:
        clock.media_s = frame.media_time_s
        pipeline.offer(frame)
        pipeline.step(0.0)
        found.duration_s = frame.media_time_s
    pipeline.close()
    return found


def footage(path: Path) -> Iterator[Frame]:
    """The frames of a file that are due, decoded as a node decodes them.

    Raises:
        IngestError: the file cannot be played.

    """
    camera = Camera(CAMERA, CAMERA, (StreamProfile(StreamRole.MAIN, f"file:{path}"),))
    source = FileOpener(FootageClock(), realtime=False).open(camera, camera.streams[0], epoch=1)
    decoder, sampler = AvDecoder(CurrentMasks(NO_MASKS)), DueSampler(ANALYSED_FPS)
    try:
        for packet in source.packets():
            due = () if packet is None else decoder.decode(packet)
            yield from (timed(one) for one in due if sampler.is_due(one.media_time_s))
    except SourceEnded:
        return
    finally:
        decoder.close()
        source.close()


def drawn_frame(index: int, media_time_s: float, image: Image) -> Frame:
    """A drawn picture as a frame."""
    at = DAWN + timedelta(seconds=media_time_s)
    return Frame(CAMERA, 1, index, media_time_s, at, media_time_s, ArrayPicture(image))


def timed(frame: Frame) -> Frame:
    """The frame as if it had arrived at its media time."""
    at = DAWN + timedelta(seconds=frame.media_time_s)
    return Frame(
        frame.camera_id, frame.epoch, frame.sequence, frame.media_time_s, at, frame.media_time_s, frame.picture
    )
