"""Rates over the API."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.cameras import store as camera_store
from vms_api.control import ControlPart
from vms_api.errors import NotFound
from vms_api.nothing_in import NothingIn
from vms_api.rates.case import SEEN_WITH, RateCase
from vms_api.rates.desk import Window
from vms_api.rates.evidence import Counting, Evidence
from vms_api.rates.exclusion import Exclusion, ExclusionIn
from vms_api.rates.fact_store import DayVersion
from vms_api.rates.rate import CAMERA_RATES, Rate, RateValue
from vms_api.rates.rollup import Standing, TrendPoint
from vms_api.rates.target import Target, TargetsIn

router = APIRouter()

LONGEST = timedelta(days=366)
AreaId = Annotated[
    str | None, Query(max_length=64, description="Default: the topmost area whose rates the caller sees.")
]
Id = Annotated[str, Path(max_length=64)]
MostCameras = Annotated[int, Query(ge=1, le=1000)]


class AskedDays(BaseModel):
    """One day, or the first and the last of several; by default yesterday."""

    day: date | None = None
    first: Annotated[date | None, Field(alias="from")] = None
    last: Annotated[date | None, Field(alias="to")] = None

    @model_validator(mode="after")
    def _is_a_window(self) -> Self:
        if (self.first is None) != (self.last is None) or (self.day and self.first):
            raise PydanticCustomError("window_wrong", "either a day, or the first and the last day")
        if self.first and self.last and not timedelta(0) <= self.last - self.first < LONGEST:
            raise PydanticCustomError("window_wrong", "the last day is not before the first, by at most a year")
        return self

    def window(self, today: date) -> tuple[date, date]:
        """The first and the last day."""
        day = self.day or today - timedelta(days=1)
        return self.first or day, self.last or day


class AreaRef(BaseModel):
    """Which area."""

    id: str
    name: str
    kind: str


class CountedDay(Counting):
    """How a day was counted last."""

    day: date


class AreaRates(BaseModel):
    """Every rate of the area with all below it; `days` are those that were counted, `missing_days` those never."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    area: AreaRef
    first: Annotated[date, Field(alias="from")]
    last: Annotated[date, Field(alias="to")]
    time_zone: str
    rates: Sequence[RateValue]
    days: list[CountedDay]
    missing_days: int


class League(BaseModel):
    """The areas just below, ranked."""

    area: AreaRef
    rate: Rate
    items: list[Standing]


class Trend(BaseModel):
    """A rate day by day."""

    area: AreaRef
    rate: Rate
    items: list[TrendPoint]


class CameraRate(BaseModel):
    """One camera's part of a rate; the name is null of a camera that is gone."""

    camera_id: str
    camera_name: str | None
    value: RateValue


class RateCases(BaseModel):
    """The cases of a rate of areas, those that cost first; `total` is how many there are."""

    area: AreaRef
    rate: Rate
    items: list[RateCase]
    total: int


class CameraRates(BaseModel):
    """The cameras of a rate, those that cost most first; `total` is how many there are."""

    area: AreaRef
    rate: Rate
    items: list[CameraRate]
    total: int


class RecomputeIn(BaseModel):
    """A day that is to be counted again."""

    model_config = ConfigDict(extra="forbid")

    day: date


class Targets(BaseModel):
    """The target of every rate."""

    targets: list[Target]


class Exclusions(BaseModel):
    """Exclusions, the latest first."""

    items: list[Exclusion]


def asked_window(
    access: CurrentAccess, control: ControlPart, days: Annotated[AskedDays, Query()], area_id: AreaId = None
) -> Window:
    """Area and days asked about, cut down to what the caller may see.

    Raises:
        NotFound: the caller does not see the area.
        NotAllowed: the caller may see no rates there.

    """
    tree = access.rights.tree
    if area_id is None:
        seen = access.area_ids(Permission.RATE_VIEW)
        if not seen:
            access.require_site(Permission.RATE_VIEW)
        area_id = next(area.id for area in sorted(tree, key=lambda area: area.depth) if area.id in seen)
    area_ids = access.area_ids_below(Permission.RATE_VIEW, area_id)
    area = tree.find(area_id)
    if area is None:
        raise NotFound("no such area")
    if not area_ids:
        access.require(Permission.RATE_VIEW, area.id)
    return Window(area, area_ids, *days.window(control.rates.desk.today()))


AskedWindow = Annotated[Window, Depends(asked_window)]


@router.get("/rates")
async def read_rates(window: AskedWindow, control: ControlPart) -> AreaRates:
    """Every rate of an area: numerator, denominator, coverage, target, and what was left out with who approved it."""
    desk = control.rates.desk
    counted = await desk.counted(window.first, window.last)
    days = [CountedDay(**_told(one)) for one in counted]
    return AreaRates(
        area=_area(window),
        first=window.first,
        last=window.last,
        time_zone=desk.zone.key,
        rates=await desk.rates(window),
        days=days,
        missing_days=(window.last - window.first).days + 1 - len(days),
    )


@router.get("/rates/league")
async def read_league(window: AskedWindow, rate: Rate, control: ControlPart) -> League:
    """The areas just below, ranked, with what changed against the window of the same length before."""
    return League(area=_area(window), rate=rate, items=await control.rates.desk.league(window, rate))


