"""What moves though the model has no name for it."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from analytics.detection import MOTION, Outcome
from analytics.geometry import Box
from analytics.lane import CameraLane
from analytics.rule import CameraPlan
from analytics.settings import AnalyticsSettings
from analytics.sort_tracker import SortTracker
from analytics.track import Track, TrackState
from analytics.unnamed_motion import add_unnamed_motion
from ingest.frame import Image
from tests.fakes.clock import ManualClock
from tests.fakes.detector import detections_of
from tests.fakes.picture import CAMERA, frame_at, grey_image
from tests.fakes.tracks import box_at, intrusion, walk

_PATCH = Box(0.4, 0.3, 0.6, 0.5)
_NOTHING = detections_of(frame_at(0.0), ())


def _labels(*sighted: tuple[Box, str, float], moving: Box = _PATCH, tracks: tuple[Track, ...] = ()) -> tuple[str, ...]:
    return add_unnamed_motion(detections_of(frame_at(0.0), sighted), [moving], tracks).labels


def test_a_moving_patch_without_a_name_is_motion() -> None:
    """With its own place and the detections kept before it."""
    found = add_unnamed_motion(detections_of(frame_at(0.0), [(box_at(0.1, 0.2), "dog", 0.9)]), [_PATCH], ())
    assert found.labels == ("dog", MOTION)
    assert found.boxes[1].tolist() == pytest.approx([0.4, 0.3, 0.6, 0.5])
    assert len(found.scores) == 2


def test_a_patch_that_a_named_object_covers_is_explained() -> None:
    """By a detection of this frame or by a track that lives."""
    assert _labels((Box(0.42, 0.3, 0.6, 0.55), "car", 0.9)) == ("car",)
    there = replace(walk((0.5, 0.5)), box=_PATCH)
    assert _labels(tracks=(there,)) == ()
    assert _labels(tracks=(replace(there, state=TrackState.ENDED),)) == (MOTION,)
    assert _labels(tracks=(replace(there, label=MOTION),)) == (MOTION,)


def test_small_patches_are_nothing() -> None:
    """A leaf, a reflection."""
    assert _labels(moving=Box(0.4, 0.4, 0.45, 0.45)) == ()
    assert add_unnamed_motion(_NOTHING, [], ()) is _NOTHING


def _follow(*xs: float) -> Track:
    tracker = SortTracker(min_score=0.45)
    for index, x in enumerate(xs):
        seen = detections_of(frame_at(index * 0.2), [(box_at(x, 0.5, width=0.1), MOTION, 0.6)])
        (track,) = tracker.update(seen, index * 0.2)
    return track


def test_motion_that_gets_nowhere_is_never_confirmed() -> None:
    """A flag stirs in its place for ever; a tractor drives on."""
    assert _follow(*[0.5, 0.52] * 30).state is TrackState.TENTATIVE
    assert _follow(*[0.3 + 0.02 * step for step in range(10)]).state is TrackState.CONFIRMED


def _grow(heights: list[float], *, bottom: float) -> Track:
    """What is seen of an object whose foot stays where it is."""
    tracker = SortTracker(min_score=0.45)
    for index, height in enumerate(heights):
        box = Box(0.3, bottom - height, 0.6, bottom)
        (track,) = tracker.update(detections_of(frame_at(index * 0.2), [(box, MOTION, 0.6)]), index * 0.2)
    return track


def test_what_comes_into_the_picture_from_below_travels_by_its_head() -> None:
    """A car whose wheels are still out of it; one that only seems to grow in the middle of the picture does not."""
    arriving = [0.15 + 0.06 * step for step in range(7)]
    assert _grow(arriving, bottom=1.0).state is TrackState.CONFIRMED
    assert _grow(arriving, bottom=0.8).state is TrackState.TENTATIVE
    assert _grow([0.3, 0.36] * 20, bottom=1.0).state is TrackState.TENTATIVE


def test_motion_that_gets_a_name_keeps_its_track() -> None:
    """What was unknown from afar turns out to be a car."""
    tracker = SortTracker(min_score=0.45)
    for index, label in enumerate([MOTION] * 5 + ["car"] * 2):
        seen = detections_of(frame_at(index * 0.2), [(box_at(0.3 + 0.02 * index, 0.5), label, 0.6)])
        (track,) = tracker.update(seen, index * 0.2)
    assert (track.label, track.hit_count) == ("car", 7)


@pytest.mark.parametrize(("label", "alerts"), [(MOTION, 1), ("person", 0)])
def test_only_a_rule_that_asks_for_motion_sees_it(label: str, alerts: int) -> None:
    """A block drives through the zone and the detector finds nothing."""
    rule = replace(intrusion(), labels=frozenset({label}))
    lane = CameraLane(CameraPlan(CAMERA, (rule,)), AnalyticsSettings(), ManualClock())
    raised = 0
    for index in range(30):
        image = grey_image()
        image[60:110, index * 8 : index * 8 + 60] = 220
        frame = frame_at(index * 0.2, image)
        lane.wants_inference(frame)
        raised += len(lane.conclude(frame, Outcome.ANALYSED, detections_of(frame, ())).alerts)
    assert raised == alerts


def _yard(index: int) -> Image:
    """Slabs under a little noise of the sensor, (180, 320) uint8."""
    slabs = np.kron(np.random.default_rng(7).integers(90, 130, (9, 16)), np.ones((20, 20)))
    noisy = slabs + np.random.default_rng(index).normal(0, 1.0, slabs.shape)
    return np.asarray(noisy.clip(0, 255), np.uint8)


def test_after_an_outage_leaves_are_learnt_anew() -> None:
    """Media time starts at nought again: a car that was there in the old time must not keep the place from learning."""
    rule = replace(intrusion(), labels=frozenset({MOTION}))
    lane = CameraLane(CameraPlan(CAMERA, (rule,)), AnalyticsSettings(), ManualClock())
    stirring = 0
    for index in range(450):
        is_back, luma = index >= 300, _yard(index)
        if is_back:  # a crown of leaves that swings
            cv2.circle(luma, (160 + round(30 * np.sin(2 * np.pi * index * 0.2 / 4)), 60), 22, 25, cv2.FILLED)
        elif index > 200:
            luma[20:110, 4 * (index - 200) : 4 * (index - 200) + 40] = 30
        frame = frame_at(
            (index - 300 if is_back else index) * 0.2, np.repeat(luma[:, :, None], 3, 2), epoch=1 + is_back
        )
        frame = replace(frame, received_monotonic_s=index * 0.2 + 600 * is_back)
        lane.wants_inference(frame)
        tracks = lane.conclude(frame, Outcome.ANALYSED, detections_of(frame, ())).update.tracks
        stirring += index >= 360 and any(track.last_seen_s >= frame.media_time_s for track in tracks)
    assert stirring <= 16
