"""What dispatching refuses."""

from vms_api.errors import FieldError, InvalidRequest, Problem


class NoCentreAbove(Problem):
    """The topmost centre has nobody to pass an alert to."""

    status, code, title = 409, "no-centre-above", "No centre is above this one"


class NoCentreBelow(Problem):
    """An alert goes back only to where it came from."""

    status, code, title = 409, "no-centre-below", "The alert has not come from another centre"


class CentreUnknown(InvalidRequest):
    """A dispatch rule names a centre that would not see the alerts."""

    code, title = "centre-unknown", "That is no centre for these alerts"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("centre_id", self.code, "no centre at or above the rule's area")])
