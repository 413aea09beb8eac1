"""What the pictures of the cameras are worth, over the API."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from analytics.quality.category import Category
from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.audit.entry import AuditEntry, AuditKind, Place
from vms_api.control import ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor
from vms_api.diagnosis.store import QualityQuery
from vms_api.diagnosis.verdict import (
    CameraQuality,
    QualityCheck,
    QualityState,
    ReferenceIn,
    ReferencePicture,
    WrongIn,
)
from vms_api.errors import NotFound
from vms_api.nothing_in import NothingIn
from vms_api.problems import JPEG_RESPONSES

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
OneId = Annotated[str | None, Field(max_length=64)]


class QualityFilter(BaseModel):
    """Which cameras are asked for: of an area with those below it, in a state, abnormal in a category."""

    area_id: OneId = None
    state: QualityState | None = None
    category: Category | None = None
    cursor: Cursor = None
    limit: Limit = 50


class QualityCounts(BaseModel):
    """How many enabled cameras the caller sees in each state, and how many are abnormal in each category."""

    states: dict[QualityState, int]
    categories: dict[Category, int]


@router.get("/quality")
async def list_quality(
    access: CurrentAccess, asked: Annotated[QualityFilter, Query()], control: ControlPart
) -> Page[QualityCheck]:
    """Cameras by their ids, each with its last look."""
    query = QualityQuery(
        area_ids=access.area_ids_below(Permission.CAMERA_VIEW, asked.area_id),
        state=asked.state,
        category=asked.category,
        after=decode_cursor(asked.cursor, 1)[0] if asked.cursor else None,
        limit=asked.limit + 1,
    )
    found = await control.diagnosis.desk.listed(query)
    more = encode_cursor(found[asked.limit - 1].camera_id) if len(found) > asked.limit else None
    return Page(items=list(found[: asked.limit]), next_cursor=more)


@router.get("/quality-counts")
async def count_quality(
    access: CurrentAccess, control: ControlPart, area_id: Annotated[str | None, Query(max_length=64)] = None
) -> QualityCounts:
    """How the cameras of an area and those below it stand; of all areas when none is named."""
    areas = access.area_ids_below(Permission.CAMERA_VIEW, area_id)
    states, categories = await control.diagnosis.desk.counted(areas)
    return QualityCounts(states=dict(states), categories=dict(categories))


@router.get("/cameras/{camera_id}/quality")
async def read_quality(access: CurrentAccess, camera_id: Id, control: ControlPart) -> CameraQuality:
    """One camera with its findings, its latest changes and its reference picture."""
    access.require_camera(Permission.CAMERA_VIEW, camera_id)
    return await control.diagnosis.desk.read(camera_id)


@router.post("/cameras/{camera_id}/quality/check", status_code=202)
async def check_quality(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, _body: NothingIn, control: ControlPart
) -> None:
    """Has the camera's pictures looked at now; what is found comes some seconds later."""
    access.require_camera(Permission.CAMERA_MANAGE, camera_id)
    await control.diagnosis.desk.check(camera_id, actor)


@router.get("/cameras/{camera_id}/quality/reference")
async def read_reference(access: CurrentAccess, camera_id: Id, control: ControlPart) -> ReferencePicture:
    """The picture that shows how the camera should point; proposed until a person confirms it."""
    access.require_camera(Permission.CAMERA_VIEW, camera_id)
    reference = (await control.diagnosis.desk.read(camera_id)).reference
    if reference is None:
        raise NotFound("no reference picture")
    return reference


@router.put("/cameras/{camera_id}/quality/reference")
async def take_reference(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: ReferenceIn, control: ControlPart
) -> ReferencePicture:
    """Says that this picture shows how the camera should point."""
    access.require_camera(Permission.CAMERA_MANAGE, camera_id)
    return await control.diagnosis.desk.take_reference(camera_id, body.picture_id, actor)


@router.post("/cameras/{camera_id}/quality/{category}/wrong", status_code=204)
async def object_to_verdict(
    access: CurrentAccess,
    actor: CurrentActor,
    camera_id: Id,
    category: Category,
    body: WrongIn,
    control: ControlPart,
) -> None:
    """Says that a verdict is wrong: it ends, and the like of it is taken as usual for this camera."""
    access.require_camera(Permission.CAMERA_MANAGE, camera_id)
    await control.diagnosis.desk.object_to(camera_id, category, body.note, actor)


@router.get("/quality-pictures/{picture_id}", response_class=Response, responses=JPEG_RESPONSES)
async def read_quality_picture(
    access: CurrentAccess, actor: CurrentActor, picture_id: Id, control: ControlPart
) -> Response:
    """A picture that was judged; not there once the camera's masks were changed."""
    picture = await control.diagnosis.desk.picture(picture_id)
    area_id = access.require_camera(Permission.SNAPSHOT_VIEW, picture.camera_id)
    place = Place(area_id, picture.camera_id)
    await control.audit.record_alone(AuditEntry(AuditKind.QUALITY_PICTURE, actor, place, picture_id))
    return Response(picture.jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})
