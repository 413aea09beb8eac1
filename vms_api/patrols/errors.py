"""What patrol plans refuse."""

from collections.abc import Sequence

from vms_api.errors import FieldError, InvalidRequest, Problem

MOST_NAMED = 20
"""So many of the wrong stops are named; mending them shows the next."""


class PatrolCameraOutside(InvalidRequest):
    """A plan patrols its own area and those below it."""

    code, title = "patrol-camera-outside", "A stop's camera is gone or outside the area of the plan"

    def __init__(self, stops: Sequence[int]) -> None:
        message = "the camera is gone or outside the area of the plan"
        super().__init__(errors=[FieldError(f"stops.{at}.camera_id", self.code, message) for at in stops[:MOST_NAMED]])


class PatrolPersonUnfit(InvalidRequest):
    """Who is asked to patrol must be allowed to."""

    code, title = "patrol-person-unfit", "Somebody named may not patrol in the area of the plan"

    def __init__(self, people: Sequence[int]) -> None:
        message = "may not patrol there"
        named = people[:MOST_NAMED]
        super().__init__(errors=[FieldError(f"people.user_ids.{at}", self.code, message) for at in named])


class PatrolNeverDue(InvalidRequest):
    """A schedule by which no round is ever due."""

    code, title = "patrol-never-due", "No round is ever due by this schedule"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("schedule.windows", self.code, "none of the windows ever opens")])


class PatrolNothingToExcuse(Problem):
    """Only what was missed, late or aborted needs an excuse."""

    status, code, title = 409, "patrol-nothing-to-excuse", "The round needs no excuse"


class PatrolPlanStale(Problem):
    """Somebody else has saved the plan meanwhile."""

    status, code, title = 409, "patrol-plan-stale", "The plan was changed meanwhile"
