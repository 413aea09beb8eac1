"""Rules that need no picture: what a device notices, and a camera that is not there. Judged by the control process."""

from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from analytics.schedule import Schedule as ArmedTimes
from analytics.schedule import Window as ArmedTime
from vms_api.cameras.rule import Cooldown, Instructions, RuleName, Schedule, Severity
from vms_api.care.notice import Notice, NoticeKind

DeviceRuleKind = Literal["device_notice", "camera_offline"]
Source = Annotated[str, Field(min_length=1, max_length=128, description="What the device calls it; null: any.")]
After = Annotated[float, Field(ge=5, le=86400, allow_inf_nan=False, description="Seconds offline (camera_offline).")]
RelayToken = Annotated[str, Field(min_length=1, max_length=128)]
RelayTime = Annotated[float, Field(ge=1, le=600, allow_inf_nan=False, description="Seconds until it is let go.")]


class RelayAction(BaseModel):
    """A relay output of the camera's device that an alert switches on for a while."""

    model_config = ConfigDict(extra="forbid")

    token: RelayToken
    seconds: RelayTime = 10.0


class DeviceRuleIn(BaseModel):
    """A rule: `device_notice` alerts when the device notices that, `camera_offline` when no stream of it is live."""

    model_config = ConfigDict(extra="forbid")

    name: RuleName
    kind: DeviceRuleKind
    notice: NoticeKind | None = None
    source: Source | None = None
    after_s: After = 60.0
    schedule: Schedule | None = None
    severity: Severity = "medium"
    cooldown_s: Cooldown = 60
    enabled: bool = True
    instructions: Instructions = ""
    relay: RelayAction | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.kind == "device_notice") != (self.notice is not None):
            raise PydanticCustomError("notice_kind_wrong", "device_notice names a notice, camera_offline none")
        return self


class DeviceRule(DeviceRuleIn):
    """A rule of a camera."""

    id: str

    def is_armed(self, at: datetime, zone: str) -> bool:
        """Whether it looks at that instant, its schedule read in the site's zone."""
        windows = self.schedule.windows if self.schedule else []
        times = (ArmedTime(frozenset(w.days), time.fromisoformat(w.start), time.fromisoformat(w.end)) for w in windows)
        return ArmedTimes(ZoneInfo(zone), tuple(times)).is_armed(at)

    def is_about(self, notice: Notice) -> bool:
        """Whether the notice is one that it waits for; the end of something is none."""
        is_its_kind = self.kind == "device_notice" and self.notice == notice.kind
        return is_its_kind and notice.active is not False and self.source in {None, notice.source}


class QuietTimes:
    """Since when each rule is quiet after an alert."""

    def __init__(self) -> None:
        self._raised: dict[str, datetime] = {}

    def may_raise(self, rule: DeviceRule, at: datetime) -> bool:
        """Whether its quiet time is over; if so, the next one begins."""
        last = self._raised.get(rule.id)
        if last is not None and at < last + timedelta(seconds=rule.cooldown_s):
            return False
        self._raised[rule.id] = at
        return True


class OfflineWatch:
    """Since when cameras are offline. A node that is away says nothing about a camera."""

    def __init__(self) -> None:
        self._since: dict[str, datetime] = {}
        self._told: set[tuple[str, str]] = set()

    def see(self, camera_id: str, state: str, at: datetime) -> None:
        """The camera's state as it is told now."""
        if state in {"live", "disabled"}:
            self._since.pop(camera_id, None)
            self._told = {pair for pair in self._told if pair[0] != camera_id}
        elif state != "unknown":
            self._since.setdefault(camera_id, at)

    def keep(self, camera_ids: Collection[str]) -> None:
        """Forgets all other cameras."""
        self._since = {id_: at for id_, at in self._since.items() if id_ in camera_ids}

    def is_due(self, camera_id: str, rule: DeviceRule, at: datetime) -> bool:
        """Whether the camera has been offline long enough for the rule, which has not said so yet."""
        since = self._since.get(camera_id)
        is_long = since is not None and at - since >= timedelta(seconds=rule.after_s)
        return is_long and (camera_id, rule.id) not in self._told

    def told(self, camera_id: str, rule: DeviceRule) -> None:
        """The rule has said so: once for each time the camera goes."""
        self._told.add((camera_id, rule.id))
