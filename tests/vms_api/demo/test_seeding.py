"""The demo's past: written through the site's own desks, and the same whenever it is written."""

import asyncio
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from ingest.camera import Credential
from tests.fakes.clock import START, ManualClock
from tests.vms_api.conftest import CHEAP_HASHER
from vms_api.control import Control, open_control
from vms_api.database_place import database_place
from vms_api.demo.scenario import FARM, TOWN, TOWNSHIP
from vms_api.demo.seeding import DemoGround, seed
from vms_api.demo.site import CONFIGURATION
from vms_api.demo.story import MADE_UP, POSITIONS, SICK, VOLUME, VOLUMES
from vms_api.overview import plan_store
from vms_api.patrols.round_lifecycle import RoundState
from vms_api.patrols.round_store import RoundQuery, list_rounds
from vms_api.rates.case import CaseResult
from vms_api.rates.desk import Window
from vms_api.rates.rate import Rate
from vms_api.recordings.inspection import FoundVolume, Tally, find_volume, inspect_volume
from vms_api.recordings.inspection_store import read_index
from vms_api.settings_file import load_settings
from vms_api.tickets.lifecycle import TicketState
from vms_api.tickets.list_store import TicketQuery, count_tickets, find_tickets
from vms_api.tickets.store import list_history

pytestmark = pytest.mark.anyio


async def test_the_week_before_the_demo(tmp_path: Path) -> None:
    """What the overview is to show first: six open tickets of which one is late, a round that is due, rates to rank."""
    site_file = tmp_path / "site.toml"
    site_file.write_text(f"{CONFIGURATION.format(port=0, detector='motion')}\n{VOLUMES}", encoding="utf-8")
    addresses = {path: f"rtsp://127.0.0.1:8554/{path}/main" for path in POSITIONS}
    ground = DemoGround(START, addresses, Credential("demo", "secret"), "a password of the tests", "three umbrellas")
    cameras = await asyncio.to_thread(seed, site_file, ground)
    assert set(cameras) == set(POSITIONS)
    settings = load_settings(site_file)
    async with open_control(settings, {}, ManualClock(), CHEAP_HASHER) as control:
        tree = control.rights.index.tree
        areas = {area.name: area.id for area in tree}
        assert [area.kind for area in sorted(tree, key=lambda area: area.depth)] == [
            *("city", "township", "village", "village")
        ]
        await _check_tickets(control, frozenset(areas.values()))
        await _check_rounds(control)
        async with control.database.read() as connection:
            (plan,) = await plan_store.list_plans(connection, areas.values())
            positions = await control.overview.positions.positions(connection)
        assert plan.area_id == areas[TOWNSHIP]
        assert all(
            plan.bounds.south < at.latitude < plan.bounds.north and plan.bounds.west < at.longitude < plan.bounds.east
            for at in positions.values()
        )
        assert len(positions) == len(POSITIONS)
        await _check_rates(control, areas)
        await _check_recordings(control)


async def _check_rates(control: Control, areas: Mapping[str, str]) -> None:
    """By hand, of the five cameras of each village. Six days before, 6 of 115 hours behind a branch."""
    for name, day, rate, numerator, denominator in (
        (FARM, date(2025, 12, 27), Rate.ONLINE, 108 * 3600, 120 * 3600),  # one away for 12 hours
        (TOWN, date(2025, 12, 27), Rate.ONLINE, 120 * 3600, 120 * 3600),
        (TOWN, date(2025, 12, 27), Rate.RECORDING, 105 * 3600, 120 * 3600),  # one not recorded from nine o'clock on
        (FARM, date(2025, 12, 26), Rate.PICTURE_INTACT, 109 * 3600, 115 * 3600),
        (FARM, date(2025, 12, 26), Rate.CLOCK, 4, 5),
        (FARM, date(2025, 12, 26), Rate.PURPOSED_USE, 5, 5),
        (FARM, date(2025, 12, 26), Rate.RETENTION, 0, 0),  # nobody owes a month after two days
    ):
        area = control.rights.index.tree.find(areas[name])
        assert area is not None
        rates = await control.rates.desk.rates(Window(area, frozenset({area.id}), day, day))
        (found,) = [one for one in rates if one.rate is rate]
        assert (found.numerator, found.denominator, found.insufficient) == (numerator, denominator, False), rate
    town = control.rights.index.tree.find(areas[TOWNSHIP])
    assert town is not None
    window = Window(town, frozenset(areas.values()), date(2025, 12, 25), date(2025, 12, 31))
    results = [case.result for case in await control.rates.desk.cases(window, Rate.PATROL)]
    assert (results.count(CaseResult.FOR), results.count(CaseResult.AGAINST)) == (18, 3)


async def _check_recordings(control: Control) -> None:
    """The files are there as the index says, can be played, and nothing is left over."""
    (volume,) = [one for one in control.settings.recording.volumes if one.name == VOLUME]
    found = find_volume(volume, None, START)
    assert isinstance(found, FoundVolume)
    tally, place = Tally(), database_place(None, control.settings.storage.data_dir, {})
    wrong = await asyncio.to_thread(
        read_index, place, lambda index: list(inspect_volume(found, index, tally, with_hash=True))
    )
    assert wrong == []
    # Ten cameras for seven days and eight hours, a file for each hour: 71.5 hours are missing, edges make more files.
    assert 1650 < tally.row_count == tally.file_count < 1760


async def _check_tickets(control: Control, area_ids: frozenset[str]) -> None:
    async with control.database.read() as connection:
        counts = await count_tickets(connection, area_ids, START)
        assert (counts.open, counts.overdue, counts.unassigned) == (len(SICK), 1, 2)
        every = await find_tickets(connection, TicketQuery(area_ids, limit=100))
        mended = [ticket for ticket in every if ticket.state is TicketState.CLOSED]
        assert [ticket.facts["demo"] for ticket in every] == [MADE_UP] * len(every)
        assert len(mended) == 9
        notes = [entry.note for ticket in mended for entry in await list_history(connection, ticket.id) if entry.note]
        assert notes
        assert all(MADE_UP in note for note in notes)


async def _check_rounds(control: Control) -> None:
    areas = [area.id for area in control.rights.index.tree]
    (admin,) = [user for user in await control.accounts.people.list_people() if user.username == "admin"]
    (mine,) = await control.patrols.lookout.waiting_for(admin.id, areas)
    assert mine.state is RoundState.DUE
    async with control.database.read() as connection:
        rounds = await list_rounds(connection, RoundQuery(limit=100))
    states = [found.state for found in rounds]
    assert (states.count(RoundState.COMPLETED), states.count(RoundState.MISSED)) == (18, 3)
    (due,) = [found for found in rounds if found.state is RoundState.DUE]
    assert due.due_at < START < due.deadline_at
    assert due.stop_count == len(POSITIONS)
