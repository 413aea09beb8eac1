"""WHEP as draft-ietf-wish-whep-04 says, at the control process; the media node is a fake one."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fakes.node import Answer, problem
from tests.vms_api.conftest import Site, running_site
from vms_api.live.settings import IceServer, LiveSettings

pytestmark = pytest.mark.anyio

SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}
PLAYER = "https://player.example"
TURN = IceServer(url="turn:turn.example:3478?transport=udp", username="wall", credential="stage")


@pytest.fixture
async def open_site(tmp_path: Path) -> AsyncIterator[Site]:
    """A site that pages of a player's may use, with a TURN server."""
    live = LiveSettings(player_origins=(PLAYER,), ice_servers=(IceServer(url="stun:stun.example"), TURN))
    async with running_site(tmp_path, live=live) as site:
        yield site


async def opened(site: Site) -> str:
    """Where an open view is."""
    camera = await site.add_camera()
    await site.start_node()
    answer = await site.http.post(f"/api/v1/cameras/{camera['id']}/whep", content="v=0", headers=SDP)
    assert answer.status_code == 201
    return str(answer.headers["Location"])


@pytest.mark.parametrize(
    ("tag", "status"), [(None, 204), ("*", 204), ('"*"', 204), ('"view-1"', 204), ('"view-2"', 412), ("view-1", 412)]
)
async def test_only_a_wrong_tag_is_refused(site: Site, tag: str | None, status: int) -> None:
    """Clients in the field leave it out or send a star."""
    place = await opened(site)
    headers = FRAGMENT | ({} if tag is None else {"If-Match": tag})
    assert (await site.http.patch(place, content="a=x", headers=headers)).status_code == status


async def test_nothing_goes_to_a_view_that_was_ended(site: Site) -> None:
    """PATCH and DELETE after DELETE: it is not there; DELETE asks for no tag."""
    place = await opened(site)
    assert (await site.http.delete(place, headers={"If-Match": '"other"'})).status_code == 204
    assert (await site.http.patch(place, content="a=x", headers=FRAGMENT)).status_code == 404
    assert (await site.http.delete(place)).status_code == 404


async def test_a_restart_has_a_tag_of_its_own(site: Site) -> None:
    """200 with the node's fragment and a new tag; the old one is wrong from then on."""
    place = await opened(site)
    node = site.nodes[-1]
    node.answers["PATCH"] = Answer(200, json.dumps({"fragment": "a=ice-ufrag:ours\r\n"}).encode())
    answer = await site.http.patch(place, content="a=ice-ufrag:new", headers=FRAGMENT | {"If-Match": "*"})
    assert (answer.status_code, answer.text) == (200, "a=ice-ufrag:ours\r\n")
    assert answer.headers["Content-Type"].startswith("application/trickle-ice-sdpfrag")
    assert answer.headers["ETag"] not in ('"view-1"', "")
    del node.answers["PATCH"]
    for tag, status in (('"view-1"', 412), (answer.headers["ETag"], 204)):
        late = await site.http.patch(place, content="a=x", headers=FRAGMENT | {"If-Match": tag})
        assert (late.status_code, "ETag" in late.headers) == (status, False)


async def test_a_restart_is_refused_in_words(site: Site) -> None:
    """The node's 422 comes through with its code; the view goes on."""
    place = await opened(site)
    site.nodes[-1].answers["PATCH"] = problem(422, "ice-restart-unsupported", "open another one")
    answer = await site.http.patch(place, content="a=ice-ufrag:new", headers=FRAGMENT)
    assert (answer.status_code, answer.json()["code"]) == (422, "ice-restart-unsupported")
    assert (await site.http.delete(place)).status_code == 204


async def test_an_offer_of_ours_is_a_406(site: Site) -> None:
    """With a place to send the answer to, and the time until which it is waited for."""
    camera = await site.add_camera()
    node = await site.start_node()
    node.answers["POST"] = Answer(201, json.dumps({"view": "view-9", "sdp": "v=0\r\n", "is_offer": True}).encode())
    answer = await site.http.post(f"/api/v1/cameras/{camera['id']}/whep", content="v=0", headers=SDP)
    assert (answer.status_code, answer.text) == (406, "v=0\r\n")
    assert re.fullmatch(r'application/sdp; valid-until="\w{3}, .* GMT"', answer.headers["Content-Type"])
    assert "application/sdp" in answer.headers["Accept-Patch"]
    done = await site.http.patch(answer.headers["Location"], content="v=0 answer", headers=SDP)
    assert done.status_code == 204
    assert ("PUT", "/internal/v1/views/view-9/answer", b"v=0 answer") in node.calls


