"""What is refused about rounds.

Problem
├── RoundTaken  RoundElsewhere  RoundMovedOn  RoundIncomplete          409
├── StopClosed  StopJudged  StopThere  DwellTooShort  PicturesFull     409
└── AnswersWrong  VerdictContradicted  HeirWithoutRights               422
"""

from typing import Any

from vms_api.errors import FieldError, InvalidRequest, Problem


class RoundTaken(Problem):
    """Somebody else has the round. `holder` is who."""

    status, code, title = 409, "round-taken", "Somebody else has this round"

    def __init__(self, holder: str | None) -> None:
        super().__init__()
        self.holder = holder

    def document(self) -> dict[str, Any]:
        """The refusal with the name of who has it."""
        return {**super().document(), "holder": self.holder}


class RoundElsewhere(Problem):
    """The same person goes on with the round on another screen; this one only watches."""

    status, code, title = 409, "round-elsewhere", "The round goes on on another screen"


class RoundMovedOn(Problem):
    """The act does not fit how far the round has come."""

    status, code, title = 409, "round-moved-on", "The round is at another point"


class RoundIncomplete(Problem):
    """Too few stops are done. `missing` is how many more it takes."""

    status, code, title = 409, "round-incomplete", "Too few stops are done"

    def __init__(self, missing: int) -> None:
        super().__init__(f"{missing} more stops are to be done")
        self.missing = missing

    def document(self) -> dict[str, Any]:
        """The refusal with the number of stops that are missing."""
        return {**super().document(), "missing": self.missing}


class StopClosed(Problem):
    """Nobody is at the stop now."""

    status, code, title = 409, "stop-closed", "Nobody is at this stop now"


class StopJudged(Problem):
    """What was said of a stop stays; what is to be added is a note."""

    status, code, title = 409, "stop-judged", "This stop is judged already"


class StopThere(Problem):
    """The round has a stop of that camera already, or as many added ones as it may have."""

    status, code, title = 409, "stop-there", "The round takes no such stop"


class DwellTooShort(Problem):
    """The stop was not looked at for as long as its plan wants. `remaining_s`: for how long it is still to be."""

    status, code, title = 409, "dwell-too-short", "Please look a little longer"

    def __init__(self, remaining_s: int) -> None:
        super().__init__(f"{remaining_s} s more")
        self.remaining_s = remaining_s

    def document(self) -> dict[str, Any]:
        """The refusal with the seconds that are missing."""
        return {**super().document(), "remaining_s": self.remaining_s}


class PicturesFull(Problem):
    """The stop has as many pictures as it may have."""

    status, code, title = 409, "pictures-full", "The stop has all the pictures it may have"


class AnswersWrong(InvalidRequest):
    """There is one answer for each question; `normal` leaves none open."""

    code, title = "answers-wrong", "The answers do not fit the questions"

    def __init__(self, message: str) -> None:
        super().__init__(errors=[FieldError("answers", self.code, message)])


class VerdictContradicted(InvalidRequest):
    """The verdict says what was not seen, or what the answers deny."""

    code, title = "verdict-contradicted", "The verdict does not fit what was found"

    def __init__(self, message: str) -> None:
        super().__init__(errors=[FieldError("verdict", self.code, message)])


class HeirWithoutRights(InvalidRequest):
    """A round is handed over only to who may go on rounds in its area."""

    code, title = "heir-without-rights", "This person may not go on rounds there"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("user_id", self.code, "no right to go on rounds in that area")])
