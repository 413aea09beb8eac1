"""Faults of one camera that has been known for ten days: told when clear, and never the better for being worse."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from analytics.quality.baseline import NO_BASELINE
from analytics.quality.category import Category
from analytics.quality.finding import State
from analytics.quality.judge import judge, reference_of
from analytics.quality.light import Light
from analytics.quality.sample import Sample, StreamFacts
from ingest.frame import Image
from tests.fakes.watched_place import HEIGHT, WIDTH, KnownCamera, at_noon, known_camera, noisy, paved_square

PLACE = paved_square()
Spoil = Callable[[Image, float], Image]


@pytest.fixture(scope="module")
def camera() -> KnownCamera:
    """A camera that is known by day."""
    return known_camera(lambda day: at_noon(noisy(PLACE, day), day, noisy(PLACE, 100 + day)))


def _blurred(picture: Image, sigma: float) -> Image:
    return cv2.GaussianBlur(picture, (0, 0), sigma) if sigma else picture


def _dimmed(picture: Image, loss: float) -> Image:
    return cv2.convertScaleAbs(picture, alpha=1.0 - loss)


def _drowned(picture: Image, light: float) -> Image:
    return cv2.add(picture, np.full_like(picture, light))


def _tinted(picture: Image, share: float) -> Image:
    return cv2.transform(picture, np.diag((1.0 - share, 1.0, 1.0 + share / 2)))


def _covered(picture: Image, share: float) -> Image:
    covered = picture.copy()
    covered[:, : round(WIDTH * share)] = (70, 90, 80)
    return covered


def _snowy(picture: Image, share: float) -> Image:
    rng = np.random.default_rng(1)
    field, level = rng.random((HEIGHT, WIDTH, 1)), rng.integers(0, 256, (HEIGHT, WIDTH, 1))
    return np.where(field < share, level, picture).astype(np.uint8)


def _striped(picture: Image, strength: float) -> Image:
    rows = strength * np.sin(np.arange(HEIGHT) * 2 * np.pi / 9)
    return (picture + rows[:, None, None]).clip(0, 255).astype(np.uint8)


FAULTS: list[tuple[Category, Spoil, tuple[float, ...]]] = [
    (Category.BLUR, _blurred, (0, 0.8, 1.5, 2.5, 4)),
    (Category.DARK, _dimmed, (0, 0.4, 0.7, 0.85, 0.93, 1)),
    (Category.BRIGHT, _drowned, (0, 50, 90, 120, 180)),
    (Category.CAST, _tinted, (0, 0.1, 0.2, 0.4, 0.6)),
    (Category.OCCLUSION, _covered, (0, 0.1, 0.3, 0.5, 0.7, 0.85)),
    (Category.SNOW, _snowy, (0, 0.02, 0.06, 0.15, 0.4)),
    (Category.STRIPES, _striped, (0, 3, 8, 15, 30)),
]


@pytest.mark.parametrize(("category", "spoil", "strengths"), FAULTS, ids=[one[0].value for one in FAULTS])
def test_a_stronger_fault_is_never_judged_better(
    camera: KnownCamera, category: Category, spoil: Spoil, strengths: tuple[float, ...]
) -> None:
    """The score falls from good to abnormal and never rises on the way; abnormal is below sixty and nothing else is."""
    spoilt = [spoil(PLACE, one) for one in strengths]
    findings = [camera.finding(category, at_noon(noisy(one, 7), earlier=noisy(one, 8))) for one in spoilt]
    scores = [finding.score for finding in findings]
    assert None not in scores
    assert scores == sorted(scores, reverse=True)
    assert findings[0].state is State.OK
    assert findings[-1].state is State.ABNORMAL
    assert [score < 60 for score in scores] == [finding.state is State.ABNORMAL for finding in findings]


def test_nothing_is_wrong_with_the_next_day(camera: KnownCamera) -> None:
    """A picture like those before is fine in every category that its facts allow to judge."""
    judgement = judge(at_noon(noisy(PLACE, 300), earlier=noisy(PLACE, 301)), camera.baseline, camera.reference)
    states = {one.category: one.state for one in judgement.findings}
    assert states.pop(Category.STUTTER) is State.UNKNOWN
    assert set(states.values()) == {State.OK}


@pytest.mark.parametrize("way", [(0, 24), (30, 0), (-40, 20)])
def test_a_turned_camera_is_told_by_how_far_it_was_turned(camera: KnownCamera, way: tuple[int, int]) -> None:
    """The value is the way as a share of the picture's width."""
    move = np.array([[1, 0, way[0]], [0, 1, way[1]]], np.float64)
    turned = cv2.warpAffine(PLACE, move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT)
    finding = camera.finding(Category.SHIFT, at_noon(noisy(turned, 9)))
    assert finding.state is State.ABNORMAL
    assert finding.value == pytest.approx(np.hypot(*way) / WIDTH, abs=0.02)


def test_another_view_is_told(camera: KnownCamera) -> None:
    """Somebody has hung the camera elsewhere."""
    finding = camera.finding(Category.SHIFT, at_noon(noisy(paved_square(6), 9)))
    assert (finding.state, finding.reason) == (State.ABNORMAL, "another-view")


