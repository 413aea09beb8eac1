"""How far two detectors agree on the same pictures: whether one may stand in for the other."""

from collections.abc import Iterable
from dataclasses import dataclass

from analytics.detection import Detections
from analytics.geometry import Box, area_of, overlap_area

SAME_PLACE = 0.7
"""Overlap by union from which two boxes are the same place."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What was compared so far.

    `objects` are the boxes of which the first detector is sure, `kept` those of them that the second tells too;
    `told` and `confirmed` are the same the other way round.
    """

    pictures: int = 0
    objects: int = 0
    kept: int = 0
    told: int = 0
    confirmed: int = 0

    def __add__(self, other: "Agreement") -> "Agreement":
        return Agreement(
            self.pictures + other.pictures,
            self.objects + other.objects,
            self.kept + other.kept,
            self.told + other.told,
            self.confirmed + other.confirmed,
        )

    @property
    def kept_share(self) -> float:
        """Of what the first is sure of; 0 when it is sure of nothing."""
        return self.kept / self.objects if self.objects else 0.0

    @property
    def confirmed_share(self) -> float:
        """Of what the second is sure of; 0 when it is sure of nothing."""
        return self.confirmed / self.told if self.told else 0.0


def agreement(first: Detections, second: Detections, sure: float, told: float) -> Agreement:
    """Of one picture. Who is sure scores at least `sure`; the other must score at least `told` to say the same.

    The same is a box of the same class with an overlap of SAME_PLACE; each box answers for one other.
    """
    return Agreement(1, *_found_again(first, second, sure, told), *_found_again(second, first, sure, told))


def together(parts: Iterable[Agreement]) -> Agreement:
    """Of many pictures."""
    return sum(parts, Agreement())


def _found_again(here: Detections, there: Detections, sure: float, told: float) -> tuple[int, int]:
    """How many boxes of `here` are sure, and how many of those are told `there`."""
    wanted = [row for row, score in enumerate(here.scores) if score >= sure]
    free = {row for row, score in enumerate(there.scores) if score >= told}
    pairs = sorted(
        ((_overlap(here, row, there, other), row, other) for row in wanted for other in free), key=lambda pair: -pair[0]
    )
    found: set[int] = set()
    for overlap, row, other in pairs:
        if overlap >= SAME_PLACE and row not in found and other in free:
            found.add(row)
            free.remove(other)
    return len(wanted), len(found)


def _overlap(here: Detections, row: int, there: Detections, other: int) -> float:
    """Intersection by union of two boxes; 0 for other classes."""
    if here.labels[row] != there.labels[other]:
        return 0.0
    one, another = Box(*here.boxes[row].tolist()), Box(*there.boxes[other].tolist())
    common = overlap_area(one, another)
    union = area_of(one) + area_of(another) - common
    return common / union if union > 0 else 0.0
