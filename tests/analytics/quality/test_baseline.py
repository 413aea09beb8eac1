"""What is usual: learnt, kept in little room, widened by a person's word."""

import json
from datetime import timedelta

import cv2
import numpy as np
import pytest

from analytics.quality.baseline import HOURS, NO_BASELINE, Baseline
from analytics.quality.category import Category
from analytics.quality.features import Cells, Features, Numbers
from analytics.quality.finding import Finding, State
from analytics.quality.grid import COLUMNS, ROWS
from analytics.quality.judge import judge, reference_of
from analytics.quality.light import Light
from analytics.quality.reference import Reference
from tests.fakes.watched_place import NOON, at_noon, known_camera, noisy, paved_square

PLACE = paved_square()
EVERYTHING = frozenset(Numbers.__dataclass_fields__) | {"cells", "view"}


def _features(light: Light, level: float) -> Features:
    grid = np.full((ROWS, COLUMNS), level / 64, np.float32)
    numbers = Numbers(level, 30.123456, 0.1, 0.01, 0.002, 0.5, -3.25, 12.5, 0.7, 0.99, 1.2, 0.01, 0.9, -0.8)
    outlines = np.full((68, 120), level / 2, np.uint8)
    moved = np.zeros((ROWS, COLUMNS), np.bool_)
    return Features(light, numbers, Cells(grid, grid, grid, grid, grid), 0.0, None, moved, outlines)


def test_the_mean_of_what_was_seen_is_usual() -> None:
    """Five days of an hour by hand: 100, 110, 120, 130, 140."""
    baseline = NO_BASELINE
    for day, level in enumerate((100.0, 110.0, 120.0, 130.0, 140.0, 120.0)):
        baseline = baseline.learnt(_features(Light.DAY, level), 12, EVERYTHING, NOON + timedelta(days=day))
    usual = baseline.usual("level", 12, Light.DAY)
    assert usual is not None
    assert usual.mean == pytest.approx(120.0)
    assert usual.count == 6
    assert baseline.usual("level", 12, Light.NIGHT) is None


def test_an_hour_that_was_never_seen_borrows_from_its_light() -> None:
    """And knows nothing of another light."""
    baseline = NO_BASELINE
    for hour in range(8):
        baseline = baseline.learnt(_features(Light.NIGHT, 40.0), hour, EVERYTHING, NOON + timedelta(hours=hour))
    assert baseline.usual("level", 22, Light.NIGHT) is not None
    assert baseline.usual("level", 22, Light.INFRARED) is None
    assert not baseline.knows_hour("level", 22)


def test_a_whole_year_of_every_light_stays_small_and_comes_back_the_same() -> None:
    """At most 50 KiB of JSON, with every hour seen in every light."""
    baseline, at = NO_BASELINE, NOON
    for number in range(3 * HOURS * len(Light)):
        at += timedelta(hours=1)
        light = list(Light)[number % len(Light)]
        features = _features(light, 20.0 + number * 1.37)
        baseline = baseline.learnt(features, number // len(Light) % HOURS, EVERYTHING, at)
    text = json.dumps(baseline.as_json(), separators=(",", ":"))
    assert len(text) <= 50 * 1024
    again = Baseline.from_json(json.loads(text))
    assert again.as_json() == baseline.as_json()
    assert len(again.hours) == HOURS * len(Light)


@pytest.mark.parametrize("content", [{}, {"version": 0}, {"version": 1}, {"version": 1, "hours": [], "lights": 3}])
def test_what_is_no_baseline_is_refused(content: dict[str, object]) -> None:
    """A newer or broken one is not read as an empty one."""
    with pytest.raises(ValueError, match="baseline"):
        Baseline.from_json(content)


def test_what_the_last_version_learnt_is_kept_but_for_what_means_something_else_now() -> None:
    """Likeness was a correlation and is a share; the rest goes on, without a view."""
    baseline = NO_BASELINE
    for day in range(6):
        baseline = baseline.learnt(_features(Light.DAY, 100.0), 12, EVERYTHING, NOON + timedelta(days=day))
    content = baseline.as_json()
    fewer = {
        part: {
            key: numbers[:-1] for key, numbers in content[part].items()
        }  # without the one that came with this version
        for part in ("hours", "lights")
    }
    older = {name: value for name, value in content.items() if name != "views"} | fewer
    read = Baseline.from_json(older | {"version": content["version"] - 1})
    assert read.usual("level", 12, Light.DAY) == baseline.usual("level", 12, Light.DAY)
    assert read.usual("likeness", 12, Light.DAY) is None
    assert read.usual_view(Light.DAY) is None
    assert baseline.usual("likeness", 12, Light.DAY) is not None


def test_the_view_is_what_is_seen_most_and_forgotten_when_another_is_confirmed() -> None:
    """Six pictures make it known; a cell that moves leaves it as it was."""
    baseline = NO_BASELINE
    for day in range(6):
        baseline = baseline.learnt(_features(Light.DAY, 100.0), 12, EVERYTHING, NOON + timedelta(days=day))
    passing = _features(Light.DAY, 200.0)
    passing.moved[0, 0] = True
    view = baseline.learnt(passing, 12, EVERYTHING, NOON + timedelta(days=6)).usual_view(Light.DAY)
    assert view is not None
    assert view[0, 0] == pytest.approx(50.0)
    assert view[-1, -1] == pytest.approx(50.0 + 50.0 / 7)
    assert baseline.without_view().usual_view(Light.DAY) is None


def test_pictures_of_one_half_hour_teach_once() -> None:
    """A suspicion that is looked into every five minutes must not become the rule."""
    once = judge(at_noon(noisy(PLACE, 1), 1), NO_BASELINE, None).baseline
    again = at_noon(noisy(PLACE, 2), 1)
    soon = judge(type(again)(again.picture, again.taken_at + timedelta(minutes=5), 12), once, None).baseline
    later = judge(type(again)(again.picture, again.taken_at + timedelta(minutes=35), 12), once, None).baseline
    assert soon == once
    assert later != once


def test_what_a_person_calls_wrong_is_within_the_limits_from_then_on() -> None:
    """The same picture is fine afterwards."""
    camera = known_camera(lambda day: at_noon(noisy(PLACE, day), day))
    hazy = at_noon(noisy(cv2.GaussianBlur(PLACE, (0, 0), 1.2), 40))
    finding = camera.finding(Category.BLUR, hazy)
    assert finding.state is State.ABNORMAL
    wider = camera.baseline.widened(finding)
    findings = judge(hazy, wider, None).findings
    assert next(one.state for one in findings if one.category is Category.BLUR) is State.OK
    assert Baseline.from_json(wider.as_json()).margin(Category.BLUR) == pytest.approx(
        wider.margin(Category.BLUR), abs=0.01
    )


def test_findings_and_references_come_back_from_json_the_same() -> None:
    """They travel between the node and the control process."""
    reference = reference_of(at_noon(PLACE))
    assert reference is not None
    again = Reference.from_json(json.loads(json.dumps(reference.as_json())))
    assert np.array_equal(again.marks, reference.marks)
    assert np.allclose(again.places, reference.places, atol=1 / 16)
    assert np.array_equal(again.outlines, reference.outlines)
    finding = Finding(Category.CAST, State.ABNORMAL, 42.5, 20.25, 13.0, 0.0, 0.75, "cast")
    assert Finding.from_json(json.loads(json.dumps(finding.as_json()))) == finding
    with pytest.raises(ValueError, match="reference"):
        Reference.from_json({"version": 1, "light": "day"})
