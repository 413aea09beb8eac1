"""Who may do what about an alert, as a table; and what people say with it."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from vms_api.accounts.permission import Permission
from vms_api.alerts.due import DueTime
from vms_api.alerts.lifecycle import AlertAct


class Verdict(StrEnum):
    """What the alert turned out to be: apart from its state, and kept when it is closed."""

    TRUE = "true"
    FALSE = "false"
    DUPLICATE = "duplicate"
    TEST = "test"


class Takers(NamedTuple):
    """The permission that an act takes of the alert's owner, and of everybody else."""

    owner: Permission
    others: Permission


_HANDLE, _DISPATCH, _CLOSE = Permission.ALERT_HANDLE, Permission.ALERT_DISPATCH, Permission.ALERT_CLOSE

RIGHTS: Mapping[AlertAct, Takers] = MappingProxyType(
    {
        AlertAct.ACKNOWLEDGE: Takers(_HANDLE, _HANDLE),
        # The owner hands over; a dispatcher gives it to somebody, or takes it.
        AlertAct.ASSIGN: Takers(_HANDLE, _DISPATCH),
        AlertAct.PROGRESS: Takers(_HANDLE, _DISPATCH),
        AlertAct.RESOLVE: Takers(_HANDLE, _DISPATCH),
        # Sending back what was reported as done.
        AlertAct.REOPEN: Takers(_DISPATCH, _DISPATCH),
        AlertAct.CLOSE: Takers(_CLOSE, _CLOSE),
    }
)


def permission_for(act: AlertAct, *, is_owner: bool) -> Permission:
    """What it takes in the alert's area."""
    takers = RIGHTS[act]
    return takers.owner if is_owner else takers.others


Note = Annotated[str, Field(max_length=2000)]
AlertId = Annotated[str, Field(min_length=1, max_length=64)]


class ActIn(BaseModel):
    """What may be said with every act."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    note: Note = ""


class AssignIn(ActIn):
    """To whom the alert goes. A time by which it is to be handled is set by dispatchers."""

    user_id: AlertId
    resolve_by: DueTime | None = None


class JudgeIn(ActIn):
    """What it turned out to be. `duplicate_of` is the id of the alert that this one repeats."""

    verdict: Verdict | None = None
    duplicate_of: AlertId | None = None


class NoteIn(BaseModel):
    """Something to be remembered with the alert."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    note: Annotated[str, Field(min_length=1, max_length=2000)]
