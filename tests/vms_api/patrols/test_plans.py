"""Plans as they are made and changed, and what is read out of them: the desks on a real database."""

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from tests.vms_api.dispatch.town import Town
from tests.vms_api.patrols.plan_town import MORNING, add_plan, look, opened_patrol_town, plan_body, rounds
from vms_api.areas.area import AreaIn
from vms_api.audit.entry import SYSTEM
from vms_api.audit.store import AuditQuery, list_rows
from vms_api.cameras.camera import CameraIn
from vms_api.database_place import DatabasePlace
from vms_api.errors import NotFound
from vms_api.patrols import plan_store, stop_store
from vms_api.patrols.errors import (
    PatrolCameraOutside,
    PatrolNeverDue,
    PatrolNothingToExcuse,
    PatrolPersonUnfit,
    PatrolPlanStale,
)
from vms_api.patrols.excuse_desk import ExcuseIn
from vms_api.patrols.plan import MOST_STOPS, PatrolPreviewIn
from vms_api.patrols.round_stop import RoundStop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def town(tmp_path: Path, database_place: DatabasePlace) -> AsyncIterator[Town]:
    async with opened_patrol_town(tmp_path, database_place) as opened:
        yield opened


async def add_camera(town: Town, name: str, area_id: str) -> str:
    return (await town.control.registry.create(CameraIn(name=name, address="rtsp://192.0.2.7/"), area_id, SYSTEM)).id


async def audited(town: Town, kind: str) -> list[dict[str, Any]]:
    async with town.control.database.read() as connection:
        rows = await list_rows(connection, AuditQuery(limit=10_000))
    return [body["detail"] for row in reversed(rows) if (body := json.loads(row.body))["kind"] == kind]


@pytest.mark.both_databases
async def test_versions_are_kept(town: Town) -> None:
    """A change is a new version with its row; the old one is still there, whatever becomes of the plan."""
    made = await add_plan(town)
    changed = await town.control.patrols.plans.replace(made.id, plan_body(town, grid=4, version=1), SYSTEM)
    assert (made.version, changed.version, changed.grid) == (1, 2, 4)
    assert made.next_due_at == changed.next_due_at == MORNING + timedelta(hours=1)
    await town.control.patrols.plans.remove(made.id, SYSTEM)
    async with town.control.database.read() as connection:
        kept = [await plan_store.find_version(connection, made.id, version) for version in (1, 2, 3)]
    assert [version.content.grid if version else None for version in kept] == [1, 4, None]
    assert await audited(town, "patrol.plan-change") == [
        {"name": "Weir and gate", "version": 2, "changes": {"grid": [1, 4]}}
    ]
    with pytest.raises(NotFound):
        await town.control.patrols.plans.shown(made.id)


async def test_who_changed_it_meanwhile_is_not_overwritten(town: Town) -> None:
    """Two supervisors have version 1 before them: the second is told."""
    made = await add_plan(town)
    await town.control.patrols.plans.replace(made.id, plan_body(town, name="First", version=1), SYSTEM)
    with pytest.raises(PatrolPlanStale):
        await town.control.patrols.plans.replace(made.id, plan_body(town, name="Second", version=1), SYSTEM)


async def test_cameras_gone_or_outside_are_named(town: Town) -> None:
    """Each by its place in the route; one that goes away later is shown as missing and refused at the next save."""
    here = await add_camera(town, "Gate", town.village)
    outside = await add_camera(town, "Market", town.township)
    stops = [{"camera_id": here}, {"camera_id": outside}, {"camera_id": "never"}]
    with pytest.raises(PatrolCameraOutside) as refused:
        await add_plan(town, stops=stops)
    assert [error.field for error in refused.value.errors] == ["stops.1.camera_id", "stops.2.camera_id"]
    made = await add_plan(town, stops=[{"camera_id": here}, {"camera_id": town.camera_id}])
    await town.control.registry.remove(here, SYSTEM)
    shown = await town.control.patrols.plans.shown(made.id)
    assert shown.missing == [made.stops[0].id]
    with pytest.raises(PatrolCameraOutside):
        await town.control.patrols.plans.replace(made.id, plan_body(town, stops=[{"camera_id": here}]), SYSTEM)


