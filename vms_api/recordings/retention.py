"""What may be deleted, and what is. Pure: nothing held and nothing younger than its floor ever comes out of here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vms_api.recordings.hold import Hold
from vms_api.recordings.plan import Retention
from vms_api.recordings.segment import Segment

CLOCK_JUMP = timedelta(days=1)
"""A clock that is this far from where it should be is not believed: by it everything may look old enough to go."""


class DeletionRule(StrEnum):
    """Why something was deleted, as the audit log has it."""

    AGE = "retention-max"
    SPACE = "volume-short"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A segment that may have to go."""

    recording_id: str
    camera_id: str
    volume_id: str
    path: str
    started_at: datetime
    ended_at: datetime
    size_bytes: int

    @classmethod
    def of(cls, segment: Segment) -> "Candidate":
        """The part of a segment that counts here."""
        return cls(*(getattr(segment, name) for name in cls.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class Deletion:
    """A segment that goes, and why."""

    candidate: Candidate
    rule: DeletionRule


def is_held(candidate: Candidate, holds: Sequence[Hold], now: datetime) -> bool:
    """Whether any part of it is under a hold that is in force."""
    return any(
        hold.camera_id == candidate.camera_id
        and hold.is_active(now)
        and hold.start < candidate.ended_at
        and candidate.started_at < hold.end
        for hold in holds
    )


def deletions(
    candidates: Sequence[Candidate],
    retention: Mapping[str, Retention],
    holds: Sequence[Hold],
    needed_bytes: Mapping[str, int],
    now: datetime,
) -> list[Deletion]:
    """What goes now: all that is past its ceiling, then the oldest of each volume that needs room, until it has it.

    `retention` is by camera, `needed_bytes` by volume. A candidate whose camera has no retention stays.
    """
    kept = [c for c in candidates if c.camera_id in retention and not is_held(c, holds, now)]
    deletable = sorted((c for c in kept if c.ended_at <= now - retention[c.camera_id].floor), key=_by_age)
    chosen = {
        c.recording_id: Deletion(c, DeletionRule.AGE)
        for c in deletable
        if c.ended_at <= now - retention[c.camera_id].ceiling
    }
    missing = dict(needed_bytes)
    for deletion in chosen.values():
        missing[deletion.candidate.volume_id] = _left(missing, deletion.candidate)
    for candidate in deletable:
        if candidate.recording_id not in chosen and missing.get(candidate.volume_id, 0) > 0:
            chosen[candidate.recording_id] = Deletion(candidate, DeletionRule.SPACE)
            missing[candidate.volume_id] = _left(missing, candidate)
    return list(chosen.values())


def still_needed(needed_bytes: Mapping[str, int], gone: Sequence[Deletion]) -> Mapping[str, int]:
    """The volumes that are short even after those deletions, with the bytes they lack."""
    missing = dict(needed_bytes)
    for deletion in gone:
        missing[deletion.candidate.volume_id] = _left(missing, deletion.candidate)
    return {volume_id: lacking for volume_id, lacking in missing.items() if lacking > 0}


def certificates(gone: Sequence[Deletion]) -> Iterator[tuple[str, DeletionRule, Sequence[Candidate]]]:
    """The deletions by camera and rule: one line of the audit log for each, not for each file."""
    together: dict[tuple[str, DeletionRule], list[Candidate]] = {}
    for deletion in gone:
        together.setdefault((deletion.candidate.camera_id, deletion.rule), []).append(deletion.candidate)
    for (camera_id, rule), candidates in together.items():
        yield camera_id, rule, candidates


def clock_jump(before: datetime, elapsed_s: float | None, now: datetime) -> timedelta | None:
    """How far the clock has jumped since `before`, if it is too far to be believed.

    `elapsed_s` is what a clock that cannot be set has counted; None after a restart, when nothing did.
    """
    jump = now - before - timedelta(seconds=elapsed_s or 0.0)
    return jump if abs(jump) > CLOCK_JUMP else None


def _by_age(candidate: Candidate) -> tuple[datetime, str]:
    return (candidate.started_at, candidate.recording_id)


def _left(missing: Mapping[str, int], candidate: Candidate) -> int:
    return missing.get(candidate.volume_id, 0) - candidate.size_bytes
