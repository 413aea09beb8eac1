"""Rates counted the slow way: each quarter of an hour is asked one by one. Shares no code with vms_api.rates."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

STEP = 900
"""Seconds. All times of the drawn histories are multiples of it, so that a step is wholly in or out."""

Span = tuple[int, int]


@dataclass
class DrawnCamera:
    """A drawn history; times in seconds from the beginning of the first day. Spans may overlap and repeat."""

    camera_id: str
    moves: list[tuple[int, str]]
    """(since, area), the first one at 0 or later; the camera is in service from then on."""
    off: list[Span] = field(default_factory=list)
    live: list[Span] = field(default_factory=list)
    """When the main stream was; `sub`: the other one."""
    sub: list[Span] = field(default_factory=list)
    frozen: list[Span] = field(default_factory=list)
    faulty: list[Span] = field(default_factory=list)
    """While anything at all was found wrong with the picture; `judged`: while the diagnosis had an opinion."""
    judged: list[Span] = field(default_factory=list)
    excluded: list[Span] = field(default_factory=list)
    recorded: list[Span] = field(default_factory=list)
    removed_at: int | None = None


def lies_in(at: int, spans: Iterable[Span]) -> bool:
    """Whether the step that begins at `at` lies in one of them."""
    return any(start <= at < end for start, end in spans)


def area_at(camera: DrawnCamera, at: int) -> str | None:
    """Where it is expected to work then."""
    if camera.removed_at is not None and at >= camera.removed_at:
        return None
    areas = [area for since, area in camera.moves if since <= at]
    return areas[-1] if areas else None


def is_expected(camera: DrawnCamera, at: int, area_ids: set[str]) -> bool:
    """Whether it was to work in one of the areas then."""
    return area_at(camera, at) in area_ids and not lies_in(at, camera.excluded)


def counted(
    cameras: Sequence[DrawnCamera], known: Sequence[Span], span: Span, area_ids: set[str], rate: str
) -> tuple[int, int, int]:
    """(numerator, known, expected) in seconds."""
    ask = _ASKS[rate]
    numerator = seen = expected = 0
    for camera in cameras:
        for at in range(span[0], span[1], STEP):
            told = ask(camera, at, lies_in(at, known)) if is_expected(camera, at, area_ids) else "not asked"
            if told == "not asked":
                continue
            expected += STEP
            seen += STEP * (told != "unknown")
            numerator += STEP * (told == "yes")
    return numerator, seen, expected


def networked(
    cameras: Sequence[DrawnCamera], known: Sequence[Span], days: Sequence[int], area_ids: set[str]
) -> tuple[int, int, int]:
    """(networked, known, expected) in camera-days; `days` are the edges of the days.

    The area in which the camera was last expected has the day, by what it did from when it came there.
    """
    found = [0, 0, 0]
    for camera in cameras:
        for start, end in pairwise(days):
            steps = [at for at in range(start, end, STEP) if is_expected(camera, at, {"north", "south"})]
            if not steps or area_at(camera, steps[-1]) not in area_ids:
                continue
            elsewhere = [
                at for at in range(start, steps[-1], STEP) if area_at(camera, at) != area_at(camera, steps[-1])
            ]
            steps = [at for at in steps if at > max(elsewhere, default=-1)]
            heard = [at for at in steps if lies_in(at, known)]
            once = any(_is_on(camera, at) for at in heard)
            found[0] += once
            found[1] += once or 100 * len(heard) >= 95 * len(steps)
            found[2] += 1
    return found[0], found[1], found[2]


def _is_on(camera: DrawnCamera, at: int) -> bool:
    return lies_in(at, camera.live + camera.sub) and not lies_in(at, camera.off)


def _online(camera: DrawnCamera, at: int, is_known: bool) -> str:
    return "unknown" if not is_known else "yes" if _is_on(camera, at) else "no"


def _stream_intact(camera: DrawnCamera, at: int, is_known: bool) -> str:
    moves = lies_in(at, camera.live) and not lies_in(at, camera.off) and not lies_in(at, camera.frozen)
    return "unknown" if not is_known else "yes" if moves else "no"


def _picture_intact(camera: DrawnCamera, at: int, is_known: bool) -> str:
    if lies_in(at, camera.off) or (is_known and not _is_on(camera, at)):
        return "not asked"
    if not is_known or not lies_in(at, camera.judged + camera.faulty):
        return "unknown"
    return "no" if lies_in(at, camera.faulty) else "yes"


def _recorded(camera: DrawnCamera, at: int, _is_known: bool) -> str:
    return "yes" if lies_in(at, camera.recorded) else "no"


_ASKS: dict[str, Callable[[DrawnCamera, int, bool], str]] = {
    "online": _online,
    "stream-intact": _stream_intact,
    "picture-intact": _picture_intact,
    "recording-completeness": _recorded,
}
