"""The centres above an area, the nearest first. Pure."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from vms_api.areas.area import Area, AreaTree
from vms_api.dispatch.plan import Rung


class Manning(Protocol):
    """Who knows whether somebody is on duty."""

    def manned(self, centre_id: str, at: datetime) -> tuple[bool, datetime | None]:
        """Whether somebody is, or nobody has said who should be; and until when, None if not soon over."""


def centres(tree: AreaTree, area_id: str) -> Sequence[Area]:
    """The areas that answer for alerts of an area: it and those above it that have a centre, the nearest first.

    The area above all is always the last one, under its own name if it has no centre: nothing is without a centre.
    """
    area = tree.find(area_id) or tree.root
    above = [found for found in map(tree.find, reversed(area.lineage)) if found is not None]
    return [found for found in above if found.centre is not None or found.parent_id is None]


def centre_name(area: Area) -> str:
    """What the centre of an area is called."""
    return area.centre.name if area.centre else area.name


def ladder_from(
    tree: AreaTree, area_id: str, first_id: str | None, manned: Callable[[str], tuple[bool, datetime | None]]
) -> Sequence[Rung]:
    """The rungs from the centre `first_id` on, or from the nearest one if that is no centre of the area (any more)."""
    found = centres(tree, area_id)
    ids = [area.id for area in found]
    start = ids.index(first_id) if first_id in ids else _nearest_to(tree, ids, first_id)
    return [Rung(area.id, centre_name(area), *manned(area.id)) for area in found[start:]]


def _nearest_to(tree: AreaTree, ids: Sequence[str], gone_id: str | None) -> int:
    """Where to go on when the centre was given up: at the next one above it, else at the first."""
    gone = tree.find(gone_id) if gone_id else None
    above = [index for index, id_ in enumerate(ids) if gone is not None and id_ in gone.lineage]
    return above[0] if above else 0
