"""Playback over the API: real files, the node's own routes, and what a player makes of the playlists."""

import io
from datetime import datetime, timedelta

import av
import numpy as np
import pytest

from ingest.recording.picture_group import picture_groups
from ingest.recording.segment_reader import SegmentReader
from tests.fakes.recording import write_recording
from tests.fakes.segment import STARTED_AT, clip_packets
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import until
from tests.vms_api.playback.recorded_site import API, FIRST_S, FPS, HOLE_S, SECOND_S, RecordedSite, at
from vms_api.accounts.permission import Role

pytestmark = pytest.mark.anyio

END_S = FIRST_S + HOLE_S + SECOND_S


def pictures(data: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(data), format="mp4") as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def clip_pictures(recorded: RecordedSite) -> list[np.ndarray]:
    return pictures(recorded.clip.read_bytes())


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_what_was_recorded_is_played(recorded: RecordedSite) -> None:
    """Every picture, over the border of files; time that is missing is a discontinuity and a span with its reason."""
    await recorded.state_purpose()
    opened = await recorded.play(0, END_S)
    assert opened.status_code == 201, opened.text
    document = opened.json()
    kinds = [(span["kind"], span["reason"], _length_s(span)) for span in document["spans"]]
    assert kinds == [("recorded", None, FIRST_S), ("gap", "camera-offline", HOLE_S), ("recorded", None, SECOND_S)]
    text = (await recorded.http.get(document["playlist_url"])).text
    assert text.count("#EXT-X-DISCONTINUITY") == 1
    assert f"#EXT-X-PROGRAM-DATE-TIME:2026-11-21T08:00:{FIRST_S + HOLE_S:.0f}.000Z" in text
    runs = await recorded.media(document["playlist_url"])
    shown = [picture for run in runs for picture in pictures(run)]
    wanted = clip_pictures(recorded)
    assert len(runs) == 2
    assert len(shown) == len(wanted) == 100
    assert all(np.array_equal(one, other) for one, other in zip(shown, wanted, strict=True))


def _length_s(span: dict[str, str]) -> float:
    length = datetime.fromisoformat(span["to"]) - datetime.fromisoformat(span["from"])
    return round(length / timedelta(seconds=1), 3)


async def test_key_frames_play_on_the_same_clock(recorded: RecordedSite) -> None:
    """One picture a second, each as long as its group, for speeds at which nobody needs more."""
    await recorded.state_purpose()
    document = (await recorded.play(0, END_S, speed_class="keyframes")).json()
    runs = await recorded.media(document["playlist_url"])
    assert [len(pictures(run)) for run in runs] == [FIRST_S, SECOND_S]
    with av.open(io.BytesIO(runs[0]), format="mp4") as container:
        times = [float(frame.pts * frame.time_base) for frame in container.decode(video=0)]
    assert times == [0, 1, 2, 3, 4, 5]
    wanted = clip_pictures(recorded)
    shown = [picture for run in runs for picture in pictures(run)]
    assert all(np.array_equal(one, wanted[10 * n]) for n, one in enumerate(shown))


async def test_a_playback_is_its_owners_alone_and_ends_with_the_right(recorded: RecordedSite) -> None:
    """Another person finds nothing; who loses the right is refused at the next part."""
    async with recorded.logged_in("zhang", Role.DISPATCHER) as zhang:
        await recorded.state_purpose(zhang)
        url = (await recorded.play(0, 6, zhang)).json()["playlist_url"]
        assert (await zhang.get(url)).status_code == 200
        assert code(await recorded.http.get(url)) == (404, "not-found")
        grants = (await recorded.http.get(f"{API}/grants")).json()["items"]
        (grant,) = [one for one in grants if one["role"] == "dispatcher"]
        await recorded.http.delete(f"{API}/grants/{grant['id']}")
        assert (await zhang.get(url)).status_code == 404
        playbacks = recorded.site.control.playback.board
        await until(lambda: len(playbacks) == 0)
        await playbacks.sweep()
    rows = [row for row in await trail(recorded.site) if row["kind"].startswith("playback")]
    assert [row["kind"] for row in rows] == ["playback.view", "playback.end"]
    assert rows[1]["detail"]["reason"] == "right ended"


