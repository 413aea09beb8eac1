"""Exports from asking to fetching: two persons, one download, and a package that anybody can check."""

import asyncio
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
from sqlalchemy.exc import IntegrityError

from tests.fakes.node import Answer, alert_payload
from tests.fakes.recording import Unfinished, write_recording
from tests.fakes.segment import clip_packets
from tests.vms_api.audit.trail import trail
from tests.vms_api.playback.recorded_site import API, FPS, RecordedSite, at
from vms_api.accounts.permission import Role
from vms_api.evidence.manifest import Manifest
from vms_api.evidence.verification import verify
from vms_api.exports import store
from vms_api.exports.builder import MOST_TRIES
from vms_api.exports.lifecycle import ExportState

pytestmark = pytest.mark.anyio


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def ask(recorded: RecordedSite, http: httpx.AsyncClient, from_s: float, to_s: float, **more: Any) -> Any:
    body = {"camera_ids": [recorded.camera_id], "from": at(from_s), "to": at(to_s), "note": "case 17", **more}
    return await http.post(f"{API}/exports", json=body)


async def act(http: httpx.AsyncClient, export_id: str, name: str) -> httpx.Response:
    return await http.post(f"{API}/exports/{export_id}/{name}", json={})


async def state(http: httpx.AsyncClient, export_id: str, *wanted: str) -> dict[str, Any]:
    """Waits for one of the states."""
    async with asyncio.timeout(10):
        while True:
            document = (await http.get(f"{API}/exports/{export_id}")).json()
            if document["state"] in wanted:
                return document
            await asyncio.sleep(0.05)


async def fetched(http: httpx.AsyncClient, export_id: str) -> httpx.Response:
    ticket = await act(http, export_id, "download-ticket")
    assert ticket.status_code == 201, ticket.text
    return await http.get(ticket.json()["url"])


async def test_two_persons_make_a_package_that_anybody_can_check(recorded: RecordedSite, tmp_path: Path) -> None:
    """Exact pictures, the gap in words, who asked and who approved, alerts with their history; then it is gone."""
    alert = alert_payload("0192f0c1-7d3a-7aaa-bbbb-000000000001", recorded.camera_id, raised_at=at(3))
    assert (await asyncio.to_thread(recorded.node.deliver, alert)).is_success
    async with recorded.logged_in("zhang", Role.DISPATCHER) as zhang:
        await recorded.state_purpose(zhang)
        asked = await ask(recorded, zhang, 1.5, 28)
        assert asked.status_code == 201, asked.text
        document = asked.json()
        assert (document["state"], document["requested_by"], document["purpose"]["key"]) == (
            "REQUESTED",
            "zhang",
            "incident",
        )
        assert [(one["reason"], one["camera_id"]) for one in document["missing"]] == [
            ("camera-offline", recorded.camera_id)
        ]
        assert code(await act(zhang, document["id"], "download-ticket")) == (409, "export-state-wrong")
        assert (await act(recorded.http, document["id"], "approve")).json()["decided_by"] == "admin"
        ready = await state(zhang, document["id"], "READY", "FAILED")
        assert ready["state"] == "READY"
        answer = await fetched(zhang, document["id"])
        assert (answer.status_code, len(answer.content)) == (200, ready["size_bytes"])
        path = tmp_path / "package.zip"
        path.write_bytes(answer.content)
        check_package(recorded, path)
        assert (await state(zhang, document["id"], "DOWNLOADED"))["downloaded_at"]
        assert code(await act(zhang, document["id"], "download-ticket")) == (409, "export-state-wrong")
    rows = [row for row in await trail(recorded.site) if row["kind"].startswith("export")]
    assert [(row["kind"], row["actor"]["name"]) for row in rows] == [
        ("export.request", "zhang"),
        ("export.approve", "admin"),
        ("export.build", "system"),
        ("export.download", "zhang"),
    ]
    assert {row["camera_id"] for row in rows} == {recorded.camera_id}
    assert list(recorded.node.exports.iterdir()) == []


