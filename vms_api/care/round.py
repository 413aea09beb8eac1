"""When which device is looked at next. Pure: the one that waited longest first, few at a time, none in step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from vms_api.care.device import DeviceState

FIRST_S = 10.0
"""A device that is new here, or has a new login, is looked at within so many seconds."""
UNREACHABLE_S = 600.0
"""One that did not answer is asked again after this, if not sooner for its turn."""


@dataclass(frozen=True, slots=True)
class Turn:
    """When a device is to be looked at."""

    camera_id: str
    due_at: datetime


def due_at(
    camera_id: str, state: DeviceState | None, login_mark: str, began_at: datetime, every_s: float
) -> datetime | None:
    """When the device is due: None for one that refused this login, which is not tried again.

    `began_at` is when this process came to know it: nothing is due before, so a start is no storm. Turns are up to a
    quarter shorter than `every_s`, each by its own part, so devices that were once looked at together drift apart.
    """
    spread = _share(camera_id)
    soon = began_at + timedelta(seconds=1 + (FIRST_S - 1) * spread)
    if state is None or state.login_mark != login_mark:
        return soon
    if state.state == "refused":
        return None
    wait_s = every_s if state.state == "reachable" else min(every_s, UNREACHABLE_S)
    turn = state.checked_at + timedelta(seconds=wait_s * (0.75 + 0.25 * _share(camera_id, state.checked_at)))
    return max(turn, soon)


def next_turns(due: Mapping[str, datetime | None], now: datetime, free: int) -> list[Turn]:
    """Whose turn it is: at most `free`, the longest overdue first."""
    turns = sorted((Turn(id_, at) for id_, at in due.items() if at and at <= now), key=lambda turn: turn.due_at)
    return turns[: max(0, free)]


def _share(camera_id: str, at: datetime | None = None) -> float:
    """A number from 0 to 1 that looks like chance and is the same for the same camera and look."""
    digest = sha256(f"{camera_id} {at}".encode()).digest()
    return int.from_bytes(digest[:4]) / (1 << 32)