async def test_bodies_of_other_types_are_refused(site: Site) -> None:
    """Neither an offer nor a fragment."""
    place = await opened(site)
    assert (await site.http.patch(place, content="v=0", headers={"Content-Type": "text/plain"})).status_code == 415
    assert (await site.http.post(place.rpartition("/")[0], content="v=0", headers=FRAGMENT)).status_code == 415


async def test_players_are_told_of_ice_servers_that_are_configured(open_site: Site, site: Site) -> None:
    """By Link, with their login; nobody is told of any where none are."""
    camera = await open_site.add_camera()
    await open_site.start_node()
    answer = await open_site.http.post(f"/api/v1/cameras/{camera['id']}/whep", content="v=0", headers=SDP)
    assert answer.headers.get_list("Link") == [
        '<stun:stun.example>; rel="ice-server"',
        f'<{TURN.url}>; rel="ice-server"; username="wall"; credential="stage"; credential-type="password"',
    ]
    assert answer.headers["Accept-Patch"] == "application/trickle-ice-sdpfrag"
    camera = await site.add_camera()
    await site.start_node()
    plain = await site.http.post(f"/api/v1/cameras/{camera['id']}/whep", content="v=0", headers=SDP)
    assert "Link" not in plain.headers


async def test_a_preflight_is_answered_before_anybody_is_known(open_site: Site) -> None:
    """With what a player needs; a page that is not configured is told nothing it could use."""
    path = "/api/v1/cameras/any/whep"
    async with open_site.anonymous() as http:
        known = await http.options(path, headers={"Origin": PLAYER, "Access-Control-Request-Method": "POST"})
        foreign = await http.options(path, headers={"Origin": "https://evil.example"})
        other = await http.options("/api/v1/cameras", headers={"Origin": PLAYER})
    assert (known.status_code, known.headers["Access-Control-Allow-Origin"]) == (204, PLAYER)
    assert known.headers["Accept-Post"] == "application/sdp"
    assert "If-Match" in known.headers["Access-Control-Allow-Headers"]
    assert foreign.status_code == 204
    assert not [name for name in foreign.headers if name.startswith("access-control")]
    assert not [name for name in other.headers if name.startswith("access-control")]


async def test_a_player_elsewhere_brings_a_token(open_site: Site) -> None:
    """Its page may read Location and ETag; without a token, or from another page, it is refused."""
    camera = await open_site.add_camera()
    await open_site.start_node()
    path = f"/api/v1/cameras/{camera['id']}/whep"
    body = {"name": "player", "scopes": ["live.view"]}
    token = (await open_site.http.post("/api/v1/tokens", json=body)).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    async with open_site.anonymous() as http:
        answer = await http.post(path, content="v=0", headers=SDP | bearer | {"Origin": PLAYER})
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (201, PLAYER)
        assert {"Location", "ETag"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))
        place = answer.headers["Location"]
        assert (await http.delete(place, headers=bearer | {"Origin": PLAYER})).status_code == 204
        evil = await http.post(path, content="v=0", headers=SDP | bearer | {"Origin": "https://evil.example"})
        assert (evil.status_code, evil.json()["code"]) == (403, "foreign-origin")
    by_cookie = await open_site.http.post(path, content="v=0", headers=SDP | {"Origin": PLAYER})
    assert by_cookie.status_code == 403


async def test_sound_takes_a_right_of_its_own(site: Site) -> None:
    """Asked of the node and told by the audit where it is held; refused before anything is opened where it is not."""
    camera = await site.add_camera()
    node = await site.start_node()
    path = f"/api/v1/cameras/{camera['id']}/whep"
    silent = (await site.http.post("/api/v1/tokens", json={"name": "silent", "scopes": ["live.view"]})).json()["token"]
    async with site.anonymous() as http:
        bearer = SDP | {"Authorization": f"Bearer {silent}"}
        refused = await http.post(path, params={"audio": "true"}, content="v=0", headers=bearer)
        assert (refused.status_code, [call for call in node.calls if "/whep" in call[1]]) == (403, [])
    heard = await site.http.post(path, params={"audio": "true"}, content="v=0", headers=SDP)
    assert heard.status_code == 201
    (asked,) = [call[1] for call in node.calls if "/whep" in call[1]]
    assert "audio=true" in asked
    (row,) = (await site.http.get("/api/v1/audit", params={"kind": "view.start"})).json()["items"]
    assert row["detail"] == {"stream": "main", "audio": True}
    (view,) = site.control.views
    assert view.hears