def check_package(recorded: RecordedSite, path: Path) -> None:
    verdict = verify(path, recorded.site.control.export_builder.key)
    assert verdict.is_whole, verdict.finding
    manifest = verdict.manifest
    assert isinstance(manifest, Manifest)
    assert [video.name for video in manifest.videos] == ["1-Gate-大门-001.mp4", "1-Gate-大门-002.mp4"]
    assert (manifest.requested_by.username, manifest.approved_by.username) == ("zhang", "admin")
    assert [(one.reason, (one.ends_at - one.starts_at).total_seconds()) for one in manifest.missing] == [
        ("camera-offline", 20.0)
    ]
    assert [(alert.rule_name, len(alert.history)) for alert in manifest.alerts] == [("Night intrusion", 1)]
    sources = [source.recording_id for video in manifest.videos for source in video.sources]
    assert sources == [info.recording_id for info in recorded.infos[:4]]
    assert {source.sha256 for video in manifest.videos for source in video.sources} <= {
        i.sha256 for i in recorded.infos
    }
    with av.open(str(recorded.clip)) as container:
        clip = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    with zipfile.ZipFile(path) as package:
        assert "camera-offline" in package.read("README.txt").decode()
        shown = [pictures(package.read(video.name)) for video in manifest.videos]
    for part, wanted in zip(shown, (clip[15:60], clip[60:80]), strict=True):
        assert len(part) == len(wanted)
        assert all(np.array_equal(one, other) for one, other in zip(part, wanted, strict=True))


def pictures(data: bytes) -> list[np.ndarray]:
    with av.open(io.BytesIO(data), format="mp4") as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


async def test_nobody_decides_about_their_own(recorded: RecordedSite) -> None:
    """Neither through the API nor in the database; and what was asked for cannot become another thing."""
    await recorded.state_purpose()
    export_id = (await ask(recorded, recorded.http, 0, 6)).json()["id"]
    for name in ("approve", "reject"):
        assert code(await act(recorded.http, export_id, name)) == (409, "second-person-required")
    row = await recorded.site.control.exports.find(export_id)
    approved = row.export.model_copy(update={"state": ExportState.APPROVED, "decided_by": "admin"})
    for decided_by in (row.requested_by_id, None):
        with pytest.raises(IntegrityError):
            async with recorded.site.control.database.write() as transaction:
                await store.update_export(transaction, approved, decided_by)
    async with recorded.site.control.database.write() as transaction:
        forged = store.exports.update().values(requested_by_id="somebody else")
        with pytest.raises(IntegrityError, match="kept as it was made"):
            await transaction.connection.execute(forged)


async def test_a_ticket_works_once_and_for_its_person_alone(recorded: RecordedSite) -> None:
    """A second use, another person, another export, no ticket at all."""
    async with recorded.logged_in("zhang", Role.DISPATCHER) as zhang:
        await recorded.state_purpose(zhang)
        export_id = (await ask(recorded, zhang, 0, 6)).json()["id"]
        await act(recorded.http, export_id, "approve")
        await state(zhang, export_id, "READY")
        assert code(await act(recorded.http, export_id, "download-ticket")) == (403, "export-ticket-wrong")
        ticket = (await act(zhang, export_id, "download-ticket")).json()["ticket"]
        url = f"{API}/exports/{export_id}/package"
        assert code(await recorded.http.get(url, params={"ticket": ticket})) == (403, "export-ticket-wrong")
        assert code(await zhang.get(url, params={"ticket": "guessed"})) == (403, "export-ticket-wrong")
        first = zhang.stream("GET", url, params={"ticket": ticket})
        async with first as answer:
            assert answer.status_code == 200
            assert code(await zhang.get(url, params={"ticket": ticket})) == (403, "export-ticket-wrong")
            await answer.aread()


async def test_what_is_asked_for_in_vain_is_said(recorded: RecordedSite) -> None:
    """Ten years, nothing recorded, the future, no purpose, five cameras."""
    assert code(await ask(recorded, recorded.http, 0, 6)) == (403, "purpose-required")
    await recorded.state_purpose()
    ten_years = await ask(recorded, recorded.http, -10 * 365 * 86_400, 0)
    assert code(ten_years) == (422, "export-too-long")
    assert ten_years.json()["max_hours"] == 24
    assert code(await ask(recorded, recorded.http, 7, 20)) == (409, "nothing-recorded")
    future = (recorded.site.control.clock.now() + timedelta(hours=1)).isoformat()
    assert code(await ask(recorded, recorded.http, 0, 6, to=future))[0] == 422
    many = [recorded.camera_id, "b", "c", "d", "e"]
    assert code(await ask(recorded, recorded.http, 0, 6, camera_ids=many)) == (422, "invalid-request")
    assert code(await ask(recorded, recorded.http, 0, 6, camera_ids=["nowhere"])) == (404, "not-found")


async def test_rejected_is_rejected(recorded: RecordedSite) -> None:
    """And both see it in their lists; an uninvolved dispatcher does not."""
    async with recorded.logged_in("zhang", Role.DISPATCHER) as zhang, recorded.logged_in("li", Role.DISPATCHER) as li:
        await recorded.state_purpose(zhang)
        export_id = (await ask(recorded, zhang, 0, 6)).json()["id"]
        assert (await act(recorded.http, export_id, "reject")).json()["state"] == "REJECTED"
        assert code(await act(recorded.http, export_id, "approve")) == (409, "export-state-wrong")
        assert code(await act(zhang, export_id, "approve")) == (403, "not-allowed")
        for http, seen in ((zhang, 1), (recorded.http, 1), (li, 0)):
            assert len((await http.get(f"{API}/exports")).json()["items"]) == seen
        assert code(await li.get(f"{API}/exports/{export_id}")) == (403, "not-allowed")


