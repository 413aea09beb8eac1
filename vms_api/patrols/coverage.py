"""Which cameras nobody patrols, and which nobody has judged for days. Pure."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from pydantic import BaseModel


class CoveredCamera(BaseModel):
    """A camera by its name."""

    id: str
    name: str
    area_id: str


class UnseenCamera(BaseModel):
    """A camera and when it was last judged at a stop; null: never."""

    camera: CoveredCamera
    last_seen_at: datetime | None


class PatrolCoverage(BaseModel):
    """The gaps among `cameras` cameras that are switched on: those in no plan that is on, those not judged for days.

    Who was never judged comes first, then the longest ago.
    """

    cameras: int
    days: int
    in_no_plan: list[CoveredCamera]
    not_seen: list[UnseenCamera]


def covered(
    cameras: Iterable[CoveredCamera],
    planned: Collection[str],
    seen: Mapping[str, datetime],
    since: datetime,
    days: int,
) -> PatrolCoverage:
    """The gaps; `planned` are the ids of cameras in some plan, `seen` when each was last judged."""
    asked = list(cameras)
    unseen = [UnseenCamera(camera=camera, last_seen_at=seen.get(camera.id)) for camera in asked]
    gone = [each for each in unseen if each.last_seen_at is None or each.last_seen_at < since]
    return PatrolCoverage(
        cameras=len(asked),
        days=days,
        in_no_plan=[camera for camera in asked if camera.id not in planned],
        not_seen=sorted(gone, key=lambda each: (each.last_seen_at is not None, each.last_seen_at or since)),
    )
