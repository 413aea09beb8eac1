"""A clip, or sound, repeated for ever, as one timeline that never jumps."""

from bisect import bisect_left
from operator import attrgetter

from ingest.virtual_camera.clip import CLOCK_RATE, AccessUnit, Clip
from ingest.virtual_camera.sound import Sound


class LoopTimeline:
    """Numbers the access units of an endless loop: unit 0 is the clip's first, `len(clip.units)` is the first again."""

    def __init__(self, clip: Clip | Sound) -> None:
        self._clip = clip

    def unit(self, number: int) -> AccessUnit:
        """That access unit with `pts` and `due` counted from the start of the timeline."""
        loop, index = divmod(number, len(self._clip.units))
        unit = self._clip.units[index]
        offset = loop * self._clip.duration
        return AccessUnit(unit.nal_units, unit.pts + offset, unit.due + offset, unit.is_keyframe)

    def due_s(self, number: int) -> float:
        """Seconds from the start of the timeline at which the unit leaves the camera."""
        loop, index = divmod(number, len(self._clip.units))
        return (loop * self._clip.duration + self._clip.units[index].due) / CLOCK_RATE

    def number_at(self, elapsed_s: float) -> int:
        """The first unit that is not due before that time."""
        loop, ticks = divmod(round(elapsed_s * CLOCK_RATE), self._clip.duration)
        return loop * len(self._clip.units) + bisect_left(self._clip.units, ticks, key=attrgetter("due"))
