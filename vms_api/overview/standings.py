"""How every camera stands now."""

from collections.abc import Collection, Mapping

from vms_api.cameras.health import CameraHealth
from vms_api.control import Control
from vms_api.overview import store
from vms_api.overview.camera_standing import CameraStanding, standing_of


async def standings(control: Control, area_ids: Collection[str]) -> Mapping[str, CameraStanding]:
    """The standing of the cameras of these areas, by their ids."""
    healths = await control.camera_healths(area_ids)
    async with control.database.read() as connection:
        return standings_of(healths, await store.cameras_at_fault(connection))


def standings_of(healths: Mapping[str, CameraHealth], at_fault: Collection[str]) -> Mapping[str, CameraStanding]:
    """The standing of each camera, by its id."""
    return {id_: standing_of(health, is_at_fault=id_ in at_fault) for id_, health in healths.items()}
