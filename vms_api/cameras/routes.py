"""Cameras, their health, zones and rules over the API."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from vms_api.accounts.current_user import CurrentUser
from vms_api.cameras import store, watch_store
from vms_api.cameras.camera import Camera, CameraIn, CameraPatch
from vms_api.cameras.health import CameraHealth
from vms_api.cameras.registry import existing_camera
from vms_api.cameras.rule import Rule, RuleIn, RulePatch
from vms_api.cameras.zone import Zone, ZoneIn, ZonePatch
from vms_api.control import ControlPart
from vms_api.cursor import Cursor, Limit, Page, decode_cursor, encode_cursor

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]


@router.get("/cameras")
async def list_cameras(_: CurrentUser, control: ControlPart, cursor: Cursor = None, limit: Limit = 50) -> Page[Camera]:
    """The cameras by name."""
    after = decode_cursor(cursor, 2) if cursor else None
    async with control.database.read() as connection:
        found = await store.list_cameras(connection, after, limit + 1)
    items = [camera.shown(control.health.of(camera)) for camera in found[:limit]]
    more = encode_cursor(*store.camera_sort_key(found[limit - 1])) if len(found) > limit else None
    return Page(items=items, next_cursor=more)


@router.post("/cameras", status_code=201)
async def add_camera(_: CurrentUser, body: CameraIn, response: Response, control: ControlPart) -> Camera:
    """Registers a camera."""
    camera = await control.registry.create(body)
    response.headers["Location"] = f"/api/v1/cameras/{camera.id}"
    return camera.shown(control.health.of(camera))


@router.get("/cameras/{camera_id}")
async def read_camera(_: CurrentUser, camera_id: Id, control: ControlPart) -> Camera:
    """One camera."""
    async with control.database.read() as connection:
        camera = await existing_camera(connection, camera_id)
    return camera.shown(control.health.of(camera))


@router.patch("/cameras/{camera_id}")
async def change_camera(_: CurrentUser, camera_id: Id, body: CameraPatch, control: ControlPart) -> Camera:
    """Changes any part of a camera."""
    camera = await control.registry.change(camera_id, body)
    return camera.shown(control.health.of(camera))


@router.delete("/cameras/{camera_id}", status_code=204)
async def remove_camera(_: CurrentUser, camera_id: Id, control: ControlPart) -> None:
    """Removes a camera with its zones and rules; its alerts stay."""
    await control.registry.remove(camera_id)


@router.get("/cameras/{camera_id}/health")
async def read_health(_: CurrentUser, camera_id: Id, control: ControlPart) -> CameraHealth:
    """How the camera is."""
    async with control.database.read() as connection:
        return control.health.of(await existing_camera(connection, camera_id))


@router.get("/cameras/{camera_id}/zones")
async def list_zones(_: CurrentUser, camera_id: Id, control: ControlPart) -> Page[Zone]:
    """The camera's zones and lines, all on one page."""
    async with control.database.read() as connection:
        await existing_camera(connection, camera_id)
        found = await watch_store.list_zones(connection, camera_id)
    return Page(items=[zone for _camera_id, zone in found], next_cursor=None)


@router.post("/cameras/{camera_id}/zones", status_code=201)
async def add_zone(_: CurrentUser, camera_id: Id, body: ZoneIn, control: ControlPart) -> Zone:
    """Draws a zone or a line."""
    return await control.watch.add_zone(camera_id, body)


@router.patch("/cameras/{camera_id}/zones/{zone_id}")
async def change_zone(_: CurrentUser, camera_id: Id, zone_id: Id, body: ZonePatch, control: ControlPart) -> Zone:
    """Changes any part of a zone."""
    return await control.watch.change_zone(camera_id, zone_id, body)


@router.delete("/cameras/{camera_id}/zones/{zone_id}", status_code=204)
async def remove_zone(_: CurrentUser, camera_id: Id, zone_id: Id, control: ControlPart) -> None:
    """Removes a zone that no rule uses."""
    await control.watch.remove_zone(camera_id, zone_id)


@router.get("/cameras/{camera_id}/rules")
async def list_rules(_: CurrentUser, camera_id: Id, control: ControlPart) -> Page[Rule]:
    """The camera's rules, all on one page."""
    async with control.database.read() as connection:
        await existing_camera(connection, camera_id)
        found = await watch_store.list_rules(connection, camera_id)
    return Page(items=[rule for _camera_id, rule in found], next_cursor=None)


@router.post("/cameras/{camera_id}/rules", status_code=201)
async def add_rule(_: CurrentUser, camera_id: Id, body: RuleIn, control: ControlPart) -> Rule:
    """Makes a rule."""
    return await control.watch.add_rule(camera_id, body)


@router.patch("/cameras/{camera_id}/rules/{rule_id}")
async def change_rule(_: CurrentUser, camera_id: Id, rule_id: Id, body: RulePatch, control: ControlPart) -> Rule:
    """Changes any part of a rule."""
    return await control.watch.change_rule(camera_id, rule_id, body)


@router.delete("/cameras/{camera_id}/rules/{rule_id}", status_code=204)
async def remove_rule(_: CurrentUser, camera_id: Id, rule_id: Id, control: ControlPart) -> None:
    """Removes a rule; its alerts stay."""
    await control.watch.remove_rule(camera_id, rule_id)
