"""What devices notice of themselves and their place, and which of it is kept. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pydantic import BaseModel

from ingest.onvif.messages import DeviceEvent
from ingest.onvif.topics import Topic

NoticeKind = Literal["motion", "tamper", "digital-input", "signal-loss"]

MAX_OFF = timedelta(minutes=5)
"""A device's own time that is further off, although its clock is known, is not believed."""

_KINDS: dict[Topic, NoticeKind] = {
    Topic.MOTION: "motion",
    Topic.TAMPER: "tamper",
    Topic.DIGITAL_INPUT: "digital-input",
    Topic.SIGNAL_LOSS: "signal-loss",
}


class Notice(BaseModel):
    """Something a device noticed. `active` is null where the device told no state; `source` is its own word."""

    id: str
    at: datetime
    kind: NoticeKind
    active: bool | None
    source: str


@dataclass(frozen=True, slots=True)
class Noticed:
    """The same, before it is kept."""

    at: datetime
    kind: NoticeKind
    active: bool | None
    source: str


class NoticeFilter:
    """One device's states: only changes are notices, and of a storm only where it began and where it ended."""

    def __init__(self) -> None:
        self._states: dict[tuple[NoticeKind, str], bool | None] = {}

    def changes(self, events: Sequence[DeviceEvent], now: datetime) -> list[Noticed]:
        """Of the events of one pull, for each kind and source the first and the last change.

        What a device tells of itself at the beginning is no change, but known from then on.
        """
        changed: dict[tuple[NoticeKind, str], list[Noticed]] = {}
        for event in events:
            kind = _KINDS.get(event.topic)
            if kind is None:
                continue
            key = kind, event.source
            is_news = event.state is None or self._states.get(key) != event.state
            if is_news and not event.is_initial and not (event.state is False and key not in self._states):
                changed.setdefault(key, []).append(Noticed(_believed(event.at, now), kind, event.state, event.source))
            self._states[key] = event.state
        return [each for found in changed.values() for each in (found if len(found) == 1 else [found[0], found[-1]])]


def _believed(at: datetime | None, now: datetime) -> datetime:
    return at if at is not None and abs(at - now) <= MAX_OFF else now
