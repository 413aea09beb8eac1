"""Crops at native scale: where they are cut, what they add, and that they stay few."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alert import Alert
from analytics.close_look import CloseLook, Window, merge, windows
from analytics.detection import Detections
from analytics.detector import ModelInfo
from analytics.geometry import Box
from analytics.pipeline import AnalysisPipeline
from analytics.rule import CameraPlan, SizeRange
from analytics.settings import AnalyticsSettings
from ingest.frame import Frame
from tests.fakes.clock import ManualClock
from tests.fakes.detector import ScriptedDetector, Sighted, detections_of
from tests.fakes.picture import CAMERA, frame_at, grey_image
from tests.fakes.tracks import box_at, intrusion

_HD, _MODEL = (1920, 1080), (416, 416)
_PLACES = st.lists(
    st.builds(
        lambda x, y, width, height: Box(x, y, min(x + width, 1.0), min(y + height, 1.0)),
        *[st.floats(0, 0.99)] * 2,
        *[st.floats(0.001, 0.5)] * 2,
    ),
    max_size=12,
)


@given(_PLACES, st.integers(0, 4), st.integers(0, 100))
def test_windows_are_few_within_the_picture_and_of_the_inputs_size(places: list[Box], most: int, turn: int) -> None:
    """Whatever the places."""
    found = windows(places, _HD, _MODEL, most, turn)
    assert len(found) <= most
    for window in found:
        assert (window.right - window.left, window.bottom - window.top) == (416, 416)
        assert 0 <= window.left <= window.right <= 1920
        assert 0 <= window.top <= window.bottom <= 1080


def test_neighbours_share_a_window_and_strangers_do_not() -> None:
    """Two people side by side are one crop, somebody at the other end of the yard another."""
    pair = [box_at(0.30, 0.5, 0.01, 0.05), box_at(0.34, 0.52, 0.01, 0.05)]
    assert len(windows(pair, _HD, _MODEL, 4, 0)) == 1
    assert len(windows([*pair, box_at(0.9, 0.9, 0.01, 0.05)], _HD, _MODEL, 4, 0)) == 2


def test_what_is_large_or_in_a_small_picture_needs_no_crop() -> None:
    """The detector sees it as it is."""
    assert windows([box_at(0.5, 0.9, 0.2, 0.8)], _HD, _MODEL, 4, 0) == ()
    assert windows([box_at(0.5, 0.5, 0.02, 0.05)], (416, 234), _MODEL, 4, 0) == ()


def test_more_places_than_windows_come_to_their_turn() -> None:
    """One crop a picture, three corners: each is looked at within three pictures."""
    corners = [box_at(0.05, 0.1, 0.01, 0.05), box_at(0.95, 0.1, 0.01, 0.05), box_at(0.5, 0.95, 0.01, 0.05)]
    assert len({windows(corners, _HD, _MODEL, 1, turn)[0] for turn in range(3)}) == 3


def _found(*sighted: Sighted) -> Detections:
    return detections_of(frame_at(0.0), sighted)


def test_what_only_the_crop_sees_is_added_in_its_place() -> None:
    """Mapped from shares of the window to shares of the picture."""
    window = Window(960, 540, 1376, 956)
    merged = merge(_found(), [(window, _found((Box(0.5, 0.5, 0.6, 0.75), "person", 0.8)))], _HD)
    expected = [(960 + 208) / 1920, (540 + 208) / 1080, (960 + 249.6) / 1920, (540 + 312) / 1080]
    assert merged.boxes.tolist() == [pytest.approx(expected)]
    assert (merged.labels, merged.scores.tolist()) == (("person",), [pytest.approx(0.8)])


def test_one_object_seen_twice_is_one_object() -> None:
    """The surer sighting stays; another family on the same place is another object."""
    window, inside = Window(0, 0, 416, 416), Box(0.25, 0.25, 0.5, 0.75)
    place = Box(104 / 1920, 104 / 1080, 208 / 1920, 312 / 1080)
    merged = merge(
        _found((place, "person", 0.5)), [(window, _found((inside, "person", 0.9), (inside, "dog", 0.6)))], _HD
    )
    assert sorted(zip(merged.labels, merged.scores.tolist(), strict=True)) == [
        ("dog", pytest.approx(0.6)),
        ("person", pytest.approx(0.9)),
    ]


def test_half_an_object_at_a_crops_edge_gives_way_to_the_whole_one() -> None:
    """Though the crop is surer of its half."""
    window = Window(400, 400, 816, 816)
    whole = Box(380 / 1920, 450 / 1080, 480 / 1920, 650 / 1080)
    half = Box(0.0, 50 / 416, 80 / 416, 250 / 416)
    merged = merge(_found((whole, "person", 0.7)), [(window, _found((half, "person", 0.9)))], _HD)
    assert merged.boxes.tolist() == [pytest.approx([whole.left, whole.top, whole.right, whole.bottom])]


class _Nearsighted(ScriptedDetector):
    """Sees somebody only in pictures no wider than its input."""

    @property
    def model(self) -> ModelInfo:
        return ModelInfo("nearsighted", "none", ("person",), "AGPL-3.0-or-later", *_MODEL)


def _by_size(frame: Frame) -> Sequence[Sighted]:
    return [(box_at(0.5, 0.6, 0.1, 0.2), "person", 0.9)] if frame.picture.width <= 416 else []


def _walker(step: int) -> np.ndarray:
    image = grey_image(100, *_HD)
    left = 900 + 8 * step
    image[500:560, left : left + 20] = 220
    return image


@pytest.mark.parametrize(("closely", "most", "crops"), [(True, 2, 1), (False, 2, 0), (True, 0, 0)])
def test_only_a_rule_that_asks_for_it_is_looked_at_closely(*, closely: bool, most: int, crops: int) -> None:
    """Far away, somebody too small for the whole picture raises an alert if the rule looks closely, and only then."""
    detector, clock, alerts = _Nearsighted(_by_size), ManualClock(), list[Alert]()
    settings = AnalyticsSettings(close_looks=most)
    pipeline = AnalysisPipeline(detector, settings, clock, alerts.append, lambda _: None)
    rule = intrusion()
    plan = CameraPlan(CAMERA, (type(rule)(**_fields(rule) | {"size": SizeRange(closely=closely)}),))
    pipeline.apply([plan])
    for step in range(12):
        pipeline.offer(frame_at(clock.monotonic_s(), _walker(step)))
        pipeline.step(0)
        clock.advance(0.2)
    assert (len(alerts) > 0) == (crops > 0)
    assert max(len(batch) for batch in detector.batches) == 1 + crops


def _fields(rule: object) -> dict[str, object]:
    return {name: getattr(rule, name) for name in type(rule).__dataclass_fields__}  # type: ignore[attr-defined]


def test_an_empty_place_asks_for_nothing() -> None:
    """No motion, no tracks: the call is the detector's own."""
    detector = _Nearsighted(_by_size)
    look = CloseLook(detector, 4)
    frame = frame_at(0.0, grey_image(100, *_HD))
    assert look.windows(frame, ()) == ()
    assert len(look.detect([frame], [()])) == 1
    assert detector.batches == [(CAMERA,)]