async def test_a_node_that_goes_away_is_waited_for(recorded: RecordedSite) -> None:
    """What is approved meanwhile is built by the next node; what the first has finished is not lost with it."""
    async with recorded.logged_in("zhang", Role.DISPATCHER) as zhang:
        await recorded.state_purpose(zhang)
        export_id = (await ask(recorded, zhang, 0, 6)).json()["id"]
        recorded.node.answers["PUT /internal/v1/exports"] = Answer(502)
        await act(recorded.http, export_id, "approve")
        assert (await state(zhang, export_id, "BUILDING"))["progress"] == 0
        recorded.node.answers.clear()
        recorded.site.control.export_builder.wake()
        await state(zhang, export_id, "READY")
        recorded.node.restart()
        assert (await fetched(zhang, export_id)).status_code == 200


async def test_unreadable_files_are_named_and_all_unreadable_fails(recorded: RecordedSite, tmp_path: Path) -> None:
    """A flipped bit is named beside its part, a lost file is a missing span; nothing at all is a failure."""
    first, second, third = (recorded.node.volume / info.path for info in recorded.infos[:3])
    data = bytearray(first.read_bytes())
    data[-200] ^= 1
    first.write_bytes(data)
    second.unlink()
    async with recorded.logged_in("zhang", Role.DISPATCHER) as zhang:
        await recorded.state_purpose(zhang)
        export_id = (await ask(recorded, zhang, 0, 6)).json()["id"]
        await act(recorded.http, export_id, "approve")
        await state(zhang, export_id, "READY")
        path = tmp_path / "package.zip"
        path.write_bytes((await fetched(zhang, export_id)).content)
        with zipfile.ZipFile(path) as package:
            manifest = json.loads(package.read("manifest.json"))
        assert [one["reason"] for one in manifest["missing"]] == ["unreadable"]
        assert [source["damaged"] is None for v in manifest["videos"] for source in v["sources"]] == [False, True]
        for file in (first, third):
            file.unlink()
        again = (await ask(recorded, zhang, 0, 6)).json()["id"]
        await act(recorded.http, again, "approve")
        assert (await state(zhang, again, "FAILED"))["failure"] == "nothing-recorded"


async def test_a_camera_whose_clock_is_a_day_off(recorded: RecordedSite, tmp_path: Path) -> None:
    """Its recordings lie where our clock says; the package says by how much the camera's was wrong."""
    start = datetime.fromisoformat(at(100))
    packets = clip_packets(recorded.clip, epoch=9, camera_id=recorded.camera_id)
    await recorded.index(
        write_recording(recorded.node.volume, packets[: 2 * FPS], started_at=start, clock_offset_s=-86_400.0)
    )
    async with recorded.logged_in("zhang", Role.DISPATCHER) as zhang:
        await recorded.state_purpose(zhang)
        spans = (await recorded.play(99, 103, zhang)).json()["spans"]
        assert [datetime.fromisoformat(span["from"]) for span in spans if span["kind"] == "recorded"] == [start]
        export_id = (await ask(recorded, zhang, 99, 103)).json()["id"]
        await act(recorded.http, export_id, "approve")
        await state(zhang, export_id, "READY")
        path = tmp_path / "package.zip"
        path.write_bytes((await fetched(zhang, export_id)).content)
    manifest = verify(path).manifest
    assert manifest is not None
    (video,) = manifest.videos
    assert (video.shown_from, [source.clock_offset_s for source in video.sources]) == (start, [-86_400.0])


async def test_a_node_that_dies_while_it_builds_leaves_no_half_package(recorded: RecordedSite, tmp_path: Path) -> None:
    """The next node begins anew, over what the dead one has left; the package is whole."""
    async with recorded.logged_in("zhang", Role.DISPATCHER) as zhang:
        await recorded.state_purpose(zhang)
        export_id = (await ask(recorded, zhang, 0, 6)).json()["id"]
        building = {"state": "building", "progress": 0.4, "parts": [], "unreadable": []}
        recorded.node.answers["GET /internal/v1/exports"] = Answer(200, json.dumps(building).encode())
        await act(recorded.http, export_id, "approve")
        async with asyncio.timeout(10):
            while (await state(zhang, export_id, "APPROVED", "BUILDING"))["progress"] != building["progress"]:
                await asyncio.sleep(0.05)
        half = recorded.node.exports / f"{export_id}.zip.part"
        half.parent.mkdir(exist_ok=True)
        half.write_bytes(b"PK\3\4 half of a package")
        recorded.node.restart()
        recorded.node.answers.clear()
        assert (await state(zhang, export_id, "READY", "FAILED"))["state"] == "READY"
        assert [path.name for path in recorded.node.exports.iterdir()] == [f"{export_id}.zip"]
        path = tmp_path / "package.zip"
        path.write_bytes((await fetched(zhang, export_id)).content)
    assert verify(path, recorded.site.control.export_builder.key).is_whole


