"""Rules tried on recordings: real files, the node's own chain, over the API."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.fakes.segment import STARTED_AT
from tests.vms_api.audit.trail import trail
from tests.vms_api.playback.recorded_site import API, FIRST_S, HOLE_S, SECOND_S, RecordedSite, at
from vms_api.accounts.permission import Role

pytestmark = pytest.mark.anyio

END_S = FIRST_S + HOLE_S + SECOND_S
WHOLE = [[0, 0], [1, 0], [1, 1], [0, 1]]


async def draft(recorded: RecordedSite, kind: str = "intrusion", **fields: Any) -> dict[str, Any]:
    """A rule for what moves anywhere in the picture."""
    is_line = kind in {"line_crossing", "wrong_way"}
    zone = {"name": "all", "kind": "line" if is_line else "area", "points": WHOLE[:2] if is_line else WHOLE}
    answer = await recorded.http.post(f"{API}/cameras/{recorded.camera_id}/zones", json=zone)
    rule = {"name": "Try", "kind": kind, "zone_id": answer.json()["id"], "labels": ["motion"], "cooldown_s": 0}
    return {**rule, **fields}


async def simulate(recorded: RecordedSite, rule: dict[str, Any], from_s: float = 0, to_s: float = END_S) -> Any:
    body = {"rule": rule, "from": at(from_s), "to": at(to_s)}
    return await recorded.http.post(f"{API}/cameras/{recorded.camera_id}/rules/simulate", json=body)


async def ended(recorded: RecordedSite, simulation_id: str) -> dict[str, Any]:
    """What it says when it runs no longer."""
    async with asyncio.timeout(30):
        while True:
            path = f"{API}/cameras/{recorded.camera_id}/rules/simulations/{simulation_id}"
            told: dict[str, Any] = (await recorded.http.get(path)).json()
            if told["state"] != "running":
                return told
            await asyncio.sleep(0.05)


async def tried(recorded: RecordedSite, rule: dict[str, Any], *span: float) -> dict[str, Any]:
    answer = await simulate(recorded, rule, *span)
    assert answer.status_code == 202, answer.text
    return await ended(recorded, answer.json()["id"])


def seconds_of(told: dict[str, Any]) -> list[float]:
    return [(datetime.fromisoformat(item["at"]) - STARTED_AT) / timedelta(seconds=1) for item in told["items"]]


async def test_a_simulation_tells_what_the_rule_would_have_raised(recorded: RecordedSite) -> None:
    """The square that walks is told once before the gap and once after it, at the times of the recording."""
    told = await tried(recorded, await draft(recorded))
    assert (told["state"], told["progress"], told["unreadable"], told["detector"]) == ("done", 1.0, 0, "motion")
    assert told["recorded_s"] == FIRST_S + SECOND_S
    assert told["count"] == len(told["items"]) >= 1
    times = seconds_of(told)
    assert all(0 <= s <= FIRST_S or FIRST_S + HOLE_S <= s <= END_S for s in times)
    assert min(times) <= FIRST_S
    assert {item["label"] for item in told["items"]} == {"motion"}
    assert all(0 <= edge <= 1 for item in told["items"] for edge in item["box"])


async def test_only_the_range_that_was_asked_for_is_told(recorded: RecordedSite) -> None:
    """Files that reach beyond it are read, and what lies beyond is not told."""
    told = await tried(recorded, await draft(recorded), 0.0, 4.0)
    assert all(s < 4.0 for s in seconds_of(told))
    assert 3.0 <= told["seen_s"] <= 4.0


async def test_schedules_are_read_at_the_time_of_the_recording(recorded: RecordedSite) -> None:
    """It was recorded at 16:00 in Shanghai: a rule for the night raises nothing."""
    night = {"windows": [{"days": list(range(7)), "start": "22:00", "end": "06:00"}]}
    told = await tried(recorded, await draft(recorded, schedule=night))
    assert (told["state"], told["count"]) == ("done", 0)


async def test_the_masks_of_today_apply(recorded: RecordedSite) -> None:
    """What they cover moves no more, also in what was recorded before they were drawn."""
    rule = await draft(recorded)
    mask = {"polygons": [{"name": "all", "points": WHOLE}], "base_version": 0}
    assert (await recorded.http.put(f"{API}/cameras/{recorded.camera_id}/masks", json=mask)).is_success
    told = await tried(recorded, rule)
    assert (told["state"], told["count"]) == ("done", 0)
    assert told["seen_s"] > FIRST_S


async def test_files_that_are_gone_are_counted(recorded: RecordedSite) -> None:
    """The rest is tried."""
    next(iter(sorted(recorded.node.volume.rglob("*.mp4")))).unlink()
    told = await tried(recorded, await draft(recorded))
    assert (told["state"], told["unreadable"]) == ("done", 1)


async def test_one_runs_at_a_time_and_can_be_cancelled(recorded: RecordedSite) -> None:
    """A second is refused while the first runs; a cancelled one says so."""
    rule = await draft(recorded)
    first = (await simulate(recorded, rule)).json()
    second = await simulate(recorded, rule)
    path = f"{API}/cameras/{recorded.camera_id}/rules/simulations/{first['id']}"
    assert (await recorded.http.delete(path)).status_code == 204
    last = await ended(recorded, first["id"])
    if second.status_code != 202:  # else the first had ended before the second came
        assert (second.status_code, second.json()["code"]) == (409, "simulation-busy")
    assert last["state"] in {"cancelled", "done"}


@pytest.mark.parametrize(
    ("span", "changed", "code"),
    [
        ((0, 3601), {}, "invalid-request"),
        ((5, 5), {}, "invalid-request"),
        ((7, 20), {}, "not-recorded"),
        ((0, 5), {"zone_id": "none"}, "zone-kind-wrong"),
        ((0, 5), {"kind": "wrong_way"}, "zone-kind-wrong"),
        ((0, 5), {"labels": ["face"]}, "invalid-request"),
    ],
)
async def test_what_cannot_be_tried_is_refused(
    recorded: RecordedSite, span: tuple[float, float], changed: dict[str, Any], code: str
) -> None:
    """More than an hour, nothing, nothing recorded, and rules that could not be stored either."""
    answer = await simulate(recorded, {**await draft(recorded), **changed}, *span)
    assert answer.json()["code"] == code


async def test_it_is_for_who_manages_rules_of_that_camera_and_is_audited(recorded: RecordedSite) -> None:
    """Others get nothing; a simulation of another camera is not found under this one."""
    told = await tried(recorded, await draft(recorded))
    (row,) = [row for row in await trail(recorded.site) if row["kind"] == "rule.simulate"]
    assert (row["camera_id"], row["subject"]) == (recorded.camera_id, told["id"])
    other = await recorded.site.add_camera("Other")
    path = f"{API}/cameras/{other['id']}/rules/simulations/{told['id']}"
    assert (await recorded.http.get(path)).status_code == 404
    async with recorded.logged_in("wang", Role.VIEWER) as wang:
        path = f"{API}/cameras/{recorded.camera_id}/rules/simulations/{told['id']}"
        assert (await wang.get(path)).status_code == 403
