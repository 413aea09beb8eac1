"""Our own way: fleet and pipeline as a media node runs them."""

import sys
from collections.abc import Callable, Sequence

import structlog

from analytics.alert import Alert
from analytics.detection import Outcome
from analytics.detector_choice import open_detector
from analytics.model import read_catalogue
from analytics.model_store import model_folders
from analytics.pipeline import AnalysisPipeline
from analytics.rule import CameraPlan
from analytics.settings import AnalyticsSettings
from analytics.track import TrackUpdate
from benchmarks.peers.clips import LOOP_S
from benchmarks.peers.looker import MODEL
from benchmarks.peers.protocol import addresses, answer
from benchmarks.report import silence
from ingest.av_encoder import AV_CODECS
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.fleet import CameraFleet
from ingest.mask import NO_MASKS
from ingest.rtsp_source import RtspOpener
from ingest.settings import IngestSettings

SLEEP_ONSETS, LEARNING_S = 1, 2.0 * LOOP_S
"""One instead of the eight that it takes otherwise: the warm-up is minutes shorter, what follows is the same."""


def new_pipeline(
    on_tracks: Callable[[TrackUpdate], None], on_alert: Callable[[Alert], None] = silence
) -> AnalysisPipeline:
    """Gate, detector and tracker with the settings of a fresh installation."""
    settings = AnalyticsSettings()
    detector = open_detector(read_catalogue().entry(MODEL), model_folders(), settings)
    return AnalysisPipeline(detector, settings, SystemClock(), on_alert, on_tracks)


def plans(urls: Sequence[str]) -> Sequence[CameraPlan]:
    """Cameras are called by their number."""
    return [CameraPlan(CameraId(str(number))) for number in range(len(urls))]


def judged_counts(pipeline: AnalysisPipeline, cameras: int) -> Sequence[int]:
    """For each camera the frames that were looked at, by the gate at least."""
    stats = [pipeline.stats(CameraId(str(number))) for number in range(cameras)]
    return [sum(lane.counts[outcome] for outcome in (Outcome.ANALYSED, Outcome.GATED)) for lane in stats]


def dropped_count(pipeline: AnalysisPipeline, cameras: int) -> int:
    """Frames of all cameras that were due and not looked at."""
    return sum(pipeline.stats(CameraId(str(number))).counts[Outcome.SKIPPED] for number in range(cameras))


def say_elsewhere() -> None:
    """Our log goes to standard error: on standard output a line of it could end up within an answer."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))


def main() -> None:
    """All cameras in one fleet."""
    say_elsewhere()
    urls = addresses()
    fleet: CameraFleet | None = None

    def hear(update: TrackUpdate) -> None:
        if update.interest and fleet is not None:
            fleet.note_interest(update.camera_id, update.interest)

    pipeline = new_pipeline(hear)
    settings = IngestSettings(allow_loopback=True, sleep_onsets=SLEEP_ONSETS)
    opener = RtspOpener(settings, SystemClock())
    fleet = CameraFleet(opener, AV_CODECS, settings, SystemClock(), pipeline.offer, silence)
    pipeline.hear_shedding(lambda shedding: fleet.press(pressed=shedding.dozing))
    pipeline.apply(plans(urls))
    pipeline.start()
    profiles = [(StreamProfile(StreamRole.MAIN, url),) for url in urls]
    cameras = [Camera(CameraId(str(n)), str(n), profile, masks=NO_MASKS) for n, profile in enumerate(profiles)]
    fleet.apply(cameras)
    answer(lambda: judged_counts(pipeline, len(urls)), lambda: dropped_count(pipeline, len(urls)))
    fleet.close()
    pipeline.close()


if __name__ == "__main__":
    main()