async def test_an_export_at_which_every_node_dies_fails(recorded: RecordedSite) -> None:
    """After some tries, with the reason: it must not end one node after the other for ever."""
    gone = {"code": "export-unknown", "detail": "no such export"}
    recorded.node.answers["GET /internal/v1/exports"] = Answer(404, json.dumps(gone).encode())
    async with recorded.logged_in("zhang", Role.DISPATCHER) as zhang:
        await recorded.state_purpose(zhang)
        export_id = (await ask(recorded, zhang, 0, 6)).json()["id"]
        await act(recorded.http, export_id, "approve")
        async with asyncio.timeout(10):
            while (document := (await zhang.get(f"{API}/exports/{export_id}")).json())["state"] != "FAILED":
                recorded.site.control.export_builder.wake()
                await asyncio.sleep(0.05)
        assert document["failure"] == "export-node-lost"
    begun = [path for method, path, _ in recorded.node.calls if method == "PUT" and path.endswith(export_id)]
    assert len(begun) == MOST_TRIES
    async with asyncio.timeout(20):
        while list(recorded.node.exports.iterdir()):  # the last node is told, and drops what it had begun
            await asyncio.sleep(0.02)


async def test_what_is_over_is_taken_off_the_disk(recorded: RecordedSite) -> None:
    """A package that nobody fetched, after its time."""
    async with recorded.logged_in("zhang", Role.DISPATCHER) as zhang:
        await recorded.state_purpose(zhang)
        export_id = (await ask(recorded, zhang, 0, 6)).json()["id"]
        await act(recorded.http, export_id, "approve")
        ready = await state(zhang, export_id, "READY")
        assert len(list(recorded.node.exports.iterdir())) == 1
        control = recorded.site.control
        row = await control.exports.find(export_id)
        over = row.export.model_copy(update={"expires_at": control.clock.now()})
        async with control.database.write() as transaction:
            await store.update_export(transaction, over, row.decided_by_id)
        await control.export_builder.expire()
        assert ready["id"] == export_id
        assert (await state(zhang, export_id, "EXPIRED"))["state"] == "EXPIRED"
        assert list(recorded.node.exports.iterdir()) == []


async def test_what_is_still_being_recorded_is_waited_for(recorded: RecordedSite, tmp_path: Path) -> None:
    """Asked for at once, approved, and built when the last file is whole: nothing is cut off in silence."""
    started_at = datetime.now(UTC) - timedelta(seconds=10)
    packets = clip_packets(recorded.clip, epoch=3, camera_id=recorded.camera_id)
    (info,) = write_recording(recorded.node.volume, packets[: 6 * FPS], 6, started_at=started_at)
    unfinished = Unfinished(recorded.node.volume, info, 3)
    recorded.node.open_segments = [unfinished.report()]
    span = {"from": started_at.isoformat(), "to": (started_at + timedelta(seconds=5)).isoformat()}
    async with recorded.logged_in("zhang", Role.DISPATCHER) as zhang:
        await recorded.state_purpose(zhang)
        asked = await ask(recorded, zhang, 0, 0, **span)
        assert (asked.status_code, asked.json()["missing"]) == (201, [])
        export_id = asked.json()["id"]
        await act(recorded.http, export_id, "approve")
        async with asyncio.timeout(20):
            while not (await zhang.get(f"{API}/exports/{export_id}")).json()["waits_for_recording"]:
                await asyncio.sleep(0.05)
        assert (await state(zhang, export_id, "APPROVED"))["progress"] is None
        await recorded.index([unfinished.finish()])
        recorded.site.control.export_builder.wake()
        ready = await state(zhang, export_id, "READY", "FAILED")
        assert (ready["state"], ready["waits_for_recording"]) == ("READY", False)
        path = tmp_path / "package.zip"
        path.write_bytes((await fetched(zhang, export_id)).content)
    verdict = verify(path)
    assert verdict.manifest is not None
    (video,) = verdict.manifest.videos
    assert (video.shown_to - video.shown_from) / timedelta(seconds=1) == pytest.approx(5, abs=0.2)
    assert verdict.manifest.missing == ()
