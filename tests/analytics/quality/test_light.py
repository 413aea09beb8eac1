"""The gate of day, night and infrared."""

from dataclasses import replace
from datetime import timedelta

import cv2
import numpy as np
import pytest

from analytics.quality.baseline import NO_BASELINE, Baseline
from analytics.quality.category import Category
from analytics.quality.finding import State
from analytics.quality.judge import judge
from analytics.quality.light import Light
from analytics.quality.sample import Sample
from ingest.frame import Image
from tests.fakes.watched_place import at_noon, known_camera, noisy, paved_square

PLACE = paved_square()
GREY = cv2.cvtColor(cv2.cvtColor(PLACE, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
DARK = cv2.convertScaleAbs(PLACE, alpha=0.25)


@pytest.mark.parametrize(
    ("picture", "told", "light"),
    [
        (PLACE, None, Light.DAY),
        (PLACE, True, Light.INFRARED),
        (GREY, None, Light.INFRARED),
        (GREY, False, Light.DAY),
        (DARK, None, Light.NIGHT),
    ],
)
def test_the_camera_is_believed_and_otherwise_the_picture(picture: Image, told: bool | None, light: Light) -> None:
    """A grey picture is taken for infrared where the camera says nothing of its filter."""
    judgement = judge(replace(at_noon(picture), infrared=told), NO_BASELINE, None)
    assert judgement.features is not None
    assert judgement.features.light is light


def test_there_is_no_colour_to_judge_in_infrared() -> None:
    """Cast is unknown, and says why."""
    findings = judge(at_noon(GREY), NO_BASELINE, None).findings
    cast = next(one for one in findings if one.category is Category.CAST)
    assert (cast.state, cast.reason) == (State.UNKNOWN, "infrared")


def test_a_dark_noon_is_not_taken_for_night() -> None:
    """At an hour that was light on ten days, darkness is a fault and teaches nothing."""
    camera = known_camera(lambda day: at_noon(noisy(PLACE, day), day))
    judgement = judge(at_noon(noisy(np.zeros_like(PLACE), 1)), camera.baseline, None)
    assert judgement.features is not None
    assert judgement.features.light is Light.DAY
    assert camera.finding(Category.DARK, at_noon(noisy(np.zeros_like(PLACE), 1))).state is State.ABNORMAL
    assert judgement.baseline.usual("level", 12, Light.DAY) == camera.baseline.usual("level", 12, Light.DAY)


def test_a_night_that_is_usual_is_fine_in_the_dark() -> None:
    """Ten nights of a dim camera are its habit."""
    camera = known_camera(lambda day: replace(at_noon(noisy(DARK, day), day), local_hour=23))
    finding = camera.finding(Category.DARK, replace(at_noon(noisy(DARK, 77)), local_hour=23))
    assert finding.state is State.OK


def _lit_nights(hours: range, level: float) -> Baseline:
    """What is learnt in one night of a camera whose pictures are so bright, at these hours."""
    baseline = NO_BASELINE
    for hour in hours:
        picture = cv2.convertScaleAbs(PLACE, alpha=level / PLACE.mean())
        baseline = judge(_at(hour, picture), baseline, None).baseline
    return baseline


def _at(hour: int, picture: Image) -> Sample:
    sample = at_noon(noisy(picture, hour))
    return replace(sample, taken_at=sample.taken_at + timedelta(hours=hour), local_hour=hour % 24)


@pytest.mark.parametrize(
    ("hour", "level", "state"),
    [
        (20, 55.0, State.ABNORMAL),  # lit yesterday at this hour
        (3, 55.0, State.UNKNOWN),  # lamps may go out after midnight: nobody has seen three o'clock yet
        (20, 15.0, State.UNKNOWN),  # nights are black here
    ],
)
def test_a_black_evening_is_told_from_the_second_night_on_where_the_first_was_lit(
    hour: int, level: float, state: State
) -> None:
    """Seen from 17 to 24 o'clock, once."""
    sample = _at(24 + hour, np.zeros_like(PLACE))
    findings = judge(sample, _lit_nights(range(17, 25), level), None).findings
    assert next(one.state for one in findings if one.category is Category.DARK) is state
