"""Looks into the analysis of a camera: what they show, when they end, and that nothing is kept without one."""

import cv2
import numpy as np
import pytest

from analytics.detection import Outcome
from analytics.inspection import LONGEST_S, MOST_LOOKS, UNASKED_S, Inspections, TooManyInspections, UnknownInspection
from analytics.lane_stats import Stage
from analytics.motion_detector import MotionDetector
from analytics.pipeline import AnalysisPipeline
from analytics.rule import CameraPlan
from analytics.settings import AnalyticsSettings, GateSettings
from ingest.camera import CameraId
from ingest.mask import NO_MASKS, MaskSet
from tests.fakes.clock import ManualClock
from tests.fakes.picture import frame_at, grey_image
from vms_api.node.inspection_routes import picture_of

_LEFT = MaskSet(1, (((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)),))


class _Analysis:
    """A pipeline that is stepped by hand; a white square comes into a grey picture."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.pipeline = AnalysisPipeline(
            MotionDetector(GateSettings()), AnalyticsSettings(), self.clock, lambda _: None, lambda _: None
        )
        self.camera = frame_at(0.0, grey_image(0)).camera_id
        self.pipeline.apply([CameraPlan(self.camera)])
        self.pipeline.step(0.0)

    def see(self, at_s: float, *, square: bool = False) -> None:
        image = np.full((360, 640, 3), 90, np.uint8)
        if square:
            image[100:200, 400:500] = 250
        self.pipeline.offer(frame_at(at_s, image))
        assert self.pipeline.step(0.0)


def test_a_look_shows_what_became_of_the_latest_frame() -> None:
    """The gate's mask and patches where the square came, the outcome, and the time of each stage it went through."""
    analysis = _Analysis()
    looks = analysis.pipeline.inspections
    looks.open(analysis.camera, "one")
    assert looks.latest(analysis.camera, "one") is None
    analysis.see(0.0)
    first = looks.latest(analysis.camera, "one")
    assert first is not None
    assert first.moving is None
    for step in range(1, 4):
        analysis.see(0.2 * step)
    analysis.see(0.8, square=True)
    told = looks.latest(analysis.camera, "one")
    assert told is not None
    assert told.moving is not None
    assert told.moving.shape == (100, 178)
    assert told.moving[40, 125]
    assert not told.moving[80, 20]
    (patch,) = told.patches
    assert (patch.left, patch.top) == pytest.approx((400 / 640, 100 / 360), abs=0.03)
    assert told.outcome is Outcome.ANALYSED
    assert set(told.cpu_s) == set(Stage)
    assert told.number == first.number + 4
    assert looks.numbered(analysis.camera, "one", told.number) is told


def test_nothing_is_kept_of_a_camera_that_nobody_looks_into() -> None:
    """Before the look, after it, and for another camera."""
    analysis = _Analysis()
    looks = analysis.pipeline.inspections
    looks.open(CameraId("other"), "one")
    analysis.see(0.0)
    assert looks.latest(CameraId("other"), "one") is None
    assert not looks.wants(analysis.camera)
    with pytest.raises(UnknownInspection):
        looks.latest(analysis.camera, "one")
    looks.close("one")
    assert not looks.wants(CameraId("other"))


def test_a_look_ends_when_nobody_asks_and_in_any_case() -> None:
    """Asked for again and again it lasts ten minutes; left alone a quarter of a minute."""
    clock = ManualClock()
    looks = Inspections(clock)
    looks.open(CameraId("a"), "kept")
    looks.open(CameraId("b"), "left")
    clock.advance(UNASKED_S - 1)
    looks.latest(CameraId("a"), "kept")
    clock.advance(1)
    looks.latest(CameraId("a"), "kept")
    assert (looks.wants(CameraId("a")), looks.wants(CameraId("b"))) == (True, False)
    asked_s = UNASKED_S
    while asked_s + 10 < LONGEST_S:
        clock.advance(10)
        asked_s += 10
        looks.latest(CameraId("a"), "kept")
    clock.advance(10)
    with pytest.raises(UnknownInspection):
        looks.latest(CameraId("a"), "kept")


def test_only_so_many_look_at_a_time() -> None:
    """The ninth waits until one has ended."""
    looks = Inspections(ManualClock())
    for number in range(MOST_LOOKS):
        looks.open(CameraId("a"), str(number))
    with pytest.raises(TooManyInspections):
        looks.open(CameraId("a"), "more")
    looks.close("0")
    looks.open(CameraId("a"), "more")


def test_a_picture_is_covered_by_the_masks_of_now() -> None:
    """Whatever it was decoded under: left of the middle all is grey, the gate's green too; the right shows the gate."""
    analysis = _Analysis()
    looks = analysis.pipeline.inspections
    looks.open(analysis.camera, "one")
    analysis.see(0.0)
    analysis.see(0.2, square=True)
    told = looks.latest(analysis.camera, "one")
    assert told is not None
    covered = _read(picture_of(told, _LEFT, with_gate=True))
    assert np.abs(covered[:, :315].astype(int) - 128).max() <= 3
    plain, drawn = _read(picture_of(told, NO_MASKS, with_gate=False)), _read(picture_of(told, NO_MASKS, with_gate=True))
    assert plain[150, 450].tolist() == pytest.approx([250] * 3, abs=4)
    assert drawn[150, 450, 1] > drawn[150, 450, 0] + 40


def _read(jpeg: bytes) -> np.ndarray:
    image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return np.asarray(image)