async def test_it_is_recorded_why_who_what_and_for_how_long(recorded: RecordedSite) -> None:
    """Without a purpose there is no playback; the rows name range, purpose and duration."""
    assert code(await recorded.play(0, 6)) == (403, "purpose-required")
    await recorded.state_purpose()
    opened = (await recorded.play(0, 6)).json()
    await recorded.http.get(opened["playlist_url"])
    assert (await recorded.http.delete(f"{API}/playbacks/{opened['id']}")).status_code == 204
    assert (await recorded.http.get(opened["playlist_url"])).status_code == 404
    start, end = [row for row in await trail(recorded.site) if row["kind"].startswith("playback")]
    assert (start["subject"], start["purpose"]["key"], start["camera_id"]) == (
        opened["id"],
        "incident",
        recorded.camera_id,
    )
    assert (start["detail"]["from"], start["detail"]["to"]) == (at(0), at(6))
    assert end["detail"]["reason"] == "closed"
    assert end["detail"]["duration_s"] >= 0


async def test_what_cannot_be_played_is_said(recorded: RecordedSite) -> None:
    """Nothing recorded, which is no error, too much at once, no span, a part that the playlist does not have."""
    await recorded.state_purpose()
    empty = (await recorded.play(10, 20)).json()
    assert [span["kind"] for span in empty["spans"]] == ["gap"]
    assert await recorded.media(empty["playlist_url"]) == []
    assert code(await recorded.play(0, 6 * 3600 + 1)) == (422, "playback-too-long")
    assert code(await recorded.play(6, 6)) == (422, "invalid-request")
    opened = (await recorded.play(0, 6)).json()
    for part in ("init-7.mp4", f"{recorded.infos[0].recording_id}/0-99.m4s", "nothing/0-1.m4s"):
        assert code(await recorded.http.get(f"{API}/playbacks/{opened['id']}/{part}")) == (404, "not-found")


async def test_damage_costs_no_more_than_what_it_hit(recorded: RecordedSite) -> None:
    """A file that was cut short plays up to there and says so; one that is gone leaves a hole, not an error."""
    path = recorded.node.volume / recorded.infos[0].path
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 4])
    (recorded.node.volume / recorded.infos[1].path).unlink()
    await recorded.state_purpose()
    opened = (await recorded.play(0, 6)).json()
    runs = await recorded.media(opened["playlist_url"])
    assert [len(pictures(run)) for run in runs] == [10, 20]
    names = [n for n in (await recorded.http.get(opened["playlist_url"])).text.splitlines() if n.endswith(".m4s")]
    answer = await recorded.http.get(f"{API}/playbacks/{opened['id']}/{names[0]}")
    assert answer.headers["X-Damage"].startswith("the file ends too early at byte")
    spans = (await recorded.play(0, 6)).json()["spans"]
    assert [(span["damaged"], _length_s(span)) for span in spans] == [(True, 2.0), (False, 4.0)]


async def test_a_flipped_bit_costs_a_group_of_pictures_and_is_named(recorded: RecordedSite) -> None:
    """Noticed when it is met; what is behind it plays at its own time, and from then on the timeline says so."""
    packets = clip_packets(recorded.clip, epoch=9, camera_id=recorded.camera_id)
    start = STARTED_AT + timedelta(seconds=100)
    (info,) = write_recording(recorded.node.volume, packets[: 6 * FPS], 6, started_at=start)
    await recorded.index([info])
    path = recorded.node.volume / info.path
    with SegmentReader(path) as reader:
        hit = picture_groups(reader)[2].fragments[0].offset
    data = bytearray(path.read_bytes())
    data[hit + 5] ^= 0x10
    path.write_bytes(data)
    await recorded.state_purpose()
    before = (await recorded.play(100, 106)).json()
    assert [span["damaged"] for span in before["spans"]] == [False]
    assert sum(len(pictures(run)) for run in await recorded.media(before["playlist_url"])) == 50
    after = (await recorded.play(100, 106)).json()
    assert [span["damaged"] for span in after["spans"]] == [True]
    playlist = (await recorded.http.get(after["playlist_url"])).text
    assert "#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-21T08:01:43.000Z" in playlist
    assert [len(pictures(run)) for run in await recorded.media(after["playlist_url"])] == [20, 30]
    asked = {"from": at(100), "to": at(106)}
    timeline = await recorded.http.get(f"{API}/cameras/{recorded.camera_id}/recordings", params=asked)
    assert [span["damaged"] for span in timeline.json()["spans"]] == [True]