async def test_only_who_may_patrol_there_is_asked(town: Town) -> None:
    """Of a village's plan, neither a stranger nor the supervisor of nothing; Wang may."""
    with pytest.raises(PatrolPersonUnfit) as refused:
        await add_plan(town, people={"user_ids": [town.people["wang"].id, "stranger"]})
    assert [error.field for error in refused.value.errors] == ["people.user_ids.1"]


async def test_a_schedule_that_never_comes_is_refused(town: Town) -> None:
    """The thirty-first is a Sunday only on days that are all holidays; with one of them left it is taken."""
    days = [date(2026, 3, 1) + timedelta(days=count) for count in range(1600)]
    sundays = [day for day in days if (day.day, day.strftime("%a")) == (31, "Sun")]
    rare = {"days": [6], "month_days": [31], "starts": "08:00", "ends": "09:00"}
    with pytest.raises(PatrolNeverDue):
        await add_plan(town, schedule={"windows": [rare], "skip_holidays": True, "holidays": sundays})
    made = await add_plan(town, schedule={"windows": [rare], "skip_holidays": True, "holidays": sundays[:2]})
    assert made.next_due_at is not None
    assert made.next_due_at.date() == sundays[2]


@pytest.mark.parametrize(
    "wrong",
    [
        {"stops": []},
        {"people": {"user_ids": []}},
        {"people": {}},
        {"grid": 2},
        {"complete_at": 0},
        {"deadline_s": 0},
        {"name": " "},
        {"stops": [{"camera_id": "c", "id": "same"}, {"camera_id": "c", "id": "same"}]},
        {"schedule": {"windows": []}},
        {"schedule": {"windows": [{"days": [0], "starts": "08:00", "ends": "10:00"}] * 2}},
    ],
)
async def test_plans_that_mean_nothing_are_refused(town: Town, wrong: dict[str, Any]) -> None:
    """No stops, nobody, no window, windows that overlap: before anything is stored."""
    with pytest.raises(ValidationError):
        plan_body(town, **wrong)


async def test_ten_thousand_stops_are_a_plan_and_one_more_is_none(town: Town) -> None:
    """The longest route is stored and read whole; lists do not carry it."""
    route = [{"camera_id": town.camera_id, "preset": str(place)} for place in range(MOST_STOPS)]
    made = await add_plan(town, stops=route)
    shown = await town.control.patrols.plans.shown(made.id)
    assert [stop.preset for stop in shown.stops] == [str(place) for place in range(MOST_STOPS)]
    assert len({stop.id for stop in shown.stops}) == MOST_STOPS
    (row,) = await town.control.patrols.plans.listed([town.village], None, None)
    assert row.stop_count == MOST_STOPS
    with pytest.raises(ValidationError):
        plan_body(town, stops=[*route, {"camera_id": town.camera_id}])


async def test_an_area_that_is_removed_hands_its_plans_up(town: Town) -> None:
    """To the area above, as its rounds."""
    corner = await town.control.areas.add(AreaIn(parent_id=town.village, name="Corner"), SYSTEM)
    camera = await add_camera(town, "Bridge", corner.id)
    made = await add_plan(town, area_id=corner.id, stops=[{"camera_id": camera}])
    await town.control.registry.remove(camera, SYSTEM)
    await town.control.areas.remove(corner.id, SYSTEM)
    assert (await town.control.patrols.plans.shown(made.id)).area_id == town.village


@pytest.mark.both_databases
async def test_coverage_names_the_gaps(town: Town) -> None:
    """The weir is patrolled and was judged; the gate is in no plan; the bridge was judged eight days ago."""
    gate, bridge = await add_camera(town, "Gate", town.village), await add_camera(town, "Bridge", town.village)
    await add_plan(town, stops=[{"camera_id": town.camera_id}, {"camera_id": bridge}])
    await add_plan(town, name="Off", enabled=False, stops=[{"camera_id": gate}])
    town.clock.advance(3600)
    await look(town)
    (round_,) = await rounds(town)
    now = town.clock.now()
    judged = {town.camera_id: now - timedelta(days=6), bridge: now - timedelta(days=8)}
    stops = [
        RoundStop(id=camera, index=place, camera_id=camera, verdict="normal", judged_at=at)
        for place, (camera, at) in enumerate(judged.items())
    ]
    async with town.control.database.write() as transaction:
        await stop_store.insert_stops(transaction, round_.id, stops)
    found = await town.control.patrols.lookout.coverage([town.village], 7)
    assert [camera.name for camera in found.in_no_plan] == ["Gate"]
    assert [(each.camera.name, each.last_seen_at) for each in found.not_seen] == [
        ("Gate", None),
        ("Bridge", judged[bridge]),
    ]
    wider = await town.control.patrols.lookout.coverage([town.village], 9)
    assert [each.camera.name for each in wider.not_seen] == ["Gate"]


