"""What has changed since midnight: cameras that were lost and came back. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from vms_api.duty.civil_time import instant_of
from vms_api.overview.store import StreamMoment

ChangeKind = Literal[
    "camera-lost",
    "camera-back",
    "quality-worse",
    "quality-better",
    "alert-raised",
    "alert-closed",
    "ticket-opened",
    "ticket-closed",
    "patrol-completed",
    "patrol-missed",
]
_DOWN = {"silent", "waiting", "refused"}


class Change(BaseModel):
    """Something that happened today. `subject_id` is of the alert, ticket or round, `who` did it."""

    kind: ChangeKind
    at: datetime
    name: str
    camera_id: str | None = None
    subject_id: str | None = None
    who: str | None = None
    code: str | None = None


class Today(BaseModel):
    """What has changed since `since`, the last midnight of the site: how often what happened, and the latest of it."""

    since: datetime
    counts: Mapping[ChangeKind, int]
    latest: list[Change]


def midnight(now: datetime, zone: ZoneInfo) -> datetime:
    """When the day began, UTC."""
    return instant_of(now.astimezone(zone).date(), time(), zone)


def camera_changes(moments: Iterable[StreamMoment], names: Mapping[str, str]) -> list[Change]:
    """Cameras of `names` that were lost or came back, in the order of time.

    A camera that goes through several faults was lost once. One whose first state of the day is live has not come
    back: its node may just have started.
    """
    down: dict[str, bool] = {}
    changes = []
    for camera_id, state, at in moments:
        if camera_id not in names or not (state == "live" or state in _DOWN):
            continue
        was_down, is_down = down.get(camera_id), state in _DOWN
        down[camera_id] = is_down
        if is_down and not was_down:
            changes.append(Change(kind="camera-lost", at=at, name=names[camera_id], camera_id=camera_id))
        elif was_down and not is_down:
            changes.append(Change(kind="camera-back", at=at, name=names[camera_id], camera_id=camera_id))
    return changes


def today_of(since: datetime, changes: Iterable[Change], counts: Mapping[ChangeKind, int], latest: int) -> Today:
    """The day: `counts` where they are known better than by counting the changes, which may be the latest only."""
    found = sorted(changes, key=lambda change: change.at, reverse=True)
    counted: dict[ChangeKind, int] = {}
    for change in found:
        counted[change.kind] = counted.get(change.kind, 0) + 1
    return Today(since=since, counts={**counted, **counts}, latest=found[:latest])