@router.get("/rates/trend")
async def read_trend(window: AskedWindow, rate: Rate, control: ControlPart) -> Trend:
    """The rate day by day."""
    return Trend(area=_area(window), rate=rate, items=await control.rates.desk.trend(window, rate))


@router.post("/rates/recompute")
async def recompute(access: CurrentAccess, actor: CurrentActor, body: RecomputeIn, control: ControlPart) -> CountedDay:
    """Counts a day of the whole site again. What differs becomes a new version; the one before is kept."""
    access.require_site(Permission.RATE_MANAGE)
    return CountedDay(**_told(await control.rates.desk.count_on_demand(body.day, actor)))


@router.get("/rates/{rate}/cameras")
async def read_cameras(window: AskedWindow, rate: Rate, control: ControlPart, limit: MostCameras = 200) -> CameraRates:
    """What each camera has of a rate, those that cost most first. Rates of areas have no cameras."""
    found = await control.rates.desk.cameras(window, rate) if rate in CAMERA_RATES else []
    shown = found[:limit]
    async with control.database.read() as connection:
        named = await camera_store.list_by_id(connection, [camera_id for camera_id, _ in shown])
    names = {camera.id: camera.name for camera in named}
    items = [CameraRate(camera_id=id_, camera_name=names.get(id_), value=value) for id_, value in shown]
    return CameraRates(area=_area(window), rate=rate, items=items, total=len(found))


@router.get("/rates/{rate}/cases")
async def read_cases(
    access: CurrentAccess, window: AskedWindow, rate: Rate, control: ControlPart, limit: MostCameras = 200
) -> RateCases:
    """The rounds, alerts or tickets behind a rate of areas, as they stand now, as far as the caller may see them."""
    if rate not in SEEN_WITH:
        return RateCases(area=_area(window), rate=rate, items=[], total=0)
    area_ids = window.area_ids & access.area_ids_below(SEEN_WITH[rate], window.area.id)
    found = await control.rates.desk.cases(replace(window, area_ids=area_ids), rate)
    return RateCases(area=_area(window), rate=rate, items=list(found[:limit]), total=len(found))


@router.get("/cameras/{camera_id}/rate-evidence")
async def read_evidence(access: CurrentAccess, camera_id: Id, day: date, control: ControlPart) -> Evidence:
    """What a camera's numbers of a day were counted from, as the histories say it now, and every counting of it."""
    access.require_camera(Permission.RATE_VIEW, camera_id)
    found = await control.rates.desk.evidence(camera_id, day)
    if found is None:
        raise NotFound("the camera was not in service that day")
    return found


@router.get("/rate-targets")
async def read_targets(access: CurrentAccess, control: ControlPart) -> Targets:
    """The target of every rate."""
    if not access.allows_somewhere(Permission.RATE_VIEW):
        access.require_site(Permission.RATE_VIEW)
    return Targets(targets=await control.rates.desk.targets())


@router.put("/rate-targets")
async def set_targets(access: CurrentAccess, actor: CurrentActor, body: TargetsIn, control: ControlPart) -> Targets:
    """Sets targets of the site."""
    access.require_site(Permission.RATE_MANAGE)
    return Targets(targets=await control.rates.desk.set_targets(body, actor))


@router.get("/rate-exclusions")
async def list_exclusions(access: CurrentAccess, control: ControlPart, area_id: AreaId = None) -> Exclusions:
    """Cameras that are not expected to work, or were not, with who asked and who approved."""
    area_ids = access.area_ids_below(Permission.RATE_VIEW, area_id)
    if not area_ids:
        access.require_site(Permission.RATE_VIEW)
    return Exclusions(items=list(await control.rates.exclusions.list_for(area_ids)))


@router.post("/rate-exclusions", status_code=201)
async def ask_for_exclusion(
    access: CurrentAccess, actor: CurrentActor, body: ExclusionIn, control: ControlPart
) -> Exclusion:
    """Asks that a camera be left out for some time; a second person has to approve it."""
    area_id = access.require_camera(Permission.RATE_MANAGE, body.camera_id)
    return await control.rates.exclusions.ask(body, area_id, access.user, actor)


@router.post("/rate-exclusions/{exclusion_id}/approve")
async def approve_exclusion(
    access: CurrentAccess, actor: CurrentActor, exclusion_id: Id, _body: NothingIn, control: ControlPart
) -> Exclusion:
    """Approves what somebody else has asked for."""
    found = await control.rates.exclusions.find(exclusion_id)
    access.require(Permission.RATE_MANAGE, found.area_id)
    return await control.rates.exclusions.approve(found, access.user, actor)


@router.delete("/rate-exclusions/{exclusion_id}", status_code=204)
async def end_exclusion(access: CurrentAccess, actor: CurrentActor, exclusion_id: Id, control: ControlPart) -> None:
    """Ends it; what it covered so far stays."""
    found = await control.rates.exclusions.find(exclusion_id)
    access.require(Permission.RATE_MANAGE, found.area_id)
    await control.rates.exclusions.end(found, actor)


def _area(window: Window) -> AreaRef:
    return AreaRef(id=window.area.id, name=window.area.name, kind=window.area.kind)


def _told(version: DayVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in CountedDay.model_fields}
