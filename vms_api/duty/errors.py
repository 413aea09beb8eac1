"""What rosters and handovers refuse."""

from vms_api.errors import FieldError, InvalidRequest, Problem


class PersonWithoutRights(InvalidRequest):
    """On duty are people who may handle alerts at the centre."""

    code, title = "person-without-rights", "Somebody on the roster may not handle alerts there"

    def __init__(self, usernames: str) -> None:
        super().__init__(errors=[FieldError("shifts", self.code, f"no right to handle alerts there: {usernames}")])


class RosterStale(Problem):
    """Somebody else has saved the roster meanwhile."""

    status, code, title = 409, "roster-stale", "The roster was changed meanwhile"


class HandoverOwn(Problem):
    """Nobody takes over from himself."""

    status, code, title = 409, "handover-own", "Somebody else signs for what one hands over"


class HandoverSigned(Problem):
    """What is signed stays as it is."""

    status, code, title = 409, "handover-signed", "This handover is signed already"
