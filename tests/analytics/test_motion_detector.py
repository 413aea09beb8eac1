"""The detector without a model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.geometry import Box, join_near
from analytics.motion_detector import MotionDetector
from analytics.settings import GateSettings
from tests.fakes.picture import frame_at, grey_image

_SHARES = st.floats(0, 0.75)
_BOXES = st.builds(lambda x, y, w, h: Box(x, y, x + w / 4, y + h / 4), _SHARES, _SHARES, _SHARES, _SHARES)


def _with_car(left: int) -> np.ndarray:
    image = grey_image()
    image[80:120, left : left + 60] = 220
    return image


def test_what_moves_is_found_where_it_is() -> None:
    """One object of the class motion."""
    detector = MotionDetector(GateSettings())
    for index in range(5):
        detector.detect([frame_at(index * 0.2)])
    (found,) = detector.detect([frame_at(1.0, _with_car(100))])
    assert found.labels == ("motion",)
    assert found.boxes[0].tolist() == pytest.approx([100 / 320, 80 / 180, 160 / 320, 120 / 180], abs=0.03)


def test_cameras_and_epochs_have_backgrounds_of_their_own() -> None:
    """The first picture of an epoch shows no motion, whatever the last epoch showed."""
    detector = MotionDetector(GateSettings())
    detector.detect([frame_at(0.0, epoch=1)])
    (found,) = detector.detect([frame_at(0.2, _with_car(100), epoch=2)])
    assert len(found) == 0


@given(st.lists(_BOXES, max_size=12))
def test_joined_boxes_cover_all_and_are_apart(boxes: list[Box]) -> None:
    """Nothing is lost, and none of the results could be joined further."""
    joined = join_near(boxes, 0.03)
    assert join_near(joined, 0.03) == joined
    for box in boxes:
        assert any(
            one.left <= box.left and one.top <= box.top and one.right >= box.right and one.bottom >= box.bottom
            for one in joined
        )
