"""What may be said of a stop, and when. Pure."""

import math
from collections.abc import Sequence

from vms_api.patrols.plan import PatrolQuestion
from vms_api.patrols.round_errors import AnswersWrong, DwellTooShort, VerdictContradicted
from vms_api.patrols.round_stop import Answer, RoundStop, StopVerdict, Unreachable

_OF_UNREACHABLE: dict[Unreachable, set[StopVerdict]] = {
    "offline": {StopVerdict.CAMERA_FAULT, StopVerdict.CANNOT_JUDGE},
    # Whoever may not see a camera says nothing about it, nor about one that is no more.
    "no-right": {StopVerdict.CANNOT_JUDGE},
    "removed": {StopVerdict.CANNOT_JUDGE},
}
_SEEN = {StopVerdict.NORMAL, StopVerdict.ABNORMAL}


def missing_s(stop: RoundStop, verdict: StopVerdict) -> int:
    """For how many seconds the stop must still be looked at before this can be said of it.

    `abnormal` can be said at once: what is wrong does not wait. `normal` takes the whole time before moving pictures;
    that there are none can be said after the same time without them. What cannot be reached takes no time.
    """
    if stop.unreachable or verdict is StopVerdict.ABNORMAL:
        return 0
    counted_s = stop.present_s if verdict is StopVerdict.NORMAL else stop.attended_s
    return max(0, math.ceil(stop.dwell_s - counted_s))


def unexpected(questions: Sequence[PatrolQuestion], answers: Sequence[Answer | None]) -> tuple[int, ...]:
    """The numbers of the questions that were answered otherwise than expected."""
    pairs = enumerate(zip(questions, answers, strict=True))
    return tuple(
        number
        for number, (question, answer) in pairs
        if answer is not None and question.expected is not None and answer != question.expected
    )


def judged(stop: RoundStop, verdict: StopVerdict, answers: Sequence[Answer | None]) -> RoundStop:
    """The stop with its verdict and answers.

    No answers at all stand for none to every question: whoever could not look cannot answer.

    Raises:
        AnswersWrong: not one for each question, or `normal` with a question left open.
        VerdictContradicted: `normal` beside an unexpected answer, or a verdict on what could not be seen.
        DwellTooShort: the stop was not looked at for long enough.

    """
    given = tuple(answers) or (None,) * len(stop.questions)
    if len(given) != len(stop.questions):
        raise AnswersWrong(f"{len(stop.questions)} answers are wanted")
    if stop.unreachable_why is not None and verdict not in _OF_UNREACHABLE[stop.unreachable_why]:
        raise VerdictContradicted("the camera could not be looked at")
    against = unexpected(stop.questions, given)
    if verdict is StopVerdict.NORMAL and against:
        raise VerdictContradicted("an answer is not the expected one")
    if verdict is StopVerdict.NORMAL and None in given:
        raise AnswersWrong("every question is to be answered")
    if remaining_s := missing_s(stop, verdict):
        raise DwellTooShort(remaining_s)
    kept = given if verdict in _SEEN or any(given) else ()
    return stop.model_copy(update={"verdict": verdict, "answers": kept, "unexpected": against})
