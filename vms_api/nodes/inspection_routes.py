"""A look into a camera's analysis over the API: what the gate saw, what was looked at, what is followed, what it cost.

For maintainers. Opening one is a look at the camera and recorded as such; it ends by itself after ten minutes, or when
nobody has asked for a quarter of a minute, and costs nothing before and after. Pictures are covered by the masks in
force.
"""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from ingest.identifier import new_identifier
from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import AuditEntry, AuditKind, Place
from vms_api.control import ControlPart
from vms_api.problems import JPEG_RESPONSES
from vms_api.purposes.settings import Occasion

router = APIRouter()

Id = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9-]+$")]
Edges = tuple[float, float, float, float]
"""Left, top, right, bottom in 0 to 1."""


class InspectedTrack(BaseModel):
    """Something that is followed, or was a moment ago."""

    id: int
    label: str
    score: float
    state: str
    box: Edges


class InspectedFrame(BaseModel):
    """One frame and what became of it.

    `patches` moved, `crops` were looked at closely; `cpu_ms` is processor time of this frame by stage, `age_ms` how
    long ago its packet had come when all was done.
    """

    number: int
    received_at: datetime
    width: int
    height: int
    outcome: Literal["analysed", "gated", "skipped", "failed"]
    moving_share: float
    is_new_background: bool
    patches: list[Edges]
    crops: list[Edges]
    tracks: list[InspectedTrack]
    cpu_ms: dict[str, float]
    age_ms: int


class Inspected(BaseModel):
    """The latest frame since the look began; null before the first."""

    frame: InspectedFrame | None


class OpenInspection(BaseModel):
    """A look that has begun."""

    id: str


@router.post("/cameras/{camera_id}/inspections", status_code=201)
async def open_inspection(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, control: ControlPart
) -> OpenInspection:
    """Begins a look; 409 `inspections-full` while eight others are open."""
    place = Place(access.require_camera(Permission.ANALYSIS_INSPECT, camera_id), camera_id)
    purpose = await control.purposes.go_by(Occasion.OTHER_AREA, actor, place)
    look = new_identifier()
    await control.node_client.call("PUT", _at(camera_id, look))
    await control.audit.record_alone(AuditEntry(AuditKind.INSPECTION, actor, place, purpose=purpose))
    return OpenInspection(id=look)


@router.get("/cameras/{camera_id}/inspections/{inspection_id}")
async def read_inspection(access: CurrentAccess, camera_id: Id, inspection_id: Id, control: ControlPart) -> Inspected:
    """The latest frame of a look; 404 `inspection-over` when it has ended."""
    access.require_camera(Permission.ANALYSIS_INSPECT, camera_id)
    answer = await control.node_client.call("GET", _at(camera_id, inspection_id))
    return Inspected.model_validate_json(answer.content)


@router.get(
    "/cameras/{camera_id}/inspections/{inspection_id}/{number}.jpg",
    response_class=Response,
    responses=JPEG_RESPONSES,
)
async def read_inspected_picture(
    access: CurrentAccess, camera_id: Id, inspection_id: Id, number: int, control: ControlPart, *, gate: bool = True
) -> Response:
    """The picture of one of the last frames, with the gate's mask drawn in."""
    access.require_camera(Permission.ANALYSIS_INSPECT, camera_id)
    path = f"{_at(camera_id, inspection_id)}/{number}.jpg"
    answer = await control.node_client.call("GET", path, params={"gate": str(gate).lower()})
    return Response(answer.content, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.delete("/cameras/{camera_id}/inspections/{inspection_id}", status_code=204, response_class=Response)
async def close_inspection(access: CurrentAccess, camera_id: Id, inspection_id: Id, control: ControlPart) -> Response:
    """Ends a look."""
    access.require_camera(Permission.ANALYSIS_INSPECT, camera_id)
    await control.node_client.call("DELETE", _at(camera_id, inspection_id))
    return Response(status_code=204)


def _at(camera_id: str, look: str) -> str:
    return f"/internal/v1/inspections/{camera_id}/{look}"
