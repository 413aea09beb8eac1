"""The map over the API: its ground, its tiles, and ten thousand cameras in one compact answer."""

import asyncio
import hashlib
import json
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Response
from pydantic import BaseModel

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.control import ControlPart
from vms_api.errors import NotFound
from vms_api.ledger.coordinates import to_gcj02
from vms_api.overview import plan_store
from vms_api.overview.camera_standing import CameraStanding
from vms_api.overview.plan_image import Bounds
from vms_api.overview.plan_routes import PlanShown
from vms_api.overview.positions import Position
from vms_api.overview.settings import Datum
from vms_api.overview.standings import standings
from vms_api.overview.tiles import tile

router = APIRouter(prefix="/map")

_TILE: dict[int | str, dict[str, Any]] = {200: {"description": "The tile", "content": {"image/png": {}}}}
_STATES: tuple[CameraStanding, ...] = ("online", "impaired", "offline", "unknown", "disabled")


class TilesShown(BaseModel):
    """The tiles of the site: `url` has {z}, {x} and {y} in it."""

    url: str
    min_zoom: int
    max_zoom: int
    attribution: str


class MapGround(BaseModel):
    """What lies under the cameras. Positions and bounds of `/map` are in `datum`, that of the tiles."""

    datum: Datum
    tiles: TilesShown | None
    plans: list[PlanShown]


class MapCameras(BaseModel):
    """Cameras that have a position: [id, latitude, longitude, index into `states`], and how many have none."""

    datum: Datum
    states: list[CameraStanding]
    cameras: list[tuple[str, float, float, int]]
    unplaced: int


@router.get("")
async def read_ground(access: CurrentAccess, control: ControlPart) -> MapGround:
    """The ground of the map: tiles of a local folder, and drawings of the areas whose cameras the caller sees."""
    settings = control.settings.map
    async with control.database.read() as connection:
        plans = await plan_store.list_plans(connection, access.area_ids(Permission.CAMERA_VIEW))
    shown = [PlanShown.of(plan) for plan in plans]
    if settings.tiles_datum == "gcj02":
        shown = [plan.model_copy(update={"bounds": _bounds_in_gcj02(plan.bounds)}) for plan in shown]
    tiles = TilesShown(
        url="/api/v1/map/tiles/{z}/{x}/{y}.png",
        min_zoom=settings.tiles_min_zoom,
        max_zoom=settings.tiles_max_zoom,
        attribution=settings.attribution,
    )
    return MapGround(datum=settings.tiles_datum, tiles=tiles if settings.tiles_dir else None, plans=shown)


@router.get("/cameras", response_model=MapCameras)
async def read_cameras(
    access: CurrentAccess, control: ControlPart, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Where the cameras are and how they stand; 304 while nothing has changed since the ETag that the caller has."""
    found = await standings(control, access.area_ids(Permission.CAMERA_VIEW))
    async with control.database.read() as connection:
        positions = await control.overview.positions.positions(connection)
    datum = control.settings.map.tiles_datum
    placed = [(id_, positions[id_], standing) for id_, standing in found.items() if id_ in positions]
    body = await asyncio.to_thread(_encoded, datum, placed, len(found) - len(placed))
    mark = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": mark, "Cache-Control": "private, no-cache"}
    if if_none_match is not None and mark in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


@router.get("/tiles/{zoom}/{x}/{y}.png", response_class=Response, responses=_TILE)
async def read_tile(
    access: CurrentAccess,
    zoom: Annotated[int, Path()],
    x: Annotated[int, Path()],
    y: Annotated[int, Path()],
    control: ControlPart,
) -> Response:
    """One tile of the site's own folder. It shows no camera's picture, so that no row is written."""
    if not access.allows_somewhere(Permission.CAMERA_VIEW):
        access.require_site(Permission.CAMERA_VIEW)
    folder = control.settings.map.tiles_dir
    if folder is None:
        raise NotFound("the site has no tiles")
    data = await asyncio.to_thread(tile, folder, zoom, x, y)
    return Response(data, media_type="image/png", headers={"Cache-Control": "private, max-age=86400"})


def _encoded(datum: Datum, placed: Iterable[tuple[str, Position, CameraStanding]], unplaced: int) -> bytes:
    """The answer as JSON, written by hand: a model of ten thousand rows takes as long as all the rest."""
    numbers = {standing: number for number, standing in enumerate(_STATES)}
    rows = [(id_, *_shown(position, datum), numbers[standing]) for id_, position, standing in placed]
    told = {"datum": datum, "states": _STATES, "cameras": rows, "unplaced": unplaced}
    return json.dumps(told, separators=(",", ":")).encode()


def _shown(position: Position, datum: Datum) -> tuple[float, float]:
    """Latitude and longitude on the tiles; six decimals are a tenth of a metre."""
    longitude, latitude = position.longitude, position.latitude
    if datum == "gcj02":
        longitude, latitude = to_gcj02(longitude, latitude)
    return round(latitude, 6), round(longitude, 6)


def _bounds_in_gcj02(bounds: Bounds) -> Bounds:
    west, south = to_gcj02(bounds.west, bounds.south)
    east, north = to_gcj02(bounds.east, bounds.north)
    return Bounds(south=south, west=west, north=north, east=east)
