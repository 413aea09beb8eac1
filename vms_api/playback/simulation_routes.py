"""Rules tried on recordings over the API. Answers hold times and boxes; pictures are to be had as those of a playback.

One simulation runs at a time, behind live analysis, under the camera's masks of today.
"""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import Place
from vms_api.control import ControlPart
from vms_api.playback.simulation import SimulationIn, SimulationOut

router = APIRouter()

Id = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9-]+$")]


@router.post("/cameras/{camera_id}/rules/simulate", status_code=202)
async def simulate_rule(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: SimulationIn, control: ControlPart
) -> SimulationOut:
    """Begins to try a rule on up to an hour of the camera's recording; it need not be stored."""
    place = Place(access.require_camera(Permission.RULE_MANAGE, camera_id), camera_id)
    return await control.playback.simulations.start(place, body, actor)


@router.get("/cameras/{camera_id}/rules/simulations/{simulation_id}")
async def read_simulation(
    access: CurrentAccess, camera_id: Id, simulation_id: Id, control: ControlPart
) -> SimulationOut:
    """How far it has come, and what the rule would have raised until there."""
    access.require_camera(Permission.RULE_MANAGE, camera_id)
    return await control.playback.simulations.state(camera_id, simulation_id)


@router.delete("/cameras/{camera_id}/rules/simulations/{simulation_id}", status_code=204, response_class=Response)
async def cancel_simulation(access: CurrentAccess, camera_id: Id, simulation_id: Id, control: ControlPart) -> Response:
    """Ends it; what it found until there stays to be read."""
    access.require_camera(Permission.RULE_MANAGE, camera_id)
    await control.playback.simulations.cancel(camera_id, simulation_id)
    return Response(status_code=204)
