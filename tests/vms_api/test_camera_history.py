"""What has become of a camera over time, and its figures for Prometheus."""

import asyncio
from typing import Any

import pytest

from ingest.identifier import new_identifier
from tests.fakes.node import START, FakeNode, live_health
from tests.vms_api.conftest import Site, until

pytestmark = pytest.mark.anyio

DAY = "2026-11-21"


async def change(node: FakeNode, camera_id: str, at: str, state: str, role: str = "main", **more: Any) -> None:
    """The node tells that a stream came into a state."""
    payload = {"id": new_identifier(), "camera_id": camera_id, "role": role, "state": state, "at": at, **more}
    assert (await asyncio.to_thread(node.deliver, payload, "camera_state")).status_code == 204


async def history(site: Site, camera_id: str, **query: str) -> Any:
    """The answer's JSON."""
    return (await site.http.get(f"/api/v1/cameras/{camera_id}/history", params=query)).json()


async def test_changes_are_told_in_order_with_how_the_time_began(site: Site) -> None:
    """The last change before the time asked about comes first; other cameras and later changes stay out."""
    camera, node = await site.add_camera(), await site.start_node()
    fault = {"code": "host-refused", "message": "nobody listens", "at": START}
    await change(node, camera["id"], f"{DAY}T07:00:00Z", "opening")
    await change(node, camera["id"], f"{DAY}T08:00:00Z", "live")
    await change(node, camera["id"], f"{DAY}T10:00:00Z", "waiting", fault=fault)
    await change(node, camera["id"], f"{DAY}T09:30:00Z", "silent", role="sub")
    await change(node, camera["id"], f"{DAY}T12:00:00Z", "live")
    await change(node, "another", f"{DAY}T10:00:00Z", "live")
    told = await history(site, camera["id"], **{"from": f"{DAY}T09:00:00Z", "to": f"{DAY}T12:00:00Z"})
    assert [(row["at"][11:16], row["role"], row["state"]) for row in told["states"]] == [
        ("08:00", "main", "live"),
        ("09:30", "sub", "silent"),
        ("10:00", "main", "waiting"),
    ]
    assert told["states"][2]["fault"]["code"] == "host-refused"
    assert (told["gaps"], told["complete"]) == ([], True)


async def test_gaps_of_the_recording_are_told_beside(site: Site) -> None:
    """Those that touch the time asked about; one that goes on has no end."""
    camera, node = await site.add_camera(), await site.start_node()
    for begin, end, reason in (("08", "10", "camera-offline"), ("10", None, "disk-full"), ("05", "06", "node-down")):
        gap = {
            "id": new_identifier(),
            "camera_id": camera["id"],
            "started_at": f"{DAY}T{begin}:30:00Z",
            "ended_at": f"{DAY}T{end}:00:00Z" if end else None,
            "reason": reason,
        }
        assert (await asyncio.to_thread(node.deliver, gap, "gap")).status_code == 204
    told = await history(site, camera["id"], **{"from": f"{DAY}T09:00:00Z", "to": f"{DAY}T12:00:00Z"})
    assert [(gap["from"][11:16], gap["to"] and gap["to"][11:16], gap["reason"]) for gap in told["gaps"]] == [
        ("08:30", "10:00", "camera-offline"),
        ("10:30", None, "disk-full"),
    ]


async def test_the_usual_time_is_the_last_day(site: Site) -> None:
    """Whoever names no time gets the day that ends now."""
    camera, node = await site.add_camera(), await site.start_node()
    await change(node, camera["id"], "2020-01-01T00:00:00Z", "live")
    told = await history(site, camera["id"])
    assert [row["at"][:4] for row in told["states"]] == ["2020"]


@pytest.mark.parametrize(
    ("begin", "end", "code"),
    [
        (f"{DAY}T09:00:00Z", f"{DAY}T09:00:00Z", "range-empty"),
        ("2020-01-01T00:00:00Z", f"{DAY}T00:00:00Z", "range-too-long"),
    ],
)
async def test_times_that_make_no_sense_are_refused(site: Site, begin: str, end: str, code: str) -> None:
    """Ten years are a report, not a look."""
    camera = await site.add_camera()
    told = await history(site, camera["id"], **{"from": begin, "to": end})
    assert (told["status"], told["errors"][0]["code"]) == (422, code)


async def test_recording_and_a_frozen_picture_are_told_beside_the_state(site: Site) -> None:
    """A live camera that is not recorded, and whose picture stands still, says both."""
    camera, node = await site.add_camera(), await site.start_node()
    recording = {"state": "waiting", "reason": "disk-full", "since": START, "last_written_at": START, "volume_id": "v"}
    health = live_health()
    health["streams"][0] |= {"frozen": True, "drops": {"lost": 7}, "clock_offset_s": -3600.5, "frame_rate": 25.0}
    health["streams"][0]["decoding"] = {"on_gpu": False, "gpu_bytes": 0, "refusal": "full", "refusals": {"full": 2}}
    node.health = lambda _camera_id: health | {"recording": recording, "frozen": True}

    def frozen() -> bool:
        entry = site.control.health._entries.get(camera["id"])
        return entry is not None and entry.health.frozen

    await until(frozen)
    told = (await site.http.get(f"/api/v1/cameras/{camera['id']}/health")).json()
    assert (told["state"], told["recording"]["reason"], told["frozen"]) == ("live", "disk-full", True)
    assert (told["streams"][0]["drops"], told["streams"][0]["clock_offset_s"]) == ({"lost": 7}, -3600.5)
    text = (await site.http.get("/metrics")).text
    place = f'camera_id="{camera["id"]}",role="main"'
    assert f"xueliang_stream_frozen{{{place}}} 1.0" in text
    assert f'xueliang_stream_drops{{camera_id="{camera["id"]}",cause="lost",role="main"}} 7.0' in text
    assert f'xueliang_stream_gpu_refusals{{camera_id="{camera["id"]}",cause="full",role="main"}} 2.0' in text
    assert f"xueliang_stream_decoded_on_gpu{{{place}}} 0.0" in text
    assert f'xueliang_camera_recording{{camera_id="{camera["id"]}"}} 0.0' in text
    await site.http.delete(f"/api/v1/cameras/{camera['id']}")
    assert camera["id"] not in (await site.http.get("/metrics")).text


async def test_a_token_for_figures_alone_tells_of_no_single_camera(site: Site) -> None:
    """Without camera.view there are sums over all cameras only."""
    camera, _ = await site.add_camera(), await site.start_node()
    body = {"name": "prometheus", "scopes": ["system.view"]}
    token = (await site.http.post("/api/v1/tokens", json=body)).json()["token"]
    async with site.anonymous() as scraper:
        answer = await scraper.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert "xueliang_cameras{" in answer.text
    assert camera["id"] not in answer.text
