"""Planned maintenance: when which cameras are expected to be away. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """Work in [starts_at, ends_at) on an area with all below it, or on some cameras of it (`camera_ids`).

    It counts only once a second person has approved it.
    """

    id: str
    area_id: str
    camera_ids: frozenset[str] | None
    starts_at: datetime
    ends_at: datetime
    reason: str
    asked_at: datetime
    asked_by_id: str | None = None
    asked_by: str | None = None
    approved_at: datetime | None = None
    approved_by_id: str | None = None
    approved_by: str | None = None

    def is_about(self, camera_id: str, area_path: Sequence[str]) -> bool:
        """Whether it is approved and means the camera, while that lies in the area at the end of `area_path`.

        `area_path` are the ids of the areas from the topmost to the camera's own. Cameras that are named are meant
        wherever they are.
        """
        if self.approved_at is None:
            return False
        return camera_id in self.camera_ids if self.camera_ids is not None else self.area_id in area_path


class Stay(NamedTuple):
    """The camera lay in an area, whose path is given, in [since, until)."""

    area_path: Sequence[str]
    since: datetime
    until: datetime


class Excluded(NamedTuple):
    """Maintenance in [since, until), united from the windows that follow each other without a break.

    `why` and `approved_by` name each reason and person once, in the order of time.
    """

    since: datetime
    until: datetime
    why: tuple[str, ...]
    approved_by: tuple[str, ...]


def covers(
    windows: Iterable[MaintenanceWindow], camera_id: str, area_path: Sequence[str], at: datetime
) -> MaintenanceWindow | None:
    """The approved window that the camera is in at that instant, of several the one that ends last; None: it is not."""
    found = [
        window
        for window in windows
        if window.starts_at <= at < window.ends_at and window.is_about(camera_id, area_path)
    ]
    return max(found, key=lambda window: window.ends_at, default=None)


def excluded(windows: Sequence[MaintenanceWindow], camera_id: str, stays: Iterable[Stay]) -> list[Excluded]:
    """When the camera was in maintenance while it stayed in these areas, united and in the order of time.

    Windows that overlap or touch are one. A camera that is moved in the midst of an area's window leaves it then.
    """
    parts = [
        Excluded(max(w.starts_at, stay.since), min(w.ends_at, stay.until), (w.reason,), (w.approved_by or "",))
        for stay in stays
        for w in windows
        if w.is_about(camera_id, stay.area_path)
    ]
    found: list[Excluded] = []
    for part in sorted(parts):
        if part.since < part.until:
            _unite(found, part)
    return found


def _unite(found: list[Excluded], part: Excluded) -> None:
    """Adds a part that begins no earlier than the last one does."""
    if not found or part.since > found[-1].until:
        found.append(part)
        return
    last = found.pop()
    why, people = (tuple(dict.fromkeys(one + other)) for one, other in ((last.why, part.why), (last[3], part[3])))
    found.append(Excluded(last.since, max(last.until, part.until), why, people))
