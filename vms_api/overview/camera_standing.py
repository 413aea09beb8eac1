"""How a camera stands, in five words for maps and counts. Pure."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel

from vms_api.cameras.health import CameraHealth

CameraStanding = Literal["online", "impaired", "offline", "unknown", "disabled"]


class CameraCounts(BaseModel):
    """How many cameras stand how. `faulty` are the impaired and the offline ones; unknown is not online."""

    total: int
    online: int
    faulty: int
    impaired: int
    offline: int
    unknown: int
    disabled: int


def standing_of(health: CameraHealth, *, is_at_fault: bool) -> CameraStanding:
    """`impaired`: its picture comes, but there is something the matter with it. Opening is not online yet."""
    if health.state in ("disabled", "unknown"):
        return health.state
    if health.state != "live":
        return "offline"
    return "impaired" if health.frozen or is_at_fault else "online"


def counts_of(standings: Iterable[CameraStanding]) -> CameraCounts:
    """The counts."""
    found = list(standings)
    impaired, offline = found.count("impaired"), found.count("offline")
    return CameraCounts(
        total=len(found),
        online=found.count("online"),
        faulty=impaired + offline,
        impaired=impaired,
        offline=offline,
        unknown=found.count("unknown"),
        disabled=found.count("disabled"),
    )
