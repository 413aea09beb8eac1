"""Rates counted the slow way: each quarter of an hour is asked one by one. Shares no code with vms_api.rates."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

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


def counted(
    cameras: Sequence[DrawnCamera], known: Sequence[Span], span: Span, area_ids: set[str], rate: str
) -> tuple[int, int, int]:
    """(numerator, known, expected) in seconds."""
    ask = _ASKS[rate]
    numerator = seen = expected = 0
    for camera in cameras:
        for at in range(span[0], span[1], STEP):
            if area_at(camera, at) not in area_ids or lies_in(at, camera.excluded):
                continue
            told = ask(camera, at, known)
            expected += STEP
            seen += STEP * (told is not None)
            numerator += STEP * (told is True)
    return numerator, seen, expected


def _online(camera: DrawnCamera, at: int, known: Sequence[Span]) -> bool | None:
    if not lies_in(at, known):
        return None
    return lies_in(at, camera.live) and not lies_in(at, camera.off)


def _recorded(camera: DrawnCamera, at: int, known: Sequence[Span]) -> bool | None:
    return lies_in(at, camera.recorded)


_ASKS: dict[str, Callable[[DrawnCamera, int, Sequence[Span]], bool | None]] = {
    "online": _online,
    "recording-completeness": _recorded,
}
