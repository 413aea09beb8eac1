"""Cameras, their health, zones and rules over the API."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.cameras import store, watch_store
from vms_api.cameras.camera import Camera, CameraIn, CameraPatch, CameraRecord
from vms_api.cameras.health import CameraHealth
from vms_api.cameras.registry import existing_camera
from vms_api.cameras.rule import Rule, RuleIn, RulePatch
from vms_api.cameras.store import CameraQuery
from vms_api.cameras.zone import Zone, ZoneIn, ZonePatch
from vms_api.control import Control, ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor
from vms_api.errors import InvalidRequest
from vms_api.linkage.link import PERMISSIONS, Links

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
AreaFilter = Annotated[str | None, Query(max_length=64)]


@router.get("/cameras")
async def list_cameras(
    access: CurrentAccess, control: ControlPart, area_id: AreaFilter = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[Camera]:
    """The cameras that the caller sees, by name; of an area with those below it, or of all."""
    after = decode_cursor(cursor, 2) if cursor else None
    area_ids = access.area_ids_below(Permission.CAMERA_VIEW, area_id)
    async with control.database.read() as connection:
        found = await store.list_cameras(connection, CameraQuery(area_ids, after, limit + 1))
    items = [_shown(access, camera, control) for camera in found[:limit]]
    more = encode_cursor(*store.camera_sort_key(found[limit - 1])) if len(found) > limit else None
    return Page(items=items, next_cursor=more)


@router.post("/cameras", status_code=201)
async def add_camera(
    access: CurrentAccess, actor: CurrentActor, body: CameraIn, response: Response, control: ControlPart
) -> Camera:
    """Registers a camera in an area in which the caller manages cameras."""
    area_id = body.area_id or _usual_area(access)
    access.require(Permission.CAMERA_MANAGE, area_id)
    camera = await control.registry.create(body, area_id, actor)
    response.headers["Location"] = f"/api/v1/cameras/{camera.id}"
    return _shown(access, camera, control)


@router.get("/cameras/{camera_id}")
async def read_camera(access: CurrentAccess, camera_id: Id, control: ControlPart) -> Camera:
    """One camera."""
    access.require_camera(Permission.CAMERA_VIEW, camera_id)
    async with control.database.read() as connection:
        camera = await existing_camera(connection, camera_id)
    return _shown(access, camera, control)


@router.patch("/cameras/{camera_id}")
async def change_camera(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: CameraPatch, control: ControlPart
) -> Camera:
    """Changes any part of a camera. Moving it takes the right for the area it leaves and for the one it joins."""
    access.require_camera(Permission.CAMERA_MANAGE, camera_id)
    if body.area_id is not None:
        access.require(Permission.CAMERA_MANAGE, body.area_id)
    camera = await control.registry.change(camera_id, body, actor)
    return _shown(access, camera, control)


@router.delete("/cameras/{camera_id}", status_code=204)
async def remove_camera(access: CurrentAccess, actor: CurrentActor, camera_id: Id, control: ControlPart) -> None:
    """Removes a camera with its zones and rules; its alerts stay."""
    access.require_camera(Permission.CAMERA_MANAGE, camera_id)
    await control.registry.remove(camera_id, actor)


@router.get("/cameras/{camera_id}/health")
async def read_health(access: CurrentAccess, camera_id: Id, control: ControlPart) -> CameraHealth:
    """How the camera is."""
    access.require_camera(Permission.CAMERA_VIEW, camera_id)
    async with control.database.read() as connection:
        return control.health.of(await existing_camera(connection, camera_id))


@router.get("/cameras/{camera_id}/zones")
async def list_zones(access: CurrentAccess, camera_id: Id, control: ControlPart) -> Page[Zone]:
    """The camera's zones and lines, all on one page."""
    access.require_camera(Permission.CAMERA_VIEW, camera_id)
    async with control.database.read() as connection:
        await existing_camera(connection, camera_id)
        found = await watch_store.list_zones(connection, camera_id)
    return Page(items=[zone for _camera_id, zone in found], next_cursor=None)


