"""What is read out of plans and rounds: coverage, calendar, tours, and what waits for somebody."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ingest.clock import Clock
from vms_api.cameras import store as camera_store
from vms_api.cameras.store import CameraQuery
from vms_api.database import Database
from vms_api.patrols import due_store, plan_store, round_store, stop_store
from vms_api.patrols.coverage import CoveredCamera, PatrolCoverage, covered
from vms_api.patrols.prompting import Prompter
from vms_api.patrols.round import RoundSummary
from vms_api.patrols.round_calendar import MOST_SHOWN, PatrolCalendar, calendar_of, foreseen, written
from vms_api.patrols.round_store import RoundQuery
from vms_api.patrols.tour import PatrolTour, TourStop

MOST_PROMPTS = 200


class PatrolLookout:
    """Reads; whose areas are read is the routes' business."""

    def __init__(self, database: Database, prompter: Prompter, clock: Clock, zone: ZoneInfo) -> None:
        self._database = database
        self._prompter = prompter
        self._clock = clock
        self._zone = zone

    async def coverage(self, area_ids: Collection[str], days: int) -> PatrolCoverage:
        """The cameras of these areas that are in no plan, or were not judged for so many days."""
        async with self._database.read() as connection:
            found = await camera_store.list_cameras(connection, CameraQuery(area_ids))
            cameras = [
                CoveredCamera(id=each.id, name=each.name, area_id=each.area_id) for each in found if each.enabled
            ]
            planned = await plan_store.planned_cameras(connection)
            seen = await stop_store.last_seen(connection, [camera.id for camera in cameras])
        return covered(cameras, planned, seen, self._clock.now() - timedelta(days=days), days)

    async def calendar(self, area_ids: Collection[str], start: datetime, end: datetime) -> PatrolCalendar:
        """The rounds of these areas due in [start, end)."""
        asked = RoundQuery(area_ids=area_ids, since=start, until=end, limit=MOST_SHOWN + 1)
        async with self._database.read() as connection:
            rounds = await round_store.list_rounds(connection, asked)
            plans = await plan_store.list_plans(connection, area_ids)
        planned = await asyncio.to_thread(foreseen, plans, start, end, self._zone, MOST_SHOWN)
        return calendar_of([*written(rounds), *planned])

    async def tours(self, area_ids: Collection[str], sees: Callable[[str], bool]) -> Sequence[PatrolTour]:
        """The plans of these areas that are on, each with the stops at cameras that may be seen."""
        async with self._database.read() as connection:
            routes = await plan_store.list_routes(connection, area_ids)
        tours = [
            PatrolTour(
                plan_id=plan.id,
                name=plan.name,
                area_id=plan.area_id,
                grid=plan.grid,
                stops=[
                    TourStop(camera_id=stop["camera_id"], dwell_s=stop["dwell_s"], preset=stop["preset"])
                    for stop in stops
                    if sees(stop["camera_id"])
                ],
            )
            for plan, stops in routes
        ]
        return [tour for tour in tours if tour.stops]

    async def waiting_for(self, user_id: str, area_ids: Collection[str]) -> Sequence[RoundSummary]:
        """The open rounds that somebody holds, or is asked to walk and nobody holds; the next deadline first."""
        now = self._clock.now()
        async with self._database.read() as connection:
            rounds = await due_store.open_rounds(connection, area_ids)
            people = await plan_store.people_of(connection, {each.plan_id for each in rounds})
        mine = [
            each
            for each in rounds
            if each.user_id == user_id
            or (
                each.user_id is None
                and each.plan_id in people
                and user_id in self._prompter.asked(people[each.plan_id], each.area_id, now).user_ids
            )
        ]
        return mine[:MOST_PROMPTS]
