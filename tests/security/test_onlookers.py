"""How a camera is reached is told to who manages it, and to nobody else: one could go to it past the site."""

from typing import Any

import pytest

from tests.security.town import API, Town
from tests.vms_api.event_client import EventClient, take

pytestmark = pytest.mark.anyio

HOST = "192.0.2.77"
REACHED = {"address": f"rtsp://{HOST}/main", "sub_address": f"rtsp://{HOST}/sub", "username": "operator"}
HIDDEN = dict.fromkeys(REACHED)


def how(camera: dict[str, Any]) -> dict[str, Any]:
    return {key: camera[key] for key in REACHED}


@pytest.mark.parametrize(
    ("caller", "told"), [("here", HIDDEN), ("dispatcher", HIDDEN), ("auditor", HIDDEN), ("maintainer", REACHED)]
)
async def test_addresses_are_for_who_manages_the_camera(town: Town, caller: str, told: dict[str, Any]) -> None:
    """In the list, alone, and in the events of a change; that there is a second stream everybody knows."""
    admin, http = town.callers["admin"], town.callers[caller]
    body = {"name": f"Seen by {caller}", "area_id": town.here, **REACHED}
    camera = (await admin.post(f"{API}/cameras", json=body)).json()
    assert how(camera) == REACHED
    path = f"{API}/cameras/{camera['id']}"
    alone = (await http.get(path)).json()
    listed = next(one for one in (await http.get(f"{API}/cameras")).json()["items"] if one["id"] == camera["id"])
    async with EventClient(http).connected() as frames:
        await take(frames, "hello")
        await admin.patch(path, json={"name": f"Changed for {caller}"})
        event = (await take(frames, "camera.changed")).data
    assert [how(one) for one in (alone, listed, event)] == [told] * 3
    assert [one["has_sub_stream"] for one in (alone, listed, event)] == [True] * 3
    assert event["name"] == f"Changed for {caller}"


async def test_no_other_answer_names_the_host(town: Town) -> None:
    """Nothing that somebody who only looks may ask about the camera names where it is."""
    body = {"name": "Quiet", "area_id": town.here, **REACHED}
    camera = (await town.callers["admin"].post(f"{API}/cameras", json=body)).json()
    for end in ("", "/health", "/zones", "/rules", "/masks"):
        answer = await town.callers["here"].get(f"{API}/cameras/{camera['id']}{end}")
        assert answer.status_code == 200, end
        assert HOST not in answer.text, end
