"""What is given up under overload, in which order, and when it is taken back."""

import itertools
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from analytics.admission import Admission
from analytics.alert import Severity
from analytics.load_shedding import LADDER, LoadShedder
from analytics.rule import CameraPlan
from ingest.camera import CameraId
from tests.fakes.picture import frame_at
from tests.fakes.tracks import intrusion

BUDGET_S = 0.5
LOW, HIGH = CameraId("low"), CameraId("high")


def after(ages: list[float]) -> LoadShedder:
    """A shedder that has seen these ages, one a second."""
    shedder = LoadShedder(BUDGET_S)
    for second, age_s in enumerate(ages):
        shedder.note(age_s, float(second))
    return shedder


def test_the_order_is_idle_rate_input_size_busy_rate_idle_decoding_and_at_last_whole_cameras() -> None:
    """Each rung gives up at least what those below it gave up, and something more."""
    for lower, upper in itertools.pairwise(LADDER):
        assert (upper.idle_fps or 9) <= (lower.idle_fps or 9)
        assert upper.input_share <= lower.input_share
        assert (upper.busy_fps or 9) <= (lower.busy_fps or 9)
        assert upper.dozing >= lower.dozing
        assert upper.neglected_share >= lower.neglected_share
        assert upper != lower
    begun = (
        [rung for rung, one in enumerate(LADDER) if one.idle_fps],
        [rung for rung, one in enumerate(LADDER) if one.input_share < 1],
        [rung for rung, one in enumerate(LADDER) if one.busy_fps],
        [rung for rung, one in enumerate(LADDER) if one.dozing],
        [rung for rung, one in enumerate(LADDER) if one.neglected_share],
    )
    first = [rungs[0] for rungs in begun]
    assert first == sorted(set(first))


def test_every_camera_keeps_a_frame_a_second_before_any_dozes_or_is_neglected() -> None:
    """Cameras are given up last."""
    kept = [one for one in LADDER if not one.dozing and not one.neglected_share]
    assert all((one.idle_fps or 9) >= 1 and (one.busy_fps or 9) >= 1 for one in kept)


def test_old_frames_climb_and_fresh_ones_step_down_slowly() -> None:
    """A rung a second up, five seconds for one down."""
    assert after([0.4] * 4).rung == 3
    assert after([0.4] * 4 + [0.01] * 4).rung == 3
    assert after([0.4] * 4 + [0.01] * 6).rung == 2
    assert after([0.4] * 3 + [0.01] * 30).rung == 0


def test_a_load_between_two_rungs_is_not_tried_all_the_time() -> None:
    """Each step down that had to be taken back makes the next one rarer."""
    shedder, trials = LoadShedder(BUDGET_S), 0
    for second in range(600):
        before = shedder.rung
        shedder.note(0.4 if shedder.rung < 2 else 0.01, float(second))
        trials += shedder.rung < before
    assert 2 <= trials <= 12


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 3)), max_size=200))
def test_it_stays_on_the_ladder(steps: list[tuple[float, float]]) -> None:
    """Whatever the ages, one rung at a time."""
    shedder, now_s = LoadShedder(BUDGET_S), 0.0
    for age_s, step_s in steps:
        now_s, before = now_s + step_s, shedder.rung
        shedder.note(age_s, now_s)
        assert abs(shedder.rung - before) <= 1
        assert shedder.shedding is LADDER[shedder.rung]


def admitted(admission: Admission, camera_id: CameraId, *, lively: bool, seconds: int = 20) -> float:
    """Frames a second let in of a camera that offers five."""
    frames = [frame_at(index / 5, camera_id=camera_id) for index in range(seconds * 5)]
    return sum(admission.admits(frame, lively=lively) for frame in frames) / seconds


def watched(camera_id: CameraId, severity: Severity) -> CameraPlan:
    """A camera with one rule."""
    return CameraPlan(camera_id, (replace(intrusion(), severity=severity),))


def test_idle_cameras_give_way_first_and_refusals_are_counted() -> None:
    """One frame a second of an idle camera, all of a busy one."""
    admission = Admission()
    admission.follow({HIGH: watched(HIGH, Severity.HIGH), LOW: watched(LOW, Severity.LOW)})
    admission.shed(LADDER[1])
    assert admitted(admission, HIGH, lively=True) == 5
    assert abs(admitted(admission, LOW, lively=False) - 1) <= 0.1
    assert (admission.refused_count(HIGH), admission.refused_count(LOW)) == (0, 80)


def test_the_cameras_with_the_mildest_rules_are_neglected_first() -> None:
    """On the last rung half of them are hardly looked at, the others once a second."""
    admission = Admission()
    admission.shed(LADDER[-1])
    admission.follow({HIGH: watched(HIGH, Severity.HIGH), LOW: watched(LOW, Severity.LOW)})
    assert admitted(admission, LOW, lively=True) < 0.4 < admitted(admission, HIGH, lively=True)