@router.post("/cameras/{camera_id}/zones", status_code=201)
async def add_zone(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: ZoneIn, control: ControlPart
) -> Zone:
    """Draws a zone or a line."""
    access.require_camera(Permission.RULE_MANAGE, camera_id)
    return await control.watch.add_zone(camera_id, body, actor)


@router.patch("/cameras/{camera_id}/zones/{zone_id}")
async def change_zone(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, zone_id: Id, body: ZonePatch, control: ControlPart
) -> Zone:
    """Changes any part of a zone."""
    access.require_camera(Permission.RULE_MANAGE, camera_id)
    return await control.watch.change_zone(camera_id, zone_id, body, actor)


@router.delete("/cameras/{camera_id}/zones/{zone_id}", status_code=204)
async def remove_zone(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, zone_id: Id, control: ControlPart
) -> None:
    """Removes a zone that no rule uses."""
    access.require_camera(Permission.RULE_MANAGE, camera_id)
    await control.watch.remove_zone(camera_id, zone_id, actor)


@router.get("/cameras/{camera_id}/rules")
async def list_rules(access: CurrentAccess, camera_id: Id, control: ControlPart) -> Page[Rule]:
    """The camera's rules, all on one page."""
    access.require_camera(Permission.CAMERA_VIEW, camera_id)
    async with control.database.read() as connection:
        await existing_camera(connection, camera_id)
        found = await watch_store.list_rules(connection, camera_id)
    return Page(items=[rule for _camera_id, rule in found], next_cursor=None)


@router.post("/cameras/{camera_id}/rules", status_code=201)
async def add_rule(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, body: RuleIn, control: ControlPart
) -> Rule:
    """Makes a rule. What it links takes the right to do that on the camera of the link."""
    access.require_camera(Permission.RULE_MANAGE, camera_id)
    _require_links(access, camera_id, body.links)
    return await control.watch.add_rule(camera_id, body, actor)


@router.patch("/cameras/{camera_id}/rules/{rule_id}")
async def change_rule(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, rule_id: Id, body: RulePatch, control: ControlPart
) -> Rule:
    """Changes any part of a rule. What it links takes the right to do that, whether that is changed or not."""
    access.require_camera(Permission.RULE_MANAGE, camera_id)
    async with control.database.read() as connection:
        current = await watch_store.find_rule(connection, camera_id, rule_id)
    links = body.links if body.links is not None else current.links if current else []
    _require_links(access, camera_id, links)
    return await control.watch.change_rule(camera_id, rule_id, body, actor)


@router.delete("/cameras/{camera_id}/rules/{rule_id}", status_code=204)
async def remove_rule(
    access: CurrentAccess, actor: CurrentActor, camera_id: Id, rule_id: Id, control: ControlPart
) -> None:
    """Removes a rule; its alerts stay."""
    access.require_camera(Permission.RULE_MANAGE, camera_id)
    await control.watch.remove_rule(camera_id, rule_id, actor)


def _require_links(access: Access, camera_id: str, links: Links) -> None:
    """Lets pass who may do what the links do. Raises NotFound, NotAllowed."""
    for link in links:
        access.require_camera(PERMISSIONS[link.kind], link.camera_id or camera_id)


def _shown(access: Access, camera: CameraRecord, control: Control) -> Camera:
    shown = camera.shown(control.health.of(camera))
    return shown if access.allows(Permission.CAMERA_MANAGE, camera.area_id) else shown.for_onlookers()


def _usual_area(access: Access) -> str:
    """Where a camera goes that comes without an area.

    Raises:
        NotAllowed: the caller manages cameras nowhere.
        InvalidRequest: in several areas that have nothing above them in common.

    """
    areas = access.rights.top_areas(access.user.id, Permission.CAMERA_MANAGE)
    if not areas:
        access.require_site(Permission.CAMERA_MANAGE)
    if len(areas) > 1:
        raise InvalidRequest.field("area_id", "area-required", "you manage cameras in several areas: name one")
    return areas[0].id
