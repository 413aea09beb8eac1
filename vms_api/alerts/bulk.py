"""One act on many alerts: each is judged by itself and has its own result."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from vms_api.alerts.alert import Alert
from vms_api.alerts.handling import ActIn, AlertId, AssignIn, JudgeIn, Note, Verdict
from vms_api.alerts.lifecycle import AlertAct

MOST = 200

_JUDGED = {AlertAct.RESOLVE, AlertAct.CLOSE}


class BulkIn(BaseModel):
    """What is done to which alerts; `user_id` comes with assign, the verdict with resolve and close."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    ids: Annotated[list[AlertId], Field(min_length=1, max_length=MOST)]
    act: AlertAct
    note: Note = ""
    verdict: Verdict | None = None
    duplicate_of: AlertId | None = None
    user_id: AlertId | None = None

    @model_validator(mode="after")
    def _has_what_the_act_takes(self) -> "BulkIn":
        if (self.act is AlertAct.ASSIGN) != (self.user_id is not None):
            raise PydanticCustomError("user_id_wrong", "a person is named with assign, and only with assign")
        if self.act not in _JUDGED and (self.verdict is not None or self.duplicate_of is not None):
            raise PydanticCustomError("verdict_wrong", "a verdict comes with resolve and close only")
        return self

    def one(self) -> ActIn:
        """What is said with the act on each of them."""
        if self.user_id is not None:
            return AssignIn(note=self.note, user_id=self.user_id)
        if self.act in _JUDGED:
            return JudgeIn(note=self.note, verdict=self.verdict, duplicate_of=self.duplicate_of)
        return ActIn(note=self.note)


class BulkResult(BaseModel):
    """What became of one: the alert as it is now, or the problem that a single act would have been answered with."""

    id: str
    alert: Alert | None = None
    problem: dict[str, Any] | None = None


class BulkOut(BaseModel):
    """A result for each id, in the order in which they were asked for."""

    results: list[BulkResult]
