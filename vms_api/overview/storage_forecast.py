"""When a volume will be full, and how many days it can hold. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import BaseModel

from vms_api.recordings.volume import VolumeState

SHORTEST = timedelta(minutes=10)
"""Less recording than this says nothing about a day."""
IDLE = timedelta(hours=1)
"""A volume whose newest recording began longer ago is not being filled: there is nothing to foretell."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Written:
    """What was recorded to a volume in the window before `until`; when its oldest and its newest recording began."""

    size_bytes: int
    since: datetime
    until: datetime
    oldest_at: datetime | None
    newest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a volume recordings may take, and how long they are to be kept: at least `floor`."""

    quota_bytes: int | None
    reserve_bytes: int
    floor: timedelta
    ceiling: timedelta


class StorageForecast(BaseModel):
    """How a volume will fare if it is recorded to as in the last day; null is not known.

    `full_at`: when there is no room any more and the oldest go before their time. Null where they reach the age at
    which they are deleted first, so that it never fills up. `holds_days`: how many days the volume can hold;
    `needed_days`: those that must be kept. `enough`: the former is not below the latter. `idle`: there are recordings,
    and none is added, as on a disk that stands by or is kept for what it has.
    """

    volume: str
    state: str
    used_bytes: int | None
    room_bytes: int | None
    per_day_bytes: int | None
    full_at: datetime | None
    holds_days: float | None
    needed_days: float
    enough: bool | None
    idle: bool = False


def forecast(state: VolumeState, limits: Limits, written: Written) -> StorageForecast:
    """What becomes of the volume. The window counts from the first recording if that is younger."""
    is_idle = written.newest_at is not None and written.until - written.newest_at > IDLE
    per_day = None if is_idle else _per_day(written)
    room = _room(state, limits)
    used = state.used_bytes
    needed_days = limits.floor / _DAY
    holds_days = (used + room) / per_day if used is not None and room is not None and per_day else None
    return StorageForecast(
        volume=state.name,
        state=state.state,
        used_bytes=used,
        room_bytes=room,
        per_day_bytes=None if per_day is None else round(per_day),
        full_at=_full_at(room, per_day, limits, written),
        holds_days=holds_days,
        needed_days=needed_days,
        enough=None if holds_days is None else holds_days >= needed_days,
        idle=is_idle,
    )


def _per_day(written: Written) -> float | None:
    """Bytes a day; None while too little has been recorded to tell."""
    if written.oldest_at is None:
        return None
    span = written.until - max(written.since, written.oldest_at)
    return written.size_bytes * (_DAY / span) if span >= SHORTEST else None


def _room(state: VolumeState, limits: Limits) -> int | None:
    """Bytes that recordings may still take."""
    if state.free_bytes is None or state.used_bytes is None:
        return None
    free = state.free_bytes - limits.reserve_bytes
    return max(0, free if limits.quota_bytes is None else min(free, limits.quota_bytes - state.used_bytes))


def _full_at(room: int | None, per_day: float | None, limits: Limits, written: Written) -> datetime | None:
    if room is None or not per_day or written.oldest_at is None:
        return None
    days = room / per_day
    if days > limits.ceiling / _DAY:
        return None
    full_at = written.until + days * _DAY
    return full_at if full_at < written.oldest_at + limits.ceiling else None
