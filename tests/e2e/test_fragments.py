"""Live view by fragments through all processes: a real camera, the node, the control process, a WebSocket."""

import asyncio
import contextlib
import io
import json
import socket
from collections.abc import Iterator
from urllib.parse import urljoin

import av
import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.scene import Scene
from ingest.virtual_camera.thread import VirtualCameraThread
from tests.e2e.test_lost_right import add_viewer
from vms_api.demo.site import LocalSite, SitePlan

ENDED_S = 30.0
"""Pictures would go on for ever; a machine that does much else may take its time to end them."""
WHOLE = [[0, 0], [1, 0], [1, 1], [0, 1]]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def watched(drawn: ClipCache, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LocalSite, dict]]:
    """A site with one camera that is live: a drawn square, key frames every second."""
    folder = tmp_path_factory.mktemp("fragments")
    clip = drawn.play_scene(Scene(gop_s=1.0, duration_s=10.0))
    with VirtualCameraThread([VirtualCamera("square", clip)]) as server, LocalSite(SitePlan(folder)) as site:
        body = {"name": "square", "address": server.url("square"), "analysed": False}
        made = site.call("POST", "/cameras", body)
        site.wait_live([made["id"]])
        yield site, made


class Player:
    """Takes fragments and acknowledges them until the socket is closed."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self.words: list[dict] = []
        self.data: list[bytes] = []

    async def play(self, count: int = 10**9, *, timeout_s: float = 60.0) -> None:
        """Until so many fragments have come in all, or the view is ended."""
        async with asyncio.timeout(timeout_s):
            with contextlib.suppress(ConnectionClosed):
                while len(self.data) < count:
                    message = await self._line.recv()
                    if isinstance(message, str):
                        self.words.append(json.loads(message))
                        continue
                    self.data.append(message)
                    await self._line.send(json.dumps({"got": len(self.data) - 1}))


async def opened(http: httpx.Client, camera_id: str, **can: bool) -> dict:
    answer = await asyncio.to_thread(http.post, f"/cameras/{camera_id}/live", json=can)
    assert answer.status_code == 201, answer.text
    return answer.json()


def socket_of(site: LocalSite, view: dict, **headers: str) -> connect:
    address = urljoin(site.url.replace("http", "ws", 1), view["address"])
    return connect(address, additional_headers=headers, compression=None, proxy=None)


def pictures(data: list[bytes]) -> list[tuple[int, int]]:
    with av.open(io.BytesIO(b"".join(data)), format="mp4") as container:
        return [(frame.width, frame.height) for frame in container.decode(video=0)]


def rows(site: LocalSite, camera_id: str) -> list[str]:
    """What the audit log says about looks at the camera, newest first."""
    found = site.call("GET", f"/audit?camera_id={camera_id}")["items"]
    return [row["kind"] for row in found if row["kind"].startswith("view.")]


def test_a_view_from_camera_to_socket(watched):
    """It is told what it is, decodes, is recorded from beginning to end, and its ticket serves once and here only."""
    site, camera = watched

    async def scenario() -> Player:
        with pytest.raises(InvalidStatus):
            await socket_of(site, {"address": f"/api/v1/cameras/{camera['id']}/live/guessed"})
        view = await opened(site.client, camera["id"])
        with pytest.raises(InvalidStatus):
            await socket_of(site, view, Origin="https://evil.example")
        async with socket_of(site, view, Origin=site.url) as line:
            player = Player(line)
            await player.play(31)
            with pytest.raises((InvalidStatus, ConnectionClosed)):
                async with socket_of(site, view) as second:
                    await second.recv()
        return player

    player = asyncio.run(scenario())
    assert player.words[0]["codec"].startswith("avc1.")
    assert (player.words[0]["rung"], player.words[0]["reason"]) == ("passed", None)
    assert pictures(player.data) == [(640, 360)] * 30
    assert rows(site, camera["id"])[::-1] == ["view.start", "view.end"]


def test_pictures_stop_when_the_grant_is_taken_away(watched):
    """The socket is closed within seconds, and nothing can be opened again."""
    site, camera = watched
    grant_id, http = add_viewer(site, camera["area_id"])

    async def scenario() -> None:
        async with socket_of(site, await opened(http, camera["id"])) as line:
            player = Player(line)
            await player.play(5)
            await asyncio.to_thread(site.call, "DELETE", f"/grants/{grant_id}")
            await player.play(timeout_s=ENDED_S)

    with contextlib.closing(http):
        asyncio.run(scenario())
        assert http.post(f"/cameras/{camera['id']}/live", json={}).status_code == 404


def test_masks_end_the_view_and_cover_the_next(watched):
    """What was open goes on no more; who asks again gets the masked encode and is told so."""
    site, camera = watched
    masks = {"polygons": [{"name": "all", "points": WHOLE}], "base_version": 0}

    async def scenario() -> tuple[dict, list[bytes]]:
        async with socket_of(site, await opened(site.client, camera["id"])) as line:
            player = Player(line)
            await player.play(5)
            await asyncio.to_thread(site.call, "PUT", f"/cameras/{camera['id']}/masks", masks)
            await player.play(timeout_s=ENDED_S)
        view = await opened(site.client, camera["id"])
        async with socket_of(site, view) as line:
            player = Player(line)
            await player.play(6)
        return view, player.data

    view, data = asyncio.run(scenario())
    assert (view["rung"], view["reason"]) == ("masked", "masks")
    with av.open(io.BytesIO(b"".join(data)), format="mp4") as container:
        assert all(frame.to_ndarray(format="gray").std() < 3 for frame in container.decode(video=0))


def test_a_node_gives_media_itself_where_that_is_asked_for(tmp_path, drawn):
    """Not a byte of it passes the control process; the ticket serves once, and the page may go there."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    settings = f'media_listen = "{place}"\nmedia_origin = "ws://{place}"\n'
    clip = drawn.play_scene(Scene(gop_s=1.0, duration_s=10.0))

    async def scenario(site: LocalSite, camera_id: str) -> Player:
        view = await opened(site.client, camera_id)
        assert view["address"] == f"ws://{place}/live/{view['view']}"
        async with socket_of(site, view) as line:
            player = Player(line)
            await player.play(5)
            with pytest.raises(InvalidStatus):
                await socket_of(site, view)
            await asyncio.to_thread(site.call, "PATCH", f"/cameras/{camera_id}", {"enabled": False})
            await player.play(timeout_s=ENDED_S)
        return player

    plan = SitePlan(tmp_path, more=f"[live]\n{settings}")
    with VirtualCameraThread([VirtualCamera("square", clip)]) as server, LocalSite(plan) as site:
        body = {"name": "square", "address": server.url("square"), "analysed": False}
        camera_id = site.call("POST", "/cameras", body)["id"]
        site.wait_live([camera_id])
        assert f"connect-src 'self' ws://{place}" in site.client.get(site.url).headers["Content-Security-Policy"]
        assert pictures(asyncio.run(scenario(site, camera_id)).data)
