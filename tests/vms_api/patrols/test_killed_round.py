"""A control process that is killed in the middle of a round: what was answered is there, and the round goes on."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.vms_api.conftest import PASSWORD
from tests.vms_api.test_serve import Child, serving, site_file
from vms_api.database import Database
from vms_api.database_place import DATABASE_FILE
from vms_api.patrols.round import DueRound
from vms_api.patrols.round_store import add_due

WATCHED = {"visible": True, "playing": True, "input": True}


@contextmanager
def logged_in(child: Child) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{child.url}/api/v1", trust_env=False) as http:
        said(http.post("/login", json={"username": "admin", "password": PASSWORD}))
        yield http


def said(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def planned(http: httpx.Client, names: list[str]) -> dict[str, Any]:
    """A plan over new cameras of these names; no node shows any of them, so all are offline."""
    cameras = [said(http.post("/cameras", json={"name": name, "address": "rtsp://192.0.2.7/a"})) for name in names]
    window = {"days": [0], "starts": "08:00", "ends": "10:00"}
    body = {
        "name": "Night round",
        "area_id": cameras[0]["area_id"],
        "stops": [{"camera_id": camera["id"]} for camera in cameras],
        "people": {"roster": True},
        "schedule": {"windows": [window]},
    }
    return said(http.post("/patrol-plans", json=body))


async def made_due(path: Path, plan: dict[str, Any], stop_count: int) -> str:
    database = await Database.open(path)
    now = datetime.now(UTC)
    due = DueRound(plan["id"], 1, "Night round", plan["area_id"], now, now + timedelta(hours=1), stop_count)
    async with database.write() as transaction:
        round_id = await add_due(transaction, due)
    await database.close()
    assert round_id is not None
    return round_id


@pytest.mark.timeout(180)
def test_a_killed_process_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    """Killed with one stop judged and one in hand: the verdict, its ticket and the arrival are kept, and it goes on."""
    file, environ = site_file(tmp_path), {"XUELIANG_ADMIN_PASSWORD": PASSWORD}
    with serving(file, **environ) as child, logged_in(child) as http:
        plan = planned(http, ["Gate", "Yard"])
        round_id = asyncio.run(made_due(tmp_path / "data" / DATABASE_FILE, plan, 2))
        taken = said(http.post(f"/patrol-rounds/{round_id}/take"))
        gate, yard = (f"/patrol-rounds/{round_id}/stops/{stop['id']}" for stop in taken["stops"])
        lease = {"lease_epoch": 1}
        assert said(http.post(f"{gate}/arrive", json=lease))["unreachable_why"] == "offline"
        judged = said(http.post(f"{gate}/verdict", json={**lease, "verdict": "camera-fault", "note": "dark"}))
        said(http.post(f"{yard}/arrive", json=lease))
        counted = said(http.post(f"{yard}/presence", json={**lease, **WATCHED}))
        child.process.send_signal(signal.SIGKILL)
        child.process.wait(5)
    with serving(file, **environ) as child, logged_in(child) as http:
        found = said(http.get(f"/patrol-rounds/{round_id}"))
        assert (found["state"], found["lease_epoch"], found["current"]) == ("running", 1, 1)
        assert found["stops"] == [judged, counted]
        resumed = said(http.post(f"/patrol-rounds/{round_id}/resume"))
        assert resumed["lease_epoch"] == 2
        (ticket,) = said(http.get(f"{gate}/assist"))["open_tickets"]
        assert (ticket["id"], ticket["source"]) == (judged["ticket_id"], round_id)
        lease = {"lease_epoch": 2}
        said(http.post(f"{yard}/verdict", json={**lease, "verdict": "cannot-judge"}))
        over = said(http.post(f"/patrol-rounds/{round_id}/finish", json=lease))
        assert (over["state"], over["done_count"]) == ("completed", 2)
        assert [item["act"] for item in over["history"]] == ["due", "take", "resume", "finish"]
