"""Which further cameras a round might look at. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel

Reason = Literal["alert", "fault", "unseen"]
_GRAVITY: Sequence[Reason] = ("alert", "fault", "unseen")

UNSEEN = timedelta(days=7)
MOST_PROPOSED = 20


class Proposal(BaseModel):
    """A camera that is worth a look, and the gravest reason; `last_seen_at` is when it was last judged at a stop."""

    camera_id: str
    camera_name: str
    why: Reason
    last_seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A camera that the round does not have yet. `faulty_since` is None while it is live, or meant to be off."""

    camera_id: str
    camera_name: str
    faulty_since: datetime | None
    has_open_alert: bool
    last_seen_at: datetime | None


def reason(candidate: Candidate, now: datetime) -> Reason | None:
    """The gravest reason for a look; a fault that was there at the last visit is no news."""
    seen, faulty_since = candidate.last_seen_at, candidate.faulty_since
    if candidate.has_open_alert:
        return "alert"
    if faulty_since is not None and (seen is None or faulty_since > seen):
        return "fault"
    return "unseen" if seen is None or now - seen > UNSEEN else None


def proposed(candidates: Iterable[Candidate], now: datetime) -> Sequence[Proposal]:
    """Those with a reason: alerts before faults before what was only not seen, the longest unseen first."""
    found = [(candidate, why) for candidate in candidates if (why := reason(candidate, now)) is not None]
    found.sort(key=lambda one: _rank(*one))
    return [
        Proposal(
            camera_id=candidate.camera_id,
            camera_name=candidate.camera_name,
            why=why,
            last_seen_at=candidate.last_seen_at,
        )
        for candidate, why in found[:MOST_PROPOSED]
    ]


def _rank(candidate: Candidate, why: Reason) -> tuple[int, float, str]:
    seen_s = candidate.last_seen_at.timestamp() if candidate.last_seen_at else 0.0
    return _GRAVITY.index(why), seen_s, candidate.camera_name
