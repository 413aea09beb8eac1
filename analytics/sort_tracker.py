"""A tracker for few frames a second: constant velocity, one optimal assignment, distance instead of overlap.

At five frames a second a walker moves further than the width of the own box, so overlap (IoU) finds nothing to match.
The distance here is that of the feet, measured in sizes of the object, plus the change of size; Frigate's tracker uses
the same idea. Overlap has a say where there is some. Weak detections may continue a track but never begin one
(ByteTrack's idea, arXiv 2110.06864).

What stood still and is not seen any more (a parked car that the model names in every other frame, or behind a bus) is
HIDDEN for as long as it had stood there: a detection at that very place is the same object and no new one.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from analytics.detection import MOTION, Detections, family_of
from analytics.target import SETTLE_S, Sighting, Target
from analytics.track import Track

LOST_S = 2.0
"""A confirmed track ends after this many seconds of analysed frames that do not show it."""
SOON_LOST_S = 0.7
"""The same for one that is not confirmed, and for one that should be out of the picture by now."""
MOST_HIDDEN_S = 1800.0
MOST_HIDDEN = 64
"""More places than this are not kept; the oldest absence goes first."""

_REACH = 1.8
_WEAK_REACH = 0.8
_HIDDEN_REACH = 0.5
_USUAL_STEP_S = 0.4
_MOST_PATIENCE = 1.7
_SIZE_WEIGHT = 0.5
_OVERLAP_WEIGHT = 0.3
_OTHER_CLASS_COST = 0.2
_FORBIDDEN = 1e6
_SMALLEST = 1e-4

Floats = NDArray[np.float64]


class SortTracker:
    """Implements `Tracker`. Track ids are never used twice, also across epochs."""

    def __init__(self, min_score: float) -> None:
        self._min_score = min_score
        self._targets: list[Target] = []
        self._next_id = 1

    def update(self, detections: Detections, now_s: float) -> Sequence[Track]:
        """Strong detections are matched first, weak ones may keep what is left, strong leftovers begin tracks."""
        sightings = _sightings(detections)
        strong = [sighting for sighting in sightings if sighting.score >= self._min_score]
        weak = [sighting for sighting in sightings if sighting.score < self._min_score]
        hidden = [target for target in self._targets if target.hidden]
        unseen, fresh = self._match([one for one in self._targets if not one.hidden], strong, now_s, _REACH)
        unseen, doubtful = self._match(unseen, weak, now_s, _WEAK_REACH)
        hidden, fresh = self._match(hidden, fresh, now_s, _HIDDEN_REACH)
        hidden, _ = self._match(hidden, doubtful, now_s, _HIDDEN_REACH)
        for target in unseen:
            target.miss(now_s)
        ended = set(_part(unseen, hidden, now_s))
        self._targets = [target for target in self._targets if target not in ended]
        self._targets.extend(self._begin(sighting, now_s) for sighting in fresh)
        return [
            *(target.track(now_s) for target in self._targets),
            *(target.track(now_s, ended=True) for target in ended),
        ]

    def predict(self, now_s: float) -> Sequence[Track]:
        """The same tracks, moved on."""
        return [target.track(now_s) for target in self._targets]

    def reset(self) -> None:
        """Forgets all tracks; their ids stay used."""
        self._targets.clear()

    def _begin(self, sighting: Sighting, now_s: float) -> Target:
        target = Target(self._next_id, sighting, now_s)
        self._next_id += 1
        return target

    @staticmethod
    def _match(
        targets: Sequence[Target], sightings: Sequence[Sighting], now_s: float, reach: float
    ) -> tuple[list[Target], list[Sighting]]:
        """Tells the matched targets what was seen; returns the targets and the sightings without a partner."""
        if not targets or not sightings:
            return list(targets), list(sightings)
        costs = _costs(targets, sightings, now_s)
        limits = np.array([reach * _patience(target, now_s) for target in targets])
        costs[costs > limits[:, None]] = _FORBIDDEN
        rows, columns = (indexes.tolist() for indexes in linear_sum_assignment(costs))
        pairs = [(row, column) for row, column in zip(rows, columns, strict=True) if costs[row, column] < _FORBIDDEN]
        for row, column in pairs:
            targets[row].see(sightings[column], now_s)
        seen, used = {row for row, _ in pairs}, {column for _, column in pairs}
        return (
            [target for row, target in enumerate(targets) if row not in seen],
            [sighting for column, sighting in enumerate(sightings) if column not in used],
        )


def _sightings(detections: Detections) -> list[Sighting]:
    """What was detected, less what is no box: a broken model tells NaN, infinity or right before left."""
    boxes = np.asarray(detections.boxes, np.float64).reshape(-1, 4)
    scores = np.asarray(detections.scores, np.float64).reshape(-1, 1)
    left, top, right, bottom = np.clip(boxes, -1.0, 2.0).T  # NaN stays NaN
    columns = ((left + right) / 2, bottom, np.maximum(right - left, _SMALLEST), np.maximum(bottom - top, _SMALLEST))
    rows = np.column_stack((*columns, scores))
    sound = np.isfinite(np.column_stack((boxes, scores))).all(axis=1) & (right >= left) & (bottom >= top)
    return [
        Sighting(x, y, width, height, score, label)
        for (x, y, width, height, score), label, is_sound in zip(
            rows.tolist(), detections.labels, sound.tolist(), strict=True
        )
        if is_sound
    ]


def _costs(targets: Sequence[Target], sightings: Sequence[Sighting], now_s: float) -> Floats:
    """(targets, sightings): distance of the feet in mean object sizes, plus the logarithm of the change of size.

    Overlap (IoU) lowers it: of two that are equally near, the one that covers the place is the one that was there.
    """
    expected = np.array([(*target.foot_at(now_s), target.width, target.height) for target in targets])
    seen = np.array([(one.x, one.y, one.width, one.height) for one in sightings])
    shift = expected[:, None, :2] - seen[None, :, :2]
    ratio = np.log(expected[:, None, 2:] / seen[None, :, 2:])
    size = np.sqrt(expected[:, None, 2:] * seen[None, :, 2:])
    costs: Floats = np.hypot(*np.moveaxis(shift / size, 2, 0)) + _SIZE_WEIGHT * np.abs(ratio).sum(axis=2)
    costs -= _OVERLAP_WEIGHT * _overlaps(expected, seen)
    return costs + _class_costs([target.label for target in targets], [one.label for one in sightings])


def _overlaps(one: Floats, other: Floats) -> Floats:
    """Intersection over union of (n, 4) and (m, 4) rows of foot x, foot y, width and height: (n, m)."""
    ones, others = one[:, None, :], other[None, :, :]
    half_one, half_other = ones[..., 2] / 2, others[..., 2] / 2
    across = np.minimum(ones[..., 0] + half_one, others[..., 0] + half_other)
    across -= np.maximum(ones[..., 0] - half_one, others[..., 0] - half_other)
    down = np.minimum(ones[..., 1], others[..., 1])
    down -= np.maximum(ones[..., 1] - ones[..., 3], others[..., 1] - others[..., 3])
    both: Floats = np.maximum(across, 0.0) * np.maximum(down, 0.0)
    total: Floats = ones[..., 2] * ones[..., 3] + others[..., 2] * others[..., 3] - both
    return both / total


def _class_costs(followed: Sequence[str], seen: Sequence[str]) -> Floats:
    rows, columns = sorted(set(followed)), sorted(set(seen))
    table = np.array([[_class_cost(one, other) for other in columns] for one in rows])
    chosen = np.ix_([rows.index(label) for label in followed], [columns.index(label) for label in seen])
    costs: Floats = table[chosen]
    return costs


def _class_cost(followed: str, seen: str) -> float:
    if followed == seen:
        return 0.0
    # What moved without a name may turn out to be anything; a named object never becomes nameless motion again.
    return _OTHER_CLASS_COST if followed == MOTION or family_of(followed) == family_of(seen) else _FORBIDDEN


def _patience(target: Target, now_s: float) -> float:
    """How much farther than usual an object may have gone since it was seen: with the root of the time, to a limit."""
    if target.hidden:
        return 1.0
    steps = max((now_s - target.last_seen_s) / _USUAL_STEP_S, 1.0)
    return min(math.sqrt(steps), _MOST_PATIENCE)


def _part(unseen: Sequence[Target], hidden: Sequence[Target], now_s: float) -> Sequence[Target]:
    """Those that end now. Of the others that nobody has seen for long, the settled ones are hidden."""
    gone = [target for target in unseen if _is_gone(target, now_s)]
    for target in gone:
        target.hidden = target.settled_s >= SETTLE_S
    waiting = [*(target for target in gone if target.hidden), *hidden]
    waiting.sort(key=lambda target: target.missed_s(now_s))
    ended = [target for target in gone if not target.hidden]
    return ended + [
        target
        for place, target in enumerate(waiting)
        if place >= MOST_HIDDEN or target.missed_s(now_s) > min(target.settled_s, MOST_HIDDEN_S)
    ]


def _is_gone(target: Target, now_s: float) -> bool:
    is_awaited = target.confirmed and not target.is_out(now_s)
    return target.missed_s(now_s) >= (LOST_S if is_awaited else SOON_LOST_S)
