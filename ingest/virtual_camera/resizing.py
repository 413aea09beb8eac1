"""A camera that changes its picture size while it plays, as one does whose settings somebody edits."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter

from ingest.virtual_camera.clip import AccessUnit, Clip
from ingest.virtual_camera.faults import Faultless


class Resizing(Faultless):
    """In every second `period_s` another clip is sent in the place of the camera's own.

    Both clips must have the same rate, length and key frames; the change comes with a key frame and its parameter sets.
    """

    def __init__(self, other: Clip, period_s: float) -> None:
        self._other = other
        self._period_s = period_s
        self._is_other = False

    def on_access_unit(self, unit: AccessUnit, at_s: float) -> Sequence[AccessUnit]:
        """The unit, or the one of the other clip that is shown at the same moment."""
        if unit.is_keyframe:
            self._is_other = int(at_s // self._period_s) % 2 == 1
        if not self._is_other:
            return (unit,)
        units = self._other.units
        index = bisect_left(units, unit.pts % self._other.duration, key=attrgetter("pts"))
        return (replace(units[min(index, len(units) - 1)], pts=unit.pts, due=unit.due),)
