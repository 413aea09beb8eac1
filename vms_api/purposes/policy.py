"""When a purpose is needed, and which one covers a look. Pure."""

from collections.abc import Iterable, Sequence

from vms_api.audit.entry import Place
from vms_api.purposes.purpose import Purpose
from vms_api.purposes.settings import Occasion, PurposeSettings


def is_own(distance: int | None, settings: PurposeSettings) -> bool:
    """Whether an area is a person's own: `distance` levels below the nearest area granted, None where none is."""
    return distance is not None and distance <= settings.own_levels


def is_asked(occasion: Occasion, distance: int | None, settings: PurposeSettings) -> bool:
    """Whether a look needs a purpose. Live views and stills do so only outside a person's own areas."""
    if occasion not in settings.asked_for:
        return False
    return occasion is not Occasion.OTHER_AREA or not is_own(distance, settings)


def covering(stated: Iterable[Purpose], place: Place, lineage: Sequence[str]) -> Purpose | None:
    """The first purpose that covers the place; `lineage` are the ids of its area and all areas above."""
    return next((purpose for purpose in stated if _covers(purpose, place, lineage)), None)


def _covers(purpose: Purpose, place: Place, lineage: Sequence[str]) -> bool:
    return place.camera_id in purpose.camera_ids or (purpose.area_id is not None and purpose.area_id in lineage)
