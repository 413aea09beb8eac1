"""A look into the analysis of one camera, for those who maintain it.

What the gate saw, what was looked at, what is followed, and what it cost. Nothing is kept of a camera that nobody looks
into.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock

from analytics.detection import Outcome
from analytics.geometry import Box
from analytics.lane_stats import Stage
from analytics.substance import Mask
from analytics.track import Track
from ingest.camera import CameraId
from ingest.clock import Clock
from ingest.frame import Frame

LONGEST_S = 600.0
"""So long one look lasts; who wants to see more opens another, which is recorded anew."""
UNASKED_S = 15.0
"""A look that nobody asks for so long is over."""
_KEPT = 4
MOST_LOOKS = 8


class UnknownInspection(LookupError):
    """No such look, or it is over."""


class TooManyInspections(Exception):
    """As many looks as a node takes are open."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """One frame of the camera and what became of it.

    `moving` is the gate's mask (rows, columns), None where the picture was a new background; `patches` are what it made
    of it; `crops` were looked at closely. `cpu_s` is of this frame alone, by stage; `age_s` is how long ago its packet
    had come when all was done.
    """

    frame: Frame
    outcome: Outcome
    moving: Mask | None
    patches: tuple[Box, ...]
    crops: tuple[Box, ...]
    tracks: tuple[Track, ...]
    cpu_s: Mapping[Stage, float]
    number: int = 0
    age_s: float = 0.0


@dataclass(slots=True)
class _Look:
    camera_id: CameraId
    ends_s: float
    asked_s: float
    kept: OrderedDict[int, Inspection] = field(default_factory=OrderedDict)

    def is_over(self, now_s: float) -> bool:
        return now_s >= self.ends_s or now_s - self.asked_s >= UNASKED_S


class Inspections:
    """The looks of one node. The inference thread notes, any thread asks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._looks: dict[str, _Look] = {}
        self._cameras: frozenset[CameraId] = frozenset()  # replaced whole, read without the lock
        self._number = 0

    def open(self, camera_id: CameraId, look_id: str) -> None:
        """A look into the camera; it ends by itself.

        Raises:
            TooManyInspections: end another one first.

        """
        now_s = self._clock.monotonic_s()
        with self._lock:
            self._drop_ended(now_s)
            if len(self._looks) >= MOST_LOOKS:
                raise TooManyInspections(f"{MOST_LOOKS} looks are open")
            self._looks[look_id] = _Look(camera_id, now_s + LONGEST_S, now_s)
            self._follow()

    def close(self, look_id: str) -> None:
        """Ends it; one that is over already stays so."""
        with self._lock:
            self._looks.pop(look_id, None)
            self._follow()

    def wants(self, camera_id: CameraId) -> bool:
        """Whether somebody looks into the camera. Costs one look-up."""
        return camera_id in self._cameras

    def note(self, told: Inspection) -> None:
        """What became of a frame; for every look into its camera, which gets it with a number and its age."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            self._drop_ended(now_s)
            self._number += 1
            told = replace(told, number=self._number, age_s=now_s - told.frame.received_monotonic_s)
            for look in self._looks.values():
                if look.camera_id == told.frame.camera_id:
                    look.kept[told.number] = told
                    while len(look.kept) > _KEPT:
                        look.kept.popitem(last=False)

    def latest(self, camera_id: CameraId, look_id: str) -> Inspection | None:
        """The last frame that came since the look began; None before the first. Keeps the look open.

        Raises:
            UnknownInspection: no such look into that camera.

        """
        with self._lock:
            look = self._asked(camera_id, look_id)
            return look.kept[next(reversed(look.kept))] if look.kept else None

    def numbered(self, camera_id: CameraId, look_id: str, number: int) -> Inspection:
        """One of the last frames, by its number.

        Raises:
            UnknownInspection: no such look into that camera, or the frame is no longer kept.

        """
        with self._lock:
            found = self._asked(camera_id, look_id).kept.get(number)
        if found is None:
            raise UnknownInspection(look_id)
        return found

    def _asked(self, camera_id: CameraId, look_id: str) -> _Look:
        now_s = self._clock.monotonic_s()
        self._drop_ended(now_s)
        look = self._looks.get(look_id)
        if look is None or look.camera_id != camera_id:
            raise UnknownInspection(look_id)
        look.asked_s = now_s
        return look

    def _drop_ended(self, now_s: float) -> None:
        ended = [look_id for look_id, look in self._looks.items() if look.is_over(now_s)]
        for look_id in ended:
            del self._looks[look_id]
        if ended:
            self._follow()

    def _follow(self) -> None:
        self._cameras = frozenset(look.camera_id for look in self._looks.values())
