"""What crops at native scale find that the whole picture hides, and what they cost.

The town square is put into a picture of 1080p at its own size, so that its people are as small for the detector as
people at the far end of a large place: 80 pixels high, 17 in the detector's input. What the detector sees in the clip
by itself is the truth; it shrinks there too, by half, so that crops also see people whom this truth has missed.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from analytics.alert import Severity
from analytics.detector import Detector
from analytics.detector_choice import open_detector
from analytics.geometry import Box, Point, overlap_area
from analytics.model_store import known_models, model_folders
from analytics.rule import IntrusionRule, SizeRange
from analytics.schedule import Schedule
from analytics.settings import AnalyticsSettings
from analytics.track import TrackState, TrackUpdate
from analytics.zone import Zone
from benchmarks.analysed_footage import Analysis, analyse, drawn_frame, footage
from benchmarks.gate_recall import kept_tracks
from benchmarks.report import Figure, Report
from ingest.frame import Frame

_SIZE = (1920, 1080)
_CORNER = (700, 300)
_SECONDS = 20
_ANALYSED_FPS = 5
_LEAST_GAIN = 1.25


@dataclass(frozen=True, slots=True)
class _Run:
    analysis: Analysis
    cpu_s: float

    @property
    def cpu_ms(self) -> float:
        """A picture's share of it."""
        return 1000 * self.cpu_s / len(self.analysis.updates)


def measure() -> Report:
    """The clip alone, within 1080p as a whole, and within 1080p with crops.

    Raises:
        ModelRefused: there is no model.
        IngestError: there is no clip.

    """
    detector = open_detector(known_models().entry("yolox-nano"), model_folders(), AnalyticsSettings())
    media = Path(os.environ.get("XUELIANG_SHARED", "../shared")) / "media"
    frames = list(islice(footage(media / "town-square.mp4"), _SECONDS * _ANALYSED_FPS))
    truth = [_placed(update, frames[0]) for update in _run(frames, detector, close_looks=0).analysis.updates]
    canvas = [_within(frame) for frame in frames]
    whole, close = _run(canvas, detector, close_looks=0), _run(canvas, detector, close_looks=2)
    (kept_whole, count), (kept_close, _) = (kept_tracks(truth, run.analysis.updates) for run in (whole, close))
    figures = (
        Figure("tracks of the truth", count, ""),
        Figure("seen in the whole picture", kept_whole / count, ""),
        Figure("seen with crops", kept_close / count, ""),
        Figure("whole picture against crops", kept_whole / max(kept_close, 1), "", at_most=1 / _LEAST_GAIN),
        Figure("confirmed boxes that are none of the truth's, whole", _strange(truth, whole), "per picture"),
        Figure("confirmed boxes that are none of the truth's, crops", _strange(truth, close), "per picture"),
        Figure("cpu of a picture, whole", whole.cpu_ms, "ms"),
        Figure("cpu of a picture, crops", close.cpu_ms, "ms"),
    )
    note = f"{_SECONDS} s of the town square at its own size within {_SIZE[0]}x{_SIZE[1]}, at most 2 crops of a picture"
    return Report("close-look", figures, (note,))


def _run(frames: list[Frame], detector: Detector, *, close_looks: int) -> _Run:
    corners = (Point(0, 0), Point(1, 0), Point(1, 1), Point(0, 1))
    rule = IntrusionRule(
        *("rule", "everywhere", frozenset({"person"}), Schedule(ZoneInfo("UTC")), Severity.LOW, 3600.0),
        Zone("zone", "everywhere", corners),
        size=SizeRange(closely=True),
    )
    started_s = time.thread_time()
    analysis = analyse(frames, [rule], detector, AnalyticsSettings(close_looks=close_looks))
    return _Run(analysis, time.thread_time() - started_s)


def _within(frame: Frame) -> Frame:
    """The picture at its own size somewhere in a grey 1080p picture."""
    canvas = np.full((_SIZE[1], _SIZE[0], 3), 110, np.uint8)
    (left, top), image = _CORNER, frame.picture.bgr()
    canvas[top : top + image.shape[0], left : left + image.shape[1]] = image
    return drawn_frame(frame.sequence, frame.media_time_s, canvas)


def _placed(update: TrackUpdate, frame: Frame) -> TrackUpdate:
    """The tracks where the clip lies in the large picture."""
    across, down = frame.picture.width / _SIZE[0], frame.picture.height / _SIZE[1]
    left, top = _CORNER[0] / _SIZE[0], _CORNER[1] / _SIZE[1]

    def moved(box: Box) -> Box:
        return Box(left + box.left * across, top + box.top * down, left + box.right * across, top + box.bottom * down)

    tracks = tuple(replace(track, box=moved(track.box)) for track in update.tracks)
    return replace(update, tracks=tracks)


def _strange(truth: Sequence[TrackUpdate], run: _Run) -> float:
    """Confirmed boxes for each picture that touch nothing that the truth has there."""
    strange = 0
    for known, update in zip(truth, run.analysis.updates, strict=True):
        there = [track.box for track in known.tracks]
        strange += sum(
            track.state is TrackState.CONFIRMED and not any(overlap_area(track.box, box) > 0.0 for box in there)
            for track in update.tracks
        )
    return strange / len(truth)