async def test_the_calendar_joins_what_was_and_what_will_be(town: Town) -> None:
    """Of yesterday what became of it, of tomorrow what is foreseen; none twice."""
    await add_plan(town)
    town.clock.advance(3600)
    await look(town)
    town.clock.advance(86400)
    await look(town)
    found = await town.control.patrols.lookout.calendar([town.village], MORNING, MORNING + timedelta(days=4))
    assert [each.state for each in found.rounds] == ["missed", "due", "planned", "planned"]
    assert [each.due_at for each in found.rounds] == [MORNING + timedelta(hours=1, days=count) for count in range(4)]
    assert not found.is_cut
    elsewhere = await town.control.patrols.lookout.calendar([town.city], MORNING, MORNING + timedelta(days=4))
    assert elsewhere.rounds == []


async def test_tours_show_what_may_be_watched(town: Town) -> None:
    """A plan whose cameras may not be watched is no tour."""
    gate = await add_camera(town, "Gate", town.village)
    await add_plan(town, grid=4, stops=[{"camera_id": town.camera_id, "dwell_s": 20}, {"camera_id": gate}])
    await add_plan(town, name="Off", enabled=False)
    (tour,) = await town.control.patrols.lookout.tours([town.village], lambda camera_id: camera_id != gate)
    assert (tour.name, tour.grid) == ("Weir and gate", 4)
    assert [(stop.camera_id, stop.dwell_s, stop.preset) for stop in tour.stops] == [(town.camera_id, 20.0, None)]
    assert await town.control.patrols.lookout.tours([town.village], lambda _camera_id: False) == []


async def test_prompts_are_for_those_who_are_asked(town: Town) -> None:
    """Wang is named by the plan; Zhao is not."""
    await add_plan(town)
    town.clock.advance(3600)
    await look(town)
    lookout = town.control.patrols.lookout
    (prompt,) = await lookout.waiting_for(town.people["wang"].id, [town.village])
    assert prompt.name == "Weir and gate"
    assert await lookout.waiting_for(town.people["zhao"].id, [town.village]) == []
    assert await lookout.waiting_for(town.people["wang"].id, [town.city]) == []


async def test_an_excuse_explains_and_changes_nothing(town: Town) -> None:
    """It is added to a missed round, which stays missed; one that may still be walked needs none."""
    await add_plan(town)
    town.clock.advance(3600)
    await look(town)
    (due,) = await rounds(town)
    actor = town.by("wang").actor
    with pytest.raises(PatrolNothingToExcuse):
        await town.control.patrols.excuses.add(due.id, ExcuseIn(text="not yet"), actor)
    town.clock.advance(7200)
    await look(town)
    await town.control.patrols.excuses.add(due.id, ExcuseIn(text="the line was down"), actor)
    (missed,) = await rounds(town)
    assert (missed.state, [excuse.text for excuse in missed.excuses]) == ("missed", ["the line was down"])
    assert [row["text"] for row in await audited(town, "patrol.excuse")] == ["the line was down"]


async def test_a_preview_says_what_the_schedule_means(town: Town) -> None:
    """The next ten times, by the clocks of the site."""
    shown = town.control.patrols.plans.preview(PatrolPreviewIn(schedule=plan_body(town).schedule))
    assert shown.dues == [MORNING + timedelta(hours=1, days=count) for count in range(10)]
    assert shown.time_zone == "Asia/Shanghai"


async def test_unfinished_patrols_are_handed_over(town: Town) -> None:
    """Those of the centre's own areas; what is over is not, and the centre above has its own."""
    await add_plan(town)
    await add_plan(town, name="Short", deadline_s=300)
    town.clock.advance(3600)
    await look(town)
    town.clock.advance(600)
    await look(town)
    desk, actor = town.control.dispatch.handovers, town.by("he").actor
    record = (await desk.hand_over(town.village, "", actor)).record
    assert record.patrol_count == 1
    (open_,) = record.open_patrols
    assert (open_.name, open_.user_name, open_.done_count, open_.stop_count) == ("Weir and gate", None, 0, 2)
    assert (await desk.hand_over(town.township, "", actor)).record.open_patrols == []
