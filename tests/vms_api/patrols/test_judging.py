"""What may be said of a stop, as a table by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vms_api.patrols.rows import round_stop
from vms_api.patrols.judging import judged, missing_s, unexpected
from vms_api.patrols.round_errors import AnswersWrong, DwellTooShort, VerdictContradicted
from vms_api.patrols.round_stop import StopVerdict

GATE = {"text": "Is the gate closed?", "expected": "yes"}
LAMP = {"text": "Is the lamp on?", "expected": "no"}
ANY = {"text": "Does it rain?", "expected": None}
V = StopVerdict


@pytest.mark.parametrize(
    ("verdict", "present_s", "attended_s", "remaining_s"),
    [
        (V.NORMAL, 0.0, 30.0, 10),
        (V.NORMAL, 7.2, 30.0, 3),
        (V.NORMAL, 10.0, 10.0, 0),
        (V.ABNORMAL, 0.0, 0.0, 0),
        (V.CAMERA_FAULT, 0.0, 4.5, 6),
        (V.CAMERA_FAULT, 0.0, 10.0, 0),
        (V.CANNOT_JUDGE, 0.0, 0.0, 10),
        (V.CANNOT_JUDGE, 0.0, 12.0, 0),
    ],
)
def test_a_stop_takes_its_time(verdict: V, present_s: float, attended_s: float, remaining_s: int) -> None:
    """Ten seconds before moving pictures for `normal`, before the screen for what cannot be seen, none for danger."""
    stop = round_stop(present_s=present_s, attended_s=attended_s)
    assert missing_s(stop, verdict) == remaining_s
    if remaining_s:
        with pytest.raises(DwellTooShort) as refused:
            judged(stop, verdict, [])
        assert refused.value.document()["remaining_s"] == remaining_s
    else:
        assert judged(stop, verdict, []).verdict is verdict


@pytest.mark.parametrize("why", ["offline", "removed", "no-right"])
@pytest.mark.parametrize("verdict", V)
def test_what_cannot_be_reached_takes_no_time_and_few_verdicts(why: str, verdict: V) -> None:
    """An offline camera is faulty or not to be judged; of one that may not be seen nothing is said."""
    stop = round_stop(unreachable=True, unreachable_why=why)
    possible = {V.CANNOT_JUDGE, V.CAMERA_FAULT} if why == "offline" else {V.CANNOT_JUDGE}
    if verdict in possible:
        assert judged(stop, verdict, []).verdict is verdict
    else:
        with pytest.raises(VerdictContradicted):
            judged(stop, verdict, [])


@pytest.mark.parametrize(
    ("answers", "against"),
    [(["yes", "no", "yes"], []), (["no", "no", "no"], [0]), (["no", "yes", None], [0, 1]), ([None] * 3, [])],
)
def test_answers_are_held_against_what_was_expected(answers: list, against: list[int]) -> None:
    """Only an answer that is not the expected one is unexpected: none at all is not."""
    stop = round_stop(questions=[GATE, LAMP, ANY])
    assert unexpected(stop.questions, answers) == tuple(against)


def test_normal_needs_every_answer_as_expected() -> None:
    """Not one missing, not one against; a wrong number of answers never does."""
    stop = round_stop(questions=[GATE, ANY], present_s=10.0, attended_s=10.0)
    assert judged(stop, V.NORMAL, ["yes", "no"]).answers == ("yes", "no")
    for answers in (["yes"], ["yes", None], [], ["yes", "no", "no"]):
        with pytest.raises(AnswersWrong):
            judged(stop, V.NORMAL, answers)
    with pytest.raises(VerdictContradicted):
        judged(stop, V.NORMAL, ["no", "no"])
    found = judged(stop, V.ABNORMAL, ["no", None])
    assert (found.answers, found.unexpected) == (("no", None), (0,))


@given(
    present_s=st.floats(0, 100),
    attended_s=st.floats(0, 100),
    dwell_s=st.floats(1, 60),
    verdict=st.sampled_from(list(V)),
)
def test_more_time_never_makes_a_verdict_harder(
    present_s: float, attended_s: float, dwell_s: float, verdict: V
) -> None:
    """What is missing falls with every second, and is never more than the stop takes."""
    stop = round_stop(present_s=present_s, attended_s=attended_s, dwell_s=dwell_s)
    later = round_stop(present_s=present_s + 1, attended_s=attended_s + 1, dwell_s=dwell_s)
    assert 0 <= missing_s(later, verdict) <= missing_s(stop, verdict) <= dwell_s + 1
