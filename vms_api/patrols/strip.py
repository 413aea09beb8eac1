"""The strip of pictures of the hours since a stop was last looked at: which instants, and for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vms_api.playback.past_pictures import Viewing

MOST_PICTURES = 24
LONGEST = timedelta(hours=24)
"""How far back a strip goes, however long ago the last visit was."""
HELD_S = 900.0
"""For how long the pictures of a strip can be fetched: as long as somebody may stay at a stop."""
_MOST_STRIPS = 500


def spread(times: Sequence[datetime], most: int = MOST_PICTURES) -> Sequence[datetime]:
    """At most so many of these times, the first and the last among them, evenly between. Pure."""
    if len(times) <= most:
        return tuple(times)
    steps = most - 1
    return tuple(times[round(step * (len(times) - 1) / steps)] for step in range(most))


@dataclass(frozen=True, slots=True)
class Strip:
    """The pictures of one camera that one person looks at during one stop."""

    id: str
    stop: tuple[str, str]
    viewing: Viewing
    times: Sequence[datetime]
    ends_s: float


class StripBoard:
    """The strips that somebody looks at now. They are forgotten with the process: the page asks for them again."""

    def __init__(self) -> None:
        self._strips: dict[str, Strip] = {}

    def keep(self, strip: Strip, now_s: float) -> None:
        """Holds a strip; of too many the oldest go first."""
        held = {id_: other for id_, other in self._strips.items() if other.ends_s > now_s}
        surplus = list(held)[: max(0, len(held) + 1 - _MOST_STRIPS)]
        self._strips = {id_: other for id_, other in held.items() if id_ not in surplus} | {strip.id: strip}

    def find(self, strip_id: str, user_id: str, now_s: float) -> Strip | None:
        """A strip of the person."""
        return self._own(self._strips.get(strip_id), user_id, now_s)

    def of_stop(self, stop: tuple[str, str], user_id: str, now_s: float) -> Strip | None:
        """The strip that the person looks at already during the stop of a round."""
        strips: Mapping[str, Strip] = self._strips
        found = (self._own(strip, user_id, now_s) for strip in strips.values() if strip.stop == stop)
        return next((strip for strip in found if strip is not None), None)

    def _own(self, strip: Strip | None, user_id: str, now_s: float) -> Strip | None:
        is_own = strip is not None and strip.viewing.caller.user.id == user_id and strip.ends_s > now_s
        return strip if is_own else None