def test_a_held_picture_is_frozen_though_its_clock_ticks(camera: KnownCamera) -> None:
    """The clock is found by itself; the same place with fresh noise is not frozen."""
    held = noisy(PLACE, 11)
    now, earlier = held.copy(), held.copy()
    cv2.putText(earlier, "12:00:01", (8, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1)
    cv2.putText(now, "12:00:06", (8, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (255, 255, 255), 1)
    assert camera.finding(Category.FREEZE, at_noon(now, earlier=earlier)).state is State.ABNORMAL
    assert camera.finding(Category.FREEZE, at_noon(noisy(PLACE, 12), earlier=held)).state is State.OK


def test_somebody_who_walks_is_proof_enough_against_a_freeze(camera: KnownCamera) -> None:
    """However little the rest of the picture wavers."""
    held = noisy(PLACE, 11)
    walked = held.copy()
    cv2.rectangle(walked, (150, 90), (160, 115), (20, 20, 20), cv2.FILLED)
    assert camera.finding(Category.FREEZE, at_noon(walked, earlier=held)).state is State.OK


def test_a_place_that_never_wavers_cannot_be_judged_frozen() -> None:
    """A drawn picture without noise is the same every time, and that is no fault."""
    nearly = PLACE.copy()
    nearly[::10, ::10] ^= 1
    still = known_camera(lambda day: at_noon(PLACE, day, nearly))
    assert still.finding(Category.FREEZE, at_noon(PLACE, earlier=PLACE)).state is State.UNKNOWN


def test_the_encoders_no_signal_is_a_loss_and_hides_the_rest(camera: KnownCamera) -> None:
    """Saturated blue with white words on it."""
    blue = np.full_like(PLACE, (190, 30, 10))
    cv2.putText(blue, "NO SIGNAL", (110, 90), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 1)
    judgement = judge(at_noon(blue, earlier=blue), camera.baseline, camera.reference)
    abnormal = [one.category for one in judgement.findings if one.state is State.ABNORMAL]
    assert abnormal == [Category.LOSS]
    assert judgement.baseline.usual("flat", 12, Light.DAY) == camera.baseline.usual("flat", 12, Light.DAY)


def test_a_cap_before_the_lens_is_a_cover_and_no_loss(camera: KnownCamera) -> None:
    """By day it shows no grain either, but it grows brighter from side to side."""
    cap = np.tile(np.linspace(90, 130, WIDTH).astype(np.uint8)[None, :, None], (HEIGHT, 1, 3))
    sample = at_noon(cap, earlier=noisy(cap, 1))
    loss, cover = (camera.finding(one, sample) for one in (Category.LOSS, Category.OCCLUSION))
    assert (loss.state, loss.reason) == (State.UNKNOWN, "shaded")
    assert cover.state is State.ABNORMAL


def test_ground_that_takes_another_colour_is_no_cast(camera: KnownCamera) -> None:
    """As when the snow goes: the upper third keeps its colours. The same colour over everything is a cast."""
    tinted = _tinted(PLACE, 0.4)
    thawed = tinted.copy()
    thawed[: HEIGHT // 3] = PLACE[: HEIGHT // 3]
    assert camera.finding(Category.CAST, at_noon(noisy(tinted, 3))).state is State.ABNORMAL
    assert camera.finding(Category.CAST, at_noon(noisy(thawed, 3))).state is State.OK


def test_a_view_that_keeps_a_third_of_its_contrast_is_not_covered(camera: KnownCamera) -> None:
    """Snow lies on the lower two thirds; flat grey boards there instead are a cover."""
    snowy, boarded = PLACE.copy(), PLACE.copy()
    lower = np.s_[HEIGHT // 3 :]
    snowy[lower] = (PLACE[lower] * 0.35 + 150).clip(0, 240).astype(np.uint8)
    boarded[lower] = (90, 100, 110)
    assert camera.finding(Category.OCCLUSION, at_noon(noisy(snowy, 4))).state is State.OK
    assert camera.finding(Category.OCCLUSION, at_noon(noisy(boarded, 4))).state is State.ABNORMAL


def _snowed_in(picture: Image) -> Image:
    """New snow hides what lies on the ground, two thirds of the view, down to the last stone."""
    snowy = picture.copy()
    lower = np.s_[HEIGHT // 3 :]
    snowy[lower] = (picture[lower] * 0.08 + 205).clip(0, 240).astype(np.uint8)
    return snowy


def test_a_place_that_has_been_snowed_in_is_neither_covered_nor_blurred_nor_turned(camera: KnownCamera) -> None:
    """Whether something stands before the ground nobody can tell; what is above it is sharp and in place."""
    judgement = judge(at_noon(noisy(_snowed_in(PLACE), 4)), camera.baseline, camera.reference)
    states = {one.category: one.state for one in judgement.findings}
    assert State.ABNORMAL not in states.values()
    assert (states[Category.BLUR], states[Category.SHIFT]) == (State.OK, State.OK)


@pytest.mark.parametrize("way", ["snow", "fog"])
def test_neither_snow_nor_fog_hides_a_blurred_lens(camera: KnownCamera, way: str) -> None:
    """What is left of the contrast is soft where it was sharp."""
    now = _snowed_in(PLACE) if way == "snow" else (PLACE * 0.65 + 60).astype(np.uint8)
    sharp = camera.finding(Category.BLUR, at_noon(noisy(now, 4)))
    blurred = camera.finding(Category.BLUR, at_noon(noisy(_blurred(now, 1.5), 4)))
    assert sharp.state is State.OK
    assert blurred.state is State.ABNORMAL


def test_a_white_board_from_above_is_no_snow(camera: KnownCamera) -> None:
    """Snow hangs in no sky."""
    boarded = PLACE.copy()
    boarded[: HEIGHT * 2 // 3] = (228, 229, 230)
    assert camera.finding(Category.OCCLUSION, at_noon(noisy(boarded, 4))).state is State.ABNORMAL


@pytest.mark.parametrize(
    ("colour", "is_told"), [((60, 150, 70), True), ((102, 110, 114), False)], ids=["green", "as-the-asphalt"]
)
def test_what_has_another_colour_covers_a_place_of_bare_asphalt(colour: tuple[int, int, int], *, is_told: bool) -> None:
    """There is no detail to lose; a cover that looks like the place itself nobody can tell."""
    asphalt = np.full((HEIGHT, WIDTH, 3), (98, 108, 116), np.uint8)
    cv2.line(asphalt, (40, 30), (120, 60), (230, 230, 230), 3)
    bare = known_camera(lambda day: at_noon(noisy(asphalt, day), day))
    covered = asphalt.copy()
    covered[HEIGHT // 2 :] = colour
    assert (bare.finding(Category.OCCLUSION, at_noon(noisy(covered, 4))).state is State.ABNORMAL) is is_told
    assert bare.finding(Category.OCCLUSION, at_noon(noisy(asphalt, 4))).state is not State.ABNORMAL


def test_a_light_of_another_colour_over_everything_is_no_cover(camera: KnownCamera) -> None:
    """As lamps at dusk: no cell keeps its colour."""
    assert camera.finding(Category.OCCLUSION, at_noon(noisy(_tinted(PLACE, 0.3), 4))).state is State.OK


def test_what_moves_is_not_before_the_lens(camera: KnownCamera) -> None:
    """A lorry's flank that was not there five seconds ago proves nothing; one that stands still is left to patience."""
    lorry = PLACE.copy()
    lorry[:, : WIDTH * 2 // 5] = (70, 90, 80)
    driving = camera.finding(Category.OCCLUSION, at_noon(noisy(lorry, 4), earlier=noisy(PLACE, 5)))
    standing = camera.finding(Category.OCCLUSION, at_noon(noisy(lorry, 4), earlier=noisy(lorry, 5)))
    assert (driving.state, driving.reason) == (State.UNKNOWN, "too-much-moves")
    assert standing.state is State.ABNORMAL


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        (None, State.UNKNOWN),
        (StreamFacts(0, 0, 0.0, 0.0, 15.0), State.ABNORMAL),
        (StreamFacts(900, 0, 0.07, 0.0, 15.0, decode_errors=60), State.ABNORMAL),
    ],
)
def test_no_picture_is_a_loss_when_the_stream_says_so(facts: StreamFacts | None, state: State) -> None:
    """Without a word of the stream nobody can tell whether the camera or the sampler is at fault."""
    findings = judge(
        Sample(None, at_noon(PLACE).taken_at, 12, stream=facts), known_camera(at_any).baseline, None
    ).findings
    assert findings[0].state is state
    assert {one.state for one in findings[1:]} == {State.UNKNOWN}


def at_any(day: int) -> Sample:
    """A good picture of that day."""
    return at_noon(noisy(PLACE, day), day)


def test_a_new_camera_is_not_judged_by_what_is_usual() -> None:
    """What needs a baseline is unknown, and says so."""
    findings = {one.category: one for one in judge(at_noon(noisy(PLACE, 1)), NO_BASELINE, None).findings}
    assert {findings[one].reason for one in (Category.BLUR, Category.OCCLUSION)} == {"no-baseline"}
    assert findings[Category.SHIFT].reason == "no-reference"


def test_a_view_that_is_lost_does_not_become_usual() -> None:
    """Twelve looks after the third at the place itself, at another place: the last is told like the first."""
    elsewhere, reference, baseline = paved_square(6), reference_of(at_noon(PLACE)), NO_BASELINE
    for day in range(3):
        baseline = judge(at_noon(noisy(PLACE, day), day), baseline, reference).baseline
    for day in range(3, 15):
        baseline = judge(at_noon(noisy(elsewhere, day), day), baseline, reference).baseline
    known = baseline.seen_by("likeness", Light.DAY)
    assert known is not None
    assert (known.mean, known.count) == (pytest.approx(1.0, abs=0.05), 3)
