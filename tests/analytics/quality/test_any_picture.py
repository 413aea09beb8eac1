"""Whatever a camera sends: no error, no number that is none, and nothing of what is masked."""

import math
from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from analytics.geometry import Box
from analytics.quality.baseline import NO_BASELINE
from analytics.quality.finding import State
from analytics.quality.judge import Judgement, judge, reference_of
from analytics.quality.sample import Sample
from ingest.frame import Image
from tests.fakes.watched_place import HEIGHT, WIDTH, at_noon, known_camera, noisy, paved_square

PLACE = paved_square()


def _numbers(judgement: Judgement) -> list[float]:
    findings = [value for one in judgement.findings for value in astuple(one) if isinstance(value, float)]
    features = judgement.features
    if features is None:
        return findings
    return findings + [value for value in astuple(features.numbers) if value is not None]


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (3000, 2), (47, 47), (48, 48), (49, 4000), (577, 1023)])
def test_any_size_is_judged_or_said_to_be_too_small(size: tuple[int, int]) -> None:
    """No picture is an error."""
    picture = np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8)
    judgement = judge(at_noon(picture, earlier=picture[::-1].copy()), NO_BASELINE, reference_of(at_noon(picture)))
    assert all(math.isfinite(value) for value in _numbers(judgement))
    if min(size) < 48:
        assert {one.reason for one in judgement.findings} == {"too-little-to-see"}


def test_a_picture_of_8k_is_judged() -> None:
    """33 million pixels, of which most are never looked at."""
    large = np.tile(PLACE, (24, 24, 1))
    judgement = judge(at_noon(large, earlier=large), NO_BASELINE, None)
    assert judgement.features is not None
    assert judgement.features.numbers.level == pytest.approx(PLACE.mean(), abs=6)


@settings(max_examples=25)
@given(
    arrays.arrays(np.uint8, (60, 90, 3), elements=st.sampled_from([0, 1, 17, 128, 254, 255]), fill=st.just(128)),
    st.integers(0, 23),
    st.sampled_from([None, True, False]),
)
def test_no_number_is_ever_none(picture: Image, hour: int, infrared: bool | None) -> None:
    """Flat, black and white pictures, learnt from and judged again."""
    baseline, reference = NO_BASELINE, reference_of(at_noon(picture))
    for day in range(8):
        sample = replace(at_noon(picture, day, picture), local_hour=hour, infrared=infrared)
        judgement = judge(sample, baseline, reference)
        assert all(math.isfinite(value) for value in _numbers(judgement))
        baseline = judgement.baseline


@pytest.mark.parametrize("share", [0.5, 0.93, 1.0])
def test_a_picture_that_is_masked_for_the_most_part_is_judged_by_the_rest(share: float) -> None:
    """And not at all when the rest is too little."""
    mask = ((0.0, 0.0), (share, 0.0), (share, 1.0), (0.0, 1.0))
    judgement = judge(replace(at_noon(noisy(PLACE, 1)), masked=(mask,)), NO_BASELINE, None)
    assert (judgement.features is None) == (share > 0.9)
    assert all(math.isfinite(value) for value in _numbers(judgement))


def _half_masked(size: tuple[int, int], day: int, filling: np.random.Generator | None = None) -> Sample:
    """A picture with a mask and an overlay, and with rubbish under both when there is a filling."""
    height, width = size
    place = np.tile(PLACE, (height // HEIGHT + 1, width // WIDTH + 1, 1))[:height, :width]
    pictures = [noisy(place, day + step) for step in (0, 50)]
    if filling is not None:
        for picture in pictures:
            _fill(picture, filling)
    mask, box = ((0.1, 0.2), (0.45, 0.25), (0.4, 0.7), (0.12, 0.6)), Box(0.6, 0.0, 0.95, 0.12)
    return replace(at_noon(pictures[0], day, pictures[1]), masked=(mask,), overlays=(box,))


@pytest.mark.parametrize("size", [(HEIGHT, WIDTH), (777, 1333)])
def test_what_is_masked_never_has_any_influence(size: tuple[int, int]) -> None:
    """Whatever lies under a mask or an overlay, now and before, all findings and all that is learnt are the same."""
    known = known_camera(lambda day: _half_masked(size, day))
    plain = judge(_half_masked(size, 30), known.baseline, known.reference)
    assert sum(finding.state is State.OK for finding in plain.findings) == len(plain.findings) - 1  # no stream facts
    for seed in range(4):
        filled = judge(_half_masked(size, 30, np.random.default_rng(seed)), known.baseline, known.reference)
        assert filled.findings == plain.findings
        assert filled.baseline.as_json() == plain.baseline.as_json()


def _fill(picture: Image, filling: np.random.Generator) -> None:
    """Rubbish well within the polygon and the box of the test above."""
    height, width = picture.shape[:2]
    for left, top, right, bottom in ((0.15, 0.28, 0.38, 0.58), (0.61, 0.0, 0.94, 0.115)):
        rows = slice(round(top * height), round(bottom * height))
        columns = slice(round(left * width), round(right * width))
        shape = picture[rows, columns].shape
        picture[rows, columns] = filling.integers(0, 256, shape, np.uint8)
