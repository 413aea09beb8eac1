"""What the motion gate costs in tracks, and what it saves in inferences, on the real clips."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from analytics.detection import Detections, Outcome
from analytics.detector import Detector
from analytics.detector_choice import open_detector
from analytics.geometry import Box, area_of, overlap_area
from analytics.lane import CameraLane
from analytics.model import read_catalogue
from analytics.model_store import model_folders
from analytics.rule import CameraPlan
from analytics.settings import AnalyticsSettings
from analytics.track import TrackState
from ingest.frame import Frame
from tests.fakes.clock import ManualClock
from tests.fakes.footage import read_frames
from tests.fakes.picture import CAMERA

pytestmark = pytest.mark.footage

_LASTS_S = 1.0
_SAME = 0.3

Seen = Mapping[int, Sequence[tuple[float, Box]]]


def _follow(frames: Sequence[Frame], answers: Sequence[Detections], *, gated: bool) -> tuple[Seen, int]:
    """The confirmed tracks, each with where it was when, and the number of inferences."""
    lane = CameraLane(CameraPlan(CAMERA), AnalyticsSettings(), ManualClock())
    seen: dict[int, list[tuple[float, Box]]] = {}
    inferences = 0
    for frame, answer in zip(frames, answers, strict=True):
        if lane.wants_inference(frame) or not gated:
            inferences += 1
            update = lane.conclude(frame, Outcome.ANALYSED, answer).update
        else:
            update = lane.conclude(frame, Outcome.GATED).update
        for track in update.tracks:
            if track.state is TrackState.CONFIRMED:
                seen.setdefault(track.id, []).append((frame.media_time_s, track.box))
    return seen, inferences


def _is_kept(path: Sequence[tuple[float, Box]], others: Seen) -> bool:
    """Whether one of the other tracks is at the same place at some of the same times."""
    at = dict(path)
    return any(
        sum(_is_same(at[when], box) for when, box in other if when in at) >= min(3, len(path))
        for other in others.values()
    )


def _is_same(one: Box, other: Box) -> bool:
    common = overlap_area(one, other)
    return common >= _SAME * (area_of(one) + area_of(other) - common)


@pytest.fixture(scope="module")
def detector(footage_dir: Path) -> Detector:
    return open_detector(read_catalogue().entry("yolox-nano"), model_folders(), AnalyticsSettings())


def _measure(detector: Detector, frames: Sequence[Frame]) -> tuple[int, int, int]:
    """Tracks of moving things that last, how many of them the gated lane has too, and its inferences."""
    answers = [detector.detect([frame])[0] for frame in frames]
    every, _ = _follow(frames, answers, gated=False)
    gated, inferences = _follow(frames, answers, gated=True)
    lasting = [path for path in every.values() if path[-1][0] - path[0][0] >= _LASTS_S]
    return len(lasting), sum(_is_kept(path, gated) for path in lasting), inferences


def test_the_gate_loses_no_track_that_lasts(footage_dir: Path, detector: Detector) -> None:
    """Walkers of a busy square and a van: each followed without the gate is followed with it, for fewer inferences."""
    busy = list(read_frames(footage_dir / "town-square.mp4", start_s=17, end_s=26))
    calm = list(read_frames(footage_dir / "car-park.mp4", start_s=10, end_s=20))
    measured = [_measure(detector, busy), _measure(detector, calm)]
    tracks, kept, inferences = (sum(column) for column in zip(*measured, strict=True))
    assert tracks >= 4
    assert kept == tracks
    assert inferences <= 0.75 * (len(busy) + len(calm))
