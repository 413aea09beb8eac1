"""What the tree of areas refuses."""

from vms_api.errors import FieldError, InvalidRequest, Problem


class AreaCycle(Problem):
    """An area cannot lie below itself."""

    status, code, title = 409, "area-cycle", "An area cannot lie below itself"


class AreaTooDeep(InvalidRequest):
    """More levels than any administration has."""

    code, title = "area-too-deep", "The tree of areas would become too deep"


class AreaNotEmpty(Problem):
    """Areas with cameras or with areas below are not removed."""

    status, code, title = 409, "area-not-empty", "The area still has cameras or areas below it"


class RootFixed(Problem):
    """The root is renamed, but never moved or removed."""

    status, code, title = 409, "area-root-fixed", "The area above all can be neither moved nor removed"


class AreaNameTaken(Problem):
    """A sibling has that name."""

    status, code, title = 409, "name-taken", "The name is taken"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("name", self.code, "an area beside it has this name")])


class AreaCodeTaken(Problem):
    """A sibling has that code."""

    status, code, title = 409, "code-taken", "The code is taken"

    def __init__(self) -> None:
        super().__init__(errors=[FieldError("code", self.code, "an area beside it has this code")])
