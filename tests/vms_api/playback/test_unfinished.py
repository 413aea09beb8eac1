"""The minute that is just being recorded: on the timeline and played, before its file is whole."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.recording.segment import SegmentInfo
from tests.fakes.node import problem
from tests.fakes.recording import Unfinished, write_recording
from tests.fakes.segment import clip_packets
from tests.vms_api.audit.trail import trail
from tests.vms_api.playback.recorded_site import API, FPS, RecordedSite
from tests.vms_api.playback.test_playback import pictures
from vms_api.accounts.permission import Role

pytestmark = pytest.mark.anyio


class Now:
    """Two seconds in a file that is whole, three of the next: the pictures of the last ten seconds."""

    def __init__(self, recorded: RecordedSite) -> None:
        self.recorded = recorded
        self.start = datetime.now(UTC) - timedelta(seconds=10)
        packets = clip_packets(recorded.clip, epoch=3, camera_id=recorded.camera_id)
        written = write_recording(recorded.node.volume, packets[: 2 * FPS], started_at=self.start)
        later = self.start + timedelta(seconds=2)
        (last,) = write_recording(recorded.node.volume, packets[2 * FPS : 8 * FPS], 6, started_at=later)
        self.whole: list[SegmentInfo] = written
        self.unfinished = Unfinished(recorded.node.volume, last, 3.2)
        recorded.node.open_segments = [self.unfinished.report()]

    def at(self, seconds: float) -> str:
        return (self.start + timedelta(seconds=seconds)).isoformat()

    async def play(self, http: Any = None) -> Any:
        http = http or self.recorded.http
        body = {"from": self.at(0), "to": self.at(10)}
        return await http.post(f"{API}/cameras/{self.recorded.camera_id}/playback", json=body)

    async def timeline(self) -> Any:
        asked = {"from": self.at(0), "to": self.at(10)}
        return await self.recorded.http.get(f"{API}/cameras/{self.recorded.camera_id}/recordings", params=asked)


@pytest.fixture
async def now(recorded: RecordedSite) -> Now:
    made = Now(recorded)
    await recorded.index(made.whole)
    await recorded.state_purpose()
    return made


def lengths(document: Any) -> list[tuple[str, float]]:
    def length(span: dict[str, str]) -> float:
        return (datetime.fromisoformat(span["to"]) - datetime.fromisoformat(span["from"])) / timedelta(seconds=1)

    return [(span["kind"], round(length(span), 3)) for span in document["spans"]]


async def test_it_is_on_the_timeline_and_played(now: Now) -> None:
    """What is on disk as of now, in one with the file before it; what comes later is of the next playback."""
    timeline = (await now.timeline()).json()
    assert lengths(timeline) == [("recorded", 5.0)]
    assert timeline["coverage"]["recorded_s"] == pytest.approx(5.0)
    document = (await now.play()).json()
    assert lengths(document)[0] == ("recorded", 5.0)
    now.unfinished.grow(5)
    runs = await now.recorded.media(document["playlist_url"])
    assert sum(len(pictures(run)) for run in runs) == 5 * FPS
    assert [row["kind"] for row in await trail(now.recorded.site)][-1] == "playback.view"


async def test_the_picture_of_a_moment_ago(now: Now) -> None:
    """Is there, and its look recorded."""
    url = f"{API}/cameras/{now.recorded.camera_id}/recordings/snapshot.jpg"
    answer = await now.recorded.http.get(url, params={"at": now.at(4.55)})
    assert (answer.status_code, answer.headers["X-Captured-At"]) == (200, now.at(4.5))
    assert [row["kind"] for row in await trail(now.recorded.site)][-1] == "picture.past"


async def test_it_is_counted_once_when_it_is_whole(now: Now) -> None:
    """The index has it, and the node still tells of it."""
    document = (await now.play()).json()
    await now.recorded.index([now.unfinished.finish()])
    assert sum(len(pictures(run)) for run in await now.recorded.media(document["playlist_url"])) == 5 * FPS
    assert lengths((await now.timeline()).json())[0] == ("recorded", 8.0)
    again = (await now.play()).json()
    assert sum(len(pictures(run)) for run in await now.recorded.media(again["playlist_url"])) == 8 * FPS


async def test_it_is_withheld_as_whole_files_are(now: Now) -> None:
    """From whoever may not see the camera unmasked, once masks were drawn over its older pictures."""
    polygon = {"name": "window", "points": [[0, 0], [1, 0], [1, 1]]}
    masks = f"{API}/cameras/{now.recorded.camera_id}/masks"
    assert (await now.recorded.http.put(masks, json={"polygons": [polygon], "base_version": 0})).is_success
    async with now.recorded.logged_in("li", Role.DISPATCHER) as li:
        await now.recorded.state_purpose(li)
        document = (await now.play(li)).json()
        assert lengths(document)[0] == ("withheld", 5.0)
        assert await now.recorded.media(document["playlist_url"], li) == []


async def test_a_node_that_says_nothing_costs_no_more_than_the_open_file(now: Now) -> None:
    """The timeline ends with the index, and the page is told of no error."""
    now.recorded.node.answers["GET /internal/v1/recordings/open"] = problem(500, "internal-error", "broken")
    answer = await now.timeline()
    assert answer.status_code == 200
    assert lengths(answer.json())[0] == ("recorded", 2.0)
    assert (await now.play()).status_code == 201