async def test_a_file_that_the_disk_does_not_give_is_not_called_damaged(recorded: RecordedSite) -> None:
    """The volume may be back tomorrow."""
    for info in recorded.infos:
        (recorded.node.volume / info.path).unlink()
    await recorded.state_purpose()
    opened = (await recorded.play(0, 6)).json()
    assert await recorded.media(opened["playlist_url"]) == []
    assert [span["damaged"] for span in (await recorded.play(0, 6)).json()["spans"]] == [False]


async def test_times_that_two_files_claim_are_shown_once(recorded: RecordedSite) -> None:
    """A node that was replaced while it still ran: another file of the same seconds, and of two more."""
    packets = clip_packets(recorded.clip, epoch=9, camera_id=recorded.camera_id)
    start = STARTED_AT + timedelta(seconds=4)
    twice = write_recording(recorded.node.volume, packets[: 4 * FPS], 4, started_at=start, node_epoch=2)
    await recorded.index(twice)
    await recorded.state_purpose()
    opened = (await recorded.play(0, 10)).json()
    told = [(span["kind"], _length_s(span)) for span in opened["spans"]]
    assert told == [("recorded", 8.0), ("gap", 2.0)]
    runs = await recorded.media(opened["playlist_url"])
    assert [len(pictures(run)) for run in runs] == [60, 20]


async def test_the_picture_of_an_instant(recorded: RecordedSite) -> None:
    """The last one at or before it; inside the gap there is none."""
    await recorded.state_purpose()
    url = f"{API}/cameras/{recorded.camera_id}/recordings/snapshot.jpg"
    answer = await recorded.http.get(url, params={"at": at(2.34)})
    assert answer.status_code == 200, answer.text
    captured = datetime.fromisoformat(answer.headers["X-Captured-At"])
    assert captured - STARTED_AT == timedelta(seconds=2.3)
    with av.open(io.BytesIO(answer.content), format="jpeg_pipe") as container:
        shown = next(container.decode(video=0)).to_ndarray(format="gray")
    wanted = clip_pictures(recorded)[round(2.3 * FPS)]
    assert np.abs(shown.astype(int) - wanted.astype(int)).mean() < 4
    assert code(await recorded.http.get(url, params={"at": at(15)})) == (404, "not-recorded")
    (row,) = [row for row in await trail(recorded.site) if row["kind"] == "picture.past"]
    assert row["detail"]["at"] == at(2.34)


async def test_what_was_recorded_before_the_masks_is_withheld(recorded: RecordedSite) -> None:
    """From who may not unmask, also in a playback that was open before; a supervisor sees it."""
    masks = f"{API}/cameras/{recorded.camera_id}/masks"
    polygon = {"name": "window", "points": [[0, 0], [1, 0], [1, 1]]}
    async with recorded.logged_in("li", Role.DISPATCHER) as li, recorded.logged_in("wang", Role.SUPERVISOR) as wang:
        await recorded.state_purpose(li)
        await recorded.state_purpose(wang)
        before = (await recorded.play(0, 6, li)).json()["playlist_url"]
        await recorded.http.put(masks, json={"polygons": [polygon], "base_version": 0})
        part = next(n for n in (await li.get(before)).text.splitlines() if n.endswith(".m4s"))
        assert code(await li.get(before.replace("index.m3u8", part))) == (403, "recording-withheld")
        after = (await recorded.play(0, 6, li)).json()
        assert [span["kind"] for span in after["spans"]] == ["withheld"]
        assert await recorded.media(after["playlist_url"], li) == []
        url = f"{API}/cameras/{recorded.camera_id}/recordings/snapshot.jpg"
        assert code(await li.get(url, params={"at": at(1)})) == (403, "recording-withheld")
        assert (await recorded.play(0, 6, wang)).status_code == 201


async def test_a_playback_that_a_dead_process_left_is_ended(recorded: RecordedSite) -> None:
    """By the next one, with an audit row."""
    await recorded.state_purpose()
    await recorded.play(0, 6)
    await recorded.site.control.playback.board.recover()
    rows = [row["detail"].get("reason") for row in await trail(recorded.site) if row["kind"] == "playback.end"]
    assert rows == ["control process ended"]
