"""Privacy masks over the API."""

from typing import Annotated

from fastapi import APIRouter, Path

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.cameras import mask_store
from vms_api.cameras.mask import Masks, MasksIn
from vms_api.cameras.mask_desk import latest_masks
from vms_api.control import ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor
from vms_api.errors import InvalidRequest

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]


@router.get("/cameras/{camera_id}/masks")
async def read_masks(access: CurrentAccess, camera_id: Id, control: ControlPart) -> Masks:
    """The camera's privacy masks, as drawn last; `mask_version` of its health says which are in force."""
    access.require_camera(Permission.CAMERA_VIEW, camera_id)
    async with control.database.read() as connection:
        return await latest_masks(connection, camera_id)


@router.put("/cameras/{camera_id}/masks")
async def change_masks(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: MasksIn, control: ControlPart
) -> Masks:
    """Replaces all masks by those sent, under the next version; an empty list lifts them.

    409 `mask-version-stale` when `base_version` is not the latest. Views of the camera that run are cut off when masks
    are set or lifted, and may be opened again at once.
    """
    access.require_camera(Permission.MASK_MANAGE, camera_id)
    return await control.masks.change(camera_id, body, actor)


@router.get("/cameras/{camera_id}/masks/history")
async def list_mask_versions(
    access: CurrentAccess, camera_id: Id, control: ControlPart, cursor: Cursor = None, limit: Limit = 50
) -> Page[Masks]:
    """Every version of the camera's masks, newest first: who covered or uncovered what, and when."""
    access.require_camera(Permission.MASK_MANAGE, camera_id)
    before = _version(decode_cursor(cursor, 1)[0]) if cursor else None
    async with control.database.read() as connection:
        found = await mask_store.list_versions(connection, camera_id, before, limit + 1)
    more = encode_cursor(str(found[limit - 1].version)) if len(found) > limit else None
    return Page(items=list(found[:limit]), next_cursor=more)


def _version(text: str) -> int:
    if not text.isdecimal():
        raise InvalidRequest.field("cursor", "cursor-invalid", "not a cursor of this list")
    return int(text)
