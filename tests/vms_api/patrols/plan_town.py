"""The town of the dispatch tests with supervisors, and plans for its people to walk."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.fakes.clock import ManualClock
from tests.vms_api.dispatch.town import Town, opened_town
from vms_api.accounts.permission import Role
from vms_api.audit.entry import SYSTEM
from vms_api.database_place import DatabasePlace
from vms_api.patrols import round_store
from vms_api.patrols.plan import PatrolPlan, PatrolPlanIn
from vms_api.patrols.round import RoundSummary
from vms_api.patrols.round_store import RoundQuery

MORNING = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
"""Tuesday, 07:00 in Shanghai: an hour before the rounds of the tests are due."""


@asynccontextmanager
async def opened_patrol_town(folder: Path, place: DatabasePlace) -> AsyncIterator[Town]:
    """Sun supervises the village, Qian the township."""
    async with opened_town(folder, place, ManualClock(MORNING)) as opened:
        await opened.add_person("sun", Role.SUPERVISOR, opened.village)
        await opened.add_person("qian", Role.SUPERVISOR, opened.township)
        yield opened


def plan_body(town: Town, **changes: Any) -> PatrolPlanIn:
    """At 08:00 of every day, two stops, an hour and a half to walk them, unless something else is said."""
    body = {
        "area_id": town.village,
        "name": "Weir and gate",
        "stops": [{"camera_id": town.camera_id}, {"camera_id": town.camera_id, "preset": "2"}],
        "people": {"user_ids": [town.people["wang"].id]},
        "schedule": {"windows": [{"days": list(range(7)), "starts": "08:00", "ends": "10:00"}]},
        "deadline_s": 5400,
    }
    return PatrolPlanIn.model_validate({**body, **changes})


async def add_plan(town: Town, **changes: Any) -> PatrolPlan:
    return await town.control.patrols.plans.add(plan_body(town, **changes), SYSTEM)


async def look(town: Town) -> None:
    while await town.control.patrols.due.look():
        pass


async def rounds(town: Town) -> Sequence[RoundSummary]:
    async with town.control.database.read() as connection:
        found = await round_store.list_rounds(connection, RoundQuery(limit=5000))
    return list(reversed(found))
