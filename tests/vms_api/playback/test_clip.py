"""The film of an alert: real files, the node's own routes, and what a player makes of it."""

import asyncio
import io
from datetime import datetime, timedelta
from typing import Any

import av
import httpx
import numpy as np
import pytest

from ingest.identifier import new_identifier
from tests.fakes.node import alert_payload
from tests.fakes.segment import STARTED_AT
from tests.vms_api.audit.trail import trail
from tests.vms_api.playback.recorded_site import API, FIRST_S, FPS, HOLE_S, RecordedSite, at
from vms_api.accounts.permission import Role

pytestmark = pytest.mark.anyio


async def alert_at(recorded: RecordedSite, seconds: float) -> str:
    """An alert of so many seconds after the first picture."""
    alert_id, moment = new_identifier(), at(seconds)
    payload = alert_payload(alert_id, recorded.camera_id, frame_received_at=moment, raised_at=moment)
    await asyncio.to_thread(recorded.node.deliver, payload)
    return alert_id


async def clip(recorded: RecordedSite, alert_id: str, http: httpx.AsyncClient | None = None) -> Any:
    return await (http or recorded.http).get(f"{API}/alerts/{alert_id}/clip.mp4")


def shown_s(answer: httpx.Response) -> tuple[float, float]:
    """From when to when, in seconds after the first picture."""
    edges = (datetime.fromisoformat(answer.headers[name]) for name in ("X-Shown-From", "X-Shown-To"))
    begins, ends = ((edge - STARTED_AT) / timedelta(seconds=1) for edge in edges)
    return round(begins, 2), round(ends, 2)


def pictures(data: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(data), format="mp4") as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


async def test_a_clip_shows_what_was_recorded_about_the_moment(recorded: RecordedSite) -> None:
    """Over the borders of three files, to where the camera was lost; the same pictures, encoded by nobody again."""
    await recorded.state_purpose()
    alert_id = await alert_at(recorded, 5.5)
    answer = await clip(recorded, alert_id)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "video/mp4"), answer.text
    assert shown_s(answer) == (0.5, FIRST_S)
    shown, recorded_pictures = pictures(answer.content), pictures(recorded.clip.read_bytes())
    assert len(shown) == round((FIRST_S - 0.5) * FPS)
    assert np.array_equal(shown[0], recorded_pictures[5])
    assert np.array_equal(shown[-1], recorded_pictures[round(FIRST_S * FPS) - 1])


async def test_the_run_of_the_moment_is_shown_not_the_other_side_of_a_gap(recorded: RecordedSite) -> None:
    """An alert right after the camera came back: nothing of what was before."""
    await recorded.state_purpose()
    answer = await clip(recorded, await alert_at(recorded, FIRST_S + HOLE_S + 1))
    assert shown_s(answer)[0] == FIRST_S + HOLE_S


async def test_it_is_audited_as_a_look_with_its_purpose(recorded: RecordedSite) -> None:
    """Without a purpose nothing is shown; with one the row tells which alert and which seconds."""
    alert_id = await alert_at(recorded, 3.0)
    refused = await clip(recorded, alert_id)
    assert (refused.status_code, refused.json()["code"]) == (403, "purpose-required")
    await recorded.state_purpose()
    assert (await clip(recorded, alert_id)).status_code == 200
    (row,) = [row for row in await trail(recorded.site) if row["kind"] == "picture.clip"]
    assert (row["camera_id"], row["subject"], row["purpose"]["key"]) == (recorded.camera_id, alert_id, "incident")
    assert set(row["detail"]) == {"from", "to"}


async def test_who_may_not_play_back_gets_no_film(recorded: RecordedSite) -> None:
    """A viewer sees the alert, but not the past."""
    alert_id = await alert_at(recorded, 3.0)
    async with recorded.logged_in("wang", Role.VIEWER) as wang:
        assert (await wang.get(f"{API}/alerts/{alert_id}")).status_code == 200
        assert (await clip(recorded, alert_id, wang)).status_code == 403


async def test_what_is_withheld_or_missing_says_so(recorded: RecordedSite) -> None:
    """Nothing was recorded in the gap; masks drawn since withhold the rest from who may not unmask."""
    async with recorded.logged_in("zhang", Role.DISPATCHER) as zhang:
        await recorded.state_purpose(zhang)
        in_gap, in_film = await alert_at(recorded, FIRST_S + HOLE_S / 2), await alert_at(recorded, 3.0)
        missing = await clip(recorded, in_gap, zhang)
        assert (missing.status_code, missing.json()["code"]) == (404, "not-recorded")
        mask = {"polygons": [{"name": "window", "points": [[0.1, 0.1], [0.2, 0.1], [0.2, 0.2]]}], "base_version": 0}
        masked = await recorded.http.put(f"{API}/cameras/{recorded.camera_id}/masks", json=mask)
        assert masked.is_success
        withheld = await clip(recorded, in_film, zhang)
        assert (withheld.status_code, withheld.json()["code"]) == (403, "recording-withheld")


async def test_no_file_no_film(recorded: RecordedSite) -> None:
    """Files that are gone are a refusal with a name, not an empty film."""
    await recorded.state_purpose()
    alert_id = await alert_at(recorded, 3.0)
    for path in recorded.node.volume.rglob("*.mp4"):
        path.unlink()
    answer = await clip(recorded, alert_id)
    assert (answer.status_code, answer.json()["code"]) == (404, "recording-missing")
