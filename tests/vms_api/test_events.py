"""The event stream: nothing lost, nothing doubled, nothing piled up."""

import asyncio
import random
import socket
from pathlib import Path

import httpx
import pytest

from tests.fakes.clock import ManualClock
from tests.fakes.node import live_health
from tests.vms_api.conftest import Site, until
from tests.vms_api.event_client import EventClient, take
from vms_api.areas.store import read_tree
from vms_api.database import Database
from vms_api.events import EventLog

pytestmark = pytest.mark.anyio


async def record(log: EventLog, database: Database, number: int) -> None:
    async with database.write() as transaction:
        root = (await read_tree(transaction.connection)).root
        await log.record(transaction, "alert.raised", {"number": number, "rule_id": "none"}, root.id)


async def test_fresh_connection_is_greeted_with_the_present(site: Site) -> None:
    """Hello with the newest number, then the node and every camera as they are."""
    camera = await site.add_camera()
    async with EventClient(site.http).connected() as frames:
        first = [await anext(frames) for _ in range(3)]
    assert [received.kind for received in first] == ["hello", "node.state", "camera.health"]
    assert first[0].data == {"last_event_id": first[0].id}
    assert (first[2].data["camera_id"], first[2].data["health"]["state"]) == (camera["id"], "unknown")
    assert (first[1].id, first[2].id) == (None, None)


@pytest.mark.both_databases
async def test_acts_are_told_as_they_are_answered(site: Site) -> None:
    """Adding, changing and removing a camera are told with what the API answered."""
    async with EventClient(site.http).connected() as frames:
        await take(frames, "hello")
        camera = await site.add_camera()
        added = await take(frames, "camera.added")
        await site.http.patch(f"/api/v1/cameras/{camera['id']}", json={"name": "Bridge"})
        changed = await take(frames, "camera.changed")
        await site.http.delete(f"/api/v1/cameras/{camera['id']}")
        removed = await take(frames, "camera.removed")
    assert added.data == camera
    assert changed.data["name"] == "Bridge"
    assert removed.data == {"id": camera["id"]}
    assert removed.id == changed.id + 1 == added.id + 2


@pytest.mark.parametrize("seed", range(3))
async def test_broken_connections_lose_and_double_nothing(site: Site, seed: int) -> None:
    """A client that is cut off at random moments sees every number once, in order."""
    chance = random.Random(seed)
    control, total = site.control, 120
    seen: list[int] = []

    async def produce() -> None:
        for number in range(total):
            await record(control.events, control.database, number)
            if chance.random() < 0.2:
                await asyncio.sleep(0.005)

    async def consume() -> None:
        client = EventClient(site.http, last_id=0)
        while len(seen) < total:
            patience = chance.randint(1, 40)
            async with client.connected() as frames:
                async for received in frames:
                    if received.kind == "alert.raised":
                        seen.append(received.data["number"])
                        patience -= 1
                    if patience == 0 or len(seen) == total:
                        break

    async with asyncio.timeout(20):
        await asyncio.gather(produce(), consume())
    assert seen == list(range(total))


async def test_too_old_a_number_is_told_to_reload(tmp_path: Path) -> None:
    """The log keeps the newest events; numbers keep growing; who is behind is told so by the span."""
    database = await Database.open(tmp_path / "x.db")
    log = EventLog(database, ManualClock(), kept_count=10, recent_count=4)
    for number in range(256):
        await record(log, database, number)
    assert await log.span() == (247, 256)
    assert [event.id for event in await log.after(250)] == [251, 252, 253, 254, 255, 256]
    assert [event.id for event in await log.after(253)] == [254, 255, 256]
    assert await log.after(256) == []
    await database.close()


@pytest.mark.parametrize("asked", [999_999, 0])
@pytest.mark.both_databases
async def test_reset_for_numbers_that_are_not_kept(site: Site, asked: int) -> None:
    """A number from the future (another database) or from before what is kept: reset, then on from now."""
    for number in range(3):
        await record(site.control.events, site.control.database, number)
    async with site.control.database.write() as transaction:
        await transaction.connection.exec_driver_sql("DELETE FROM events WHERE id <= 2")
    client = EventClient(site.http, last_id=asked)
    async with client.connected() as frames:
        assert (await anext(frames)).kind == "reset"
        await record(site.control.events, site.control.database, 3)
        assert (await take(frames, "alert.raised")).data["number"] == 3
    assert client.last_id == 4


async def test_health_is_told_when_it_changes_and_not_more_often(site: Site) -> None:
    """Ten reports a second with changing rates are no news; a change of state is told."""
    camera = await site.add_camera()
    async with EventClient(site.http).connected() as frames:
        await take(frames, "hello")
        node = await site.start_node()
        states = []
        while not states or states[-1] != "live":
            states.append((await take(frames, "camera.health")).data["health"]["state"])
        node.health = lambda _camera_id: live_health("silent")
        told = await take(frames, "camera.health")
        with pytest.raises(TimeoutError):
            await take(frames, "camera.health", seconds=1.2)
    assert (told.data["camera_id"], told.data["health"]["state"]) == (camera["id"], "silent")


async def test_logout_ends_the_stream(site: Site) -> None:
    """Who is logged out hears no more."""
    async with EventClient(site.http).connected() as frames:
        await take(frames, "hello")
        await site.http.post("/api/v1/logout")
        async with asyncio.timeout(3):
            rest = [received.kind async for received in frames]
    assert set(rest) <= {"node.state", "camera.health"}


async def test_client_that_does_not_read_costs_no_memory(site: Site) -> None:
    """Nothing is kept for it but its place; the others go on."""
    host, port = site.url.removeprefix("http://").split(":")
    cookies = "; ".join(f"{name}={value}" for name, value in site.http.cookies.items())
    with socket.create_connection((host, int(port))) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        request = f"GET /api/v1/events HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookies}\r\n\r\n"
        await asyncio.to_thread(deaf.sendall, request.encode())
        await until(lambda: site.control.events.listener_count == 1)
        (listener,) = site.control.events._listeners
        for number in range(300):
            site.control.events.pass_on("camera.health", f"camera-{number % 3}", {"padding": "x" * 4000})
            await asyncio.sleep(0)
        assert len(listener._passing) <= 3
        async with EventClient(site.http).connected() as frames:
            assert (await take(frames, "hello")).kind == "hello"
    await until(lambda: site.control.events.listener_count <= 1)


async def test_anonymous_stream_is_refused(site: Site) -> None:
    """No cookie, no events."""
    async with site.anonymous() as http:
        assert (await http.get("/api/v1/events")).status_code == httpx.codes.UNAUTHORIZED
