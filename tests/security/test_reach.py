"""Ids of another village in every place of a request; and how soon a lost right is felt."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from ingest.identifier import new_identifier
from tests.fakes.node import SDP_ANSWER, Answer, alert_payload
from tests.security.town import API, TRACE, Town, logged_in
from tests.vms_api.conftest import until
from tests.vms_api.event_client import EventClient, take
from vms_api.accounts.permission import Role
from vms_api.accounts.rights import Grant
from vms_api.audit.entry import SYSTEM

pytestmark = pytest.mark.anyio

SDP = {"Content-Type": "application/sdp"}
FELT_S = 5.0
"""The promise of the product: a lost right stops what runs by it within this time."""


@asynccontextmanager
async def newcomer(town: Town, role: Role, area: str) -> AsyncIterator[tuple[httpx.AsyncClient, str, Grant]]:
    """Somebody with one grant: the client, the user's id and the grant."""
    control = town.site.control
    user = await control.accounts.people.add(new_identifier(), "three wet umbrellas", SYSTEM)
    wanted = Grant("", user.id, None, role, town.areas[area], control.clock.now(), "admin")
    grant = await control.accounts.rights_desk.add_grant(wanted, SYSTEM)
    http = await logged_in(town.site, "newcomer", user.id)
    yield http, user.id, grant
    await http.aclose()


async def open_view(town: Town, http: httpx.AsyncClient, camera_id: str, **wish: str) -> str:
    """The id of a view that was opened."""
    view = new_identifier()
    town.node.answers["POST"] = Answer(201, json.dumps({"view": view, "sdp": SDP_ANSWER}).encode())
    answer = await http.post(f"{API}/cameras/{camera_id}/whep", params=wish, content="v=0", headers=SDP)
    assert answer.status_code == 201, answer.text
    return view


def has_ended(town: Town, view: str) -> bool:
    """Whether the node was told to end it."""
    return any(method == "DELETE" and path.endswith(view) for method, path, _body in town.node.calls)


@pytest.mark.parametrize("loss", ["grant", "disabled", "session", "moved", "removed", "logout"])
async def test_lost_right_ends_view_and_events(town: Town, loss: str) -> None:
    """However it is lost: the view is ended on the node, and the event stream ends or falls silent about the place."""
    admin, control = town.callers["admin"], town.site.control
    ids = await town.stage()
    camera = ids["camera_id"]
    async with newcomer(town, Role.VIEWER, "here") as (http, user_id, grant):
        view = await open_view(town, http, camera)
        async with EventClient(http).connected() as frames:
            await take(frames, "hello")
            if loss == "grant":
                await admin.delete(f"{API}/grants/{grant.id}")
            elif loss == "disabled":
                await admin.patch(f"{API}/users/{user_id}", json={"is_enabled": False})
            elif loss == "session":
                (session,) = control.logins.sessions_of(user_id, control.clock.now())
                await admin.delete(f"{API}/sessions/{session.id}")
            elif loss == "moved":
                await admin.patch(f"{API}/cameras/{camera}", json={"area_id": town.areas["there"]})
            elif loss == "removed":
                await admin.delete(f"{API}/users/{user_id}")
            else:
                await http.post(f"{API}/logout")
            await until(lambda: has_ended(town, view), FELT_S)
            await asyncio.to_thread(town.node.deliver, alert_payload(new_identifier(), camera, rule_name="after"))
            assert "after" not in json.dumps(await told_within(frames, 1.0))
    if loss == "moved":  # it is the other village's now, whose viewer would rightly hear of it in other tests
        assert (await admin.delete(f"{API}/cameras/{camera}")).is_success


async def test_lost_right_to_hear_ends_what_is_heard_alone(town: Town) -> None:
    """Who may still see goes on seeing; the view with sound ends."""
    control = town.site.control
    camera = (await town.stage())["camera_id"]
    async with newcomer(town, Role.VIEWER, "here") as (http, user_id, _):
        wanted = Grant("", user_id, None, Role.SUPERVISOR, town.areas["here"], control.clock.now(), "admin")
        to_hear = await control.accounts.rights_desk.add_grant(wanted, SYSTEM)
        silent, heard = await open_view(town, http, camera), await open_view(town, http, camera, audio="true")
        await town.callers["admin"].delete(f"{API}/grants/{to_hear.id}")
        await until(lambda: has_ended(town, heard), FELT_S)
        refused = await http.post(f"{API}/cameras/{camera}/whep?audio=true", content="v=0", headers=SDP)
        assert (refused.status_code, refused.json()["code"]) == (403, "not-allowed")
        assert not has_ended(town, silent)


async def told_within(frames: AsyncIterator[Any], seconds: float) -> list[Any]:
    """What a stream says until it ends or the time is over."""
    told = []
    try:
        async with asyncio.timeout(seconds):
            async for received in frames:
                told += [[received.kind, received.data]]
    except TimeoutError:
        return told
    return told


async def test_events_tell_everybody_his_own(town: Town) -> None:
    """The township's dispatcher hears of both villages, each viewer of one, the auditor of no alert."""
    heard: dict[str, list[Any]] = {}

    async def listen(name: str, started: asyncio.Event) -> None:
        async with EventClient(town.callers[name]).connected() as frames:
            await take(frames, "hello")
            started.set()
            heard[name] = await told_within(frames, 3.0)

    names = ("here", "sibling", "dispatcher", "auditor")
    starts = [asyncio.Event() for _ in names]
    tasks = [asyncio.create_task(listen(name, start)) for name, start in zip(names, starts, strict=True)]
    for start in starts:
        await start.wait()
    ids = await town.stage()
    await asyncio.gather(*tasks)
    texts = {name: json.dumps(told) for name, told in heard.items()}
    assert TRACE not in texts["sibling"]
    assert ids["camera_id"] not in texts["sibling"]
    for name in ("here", "dispatcher", "auditor"):
        assert ids["camera_id"] in texts[name]
        assert (ids["alert_id"] in texts[name]) == (name != "auditor")


async def test_gained_right_is_told(town: Town) -> None:
    """Who is granted another area is told to load everything anew, without logging in again."""
    async with newcomer(town, Role.VIEWER, "there") as (http, user_id, _grant), EventClient(http).connected() as frames:
        await take(frames, "hello")
        body = {"user_id": user_id, "role": "viewer", "area_id": town.here}
        await town.callers["admin"].post(f"{API}/grants", json=body)
        await take(frames, "reset")
        assert TRACE in (await http.get(f"{API}/areas")).text


async def test_ids_of_another_village_are_refused_wherever_they_stand(town: Town) -> None:
    """In path, query and body; refused as if they were not there, and nothing changes."""
    ids = await town.stage()
    async with newcomer(town, Role.ADMIN, "there") as (http, user_id, _grant):
        own = (
            await http.post(f"{API}/cameras", json={"name": new_identifier(), "address": "rtsp://192.0.2.9/"})
        ).json()
        assert own["area_id"] == town.areas["there"]
        asked = [
            http.get(f"{API}/cameras", params={"area_id": town.here}),
            http.get(f"{API}/alerts", params={"area_id": town.here}),
            http.get(f"{API}/grants", params={"area_id": town.here}),
            http.get(f"{API}/grants/{ids['grant_id']}"),
            http.get(f"{API}/users/{ids['user_id']}"),
            http.patch(f"{API}/cameras/{own['id']}", json={"area_id": town.here}),
            http.patch(f"{API}/cameras/{ids['camera_id']}", json={"area_id": town.areas["there"]}),
            http.post(f"{API}/cameras", json={"name": "X", "address": "rtsp://192.0.2.9/", "area_id": town.here}),
            http.post(f"{API}/areas", json={"name": "X", "parent_id": town.here}),
            http.patch(f"{API}/areas/{town.areas['there']}", json={"parent_id": town.here}),
            http.post(f"{API}/grants", json={"user_id": user_id, "role": "viewer", "area_id": town.here}),
            http.post(
                f"{API}/grants", json={"user_id": ids["user_id"], "role": "viewer", "area_id": town.areas["there"]}
            ),
            http.patch(f"{API}/cameras/{own['id']}/zones/{ids['zone_id']}", json={"name": "X"}),
            http.delete(f"{API}/cameras/{own['id']}/rules/{ids['rule_id']}"),
            http.delete(f"{API}/cameras/{own['id']}/whep/{ids['view']}"),
        ]
        for request in asked:
            answer = await request
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found"), answer.text
            assert TRACE not in answer.text
        filtered = await http.get(f"{API}/alerts", params={"camera_id": ids["camera_id"]})
        assert filtered.json()["items"] == []
        body = {"name": "X", "kind": "intrusion", "zone_id": ids["used_zone_id"], "labels": ["person"]}
        assert (await http.post(f"{API}/cameras/{own['id']}/rules", json=body)).json()["code"] == "zone-kind-wrong"
        here = await town.callers["here"].get(f"{API}/cameras/{ids['camera_id']}")
        assert here.json()["area_id"] == town.here


async def test_township_manages_its_own_people(town: Town) -> None:
    """Its administrator adds people to its areas, sees and manages those, and nobody who has a role elsewhere."""
    ids = await town.stage()
    async with newcomer(town, Role.ADMIN, "there") as (http, own_id, _grant):
        body = {"username": new_identifier(), "role": "viewer", "area_id": town.areas["there"]}
        made = (await http.post(f"{API}/users", json=body)).json()
        listed = (await http.get(f"{API}/users")).json()["items"]
        assert {made["id"], own_id, town.users["sibling"]} <= {user["id"] for user in listed}
        assert not {ids["user_id"], town.users["here"], town.users["dispatcher"]} & {user["id"] for user in listed}
        assert (await http.post(f"{API}/users/{made['id']}/password", json={})).json()["generated_password"]
        for wrong in ({"area_id": town.here, "role": "viewer"}, {"area_id": town.areas["township"], "role": "viewer"}):
            answer = await http.post(f"{API}/users", json={"username": new_identifier(), **wrong})
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
        assert (await http.post(f"{API}/users", json={"username": new_identifier()})).json()["code"] == "not-allowed"
        shared = {"user_id": made["id"], "role": "viewer", "area_id": town.here}
        assert (await town.callers["admin"].post(f"{API}/grants", json=shared)).status_code == 201
        answer = await http.post(f"{API}/users/{made['id']}/password", json={})
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
        access = (await http.get(f"{API}/users/{made['id']}/access")).json()
        assert [area["area_id"] for area in access["areas"]] == [town.areas["there"]]
        assert TRACE not in str(access)


async def test_names_elsewhere_are_nobodys_business(town: Town) -> None:
    """A name that a camera of the other village has is free here: a refusal would tell of that camera."""
    ids = await town.stage()
    name = (await town.callers["here"].get(f"{API}/cameras/{ids['camera_id']}")).json()["name"]
    async with newcomer(town, Role.MAINTAINER, "there") as (http, _user_id, _grant):
        answer = await http.post(f"{API}/cameras", json={"name": name, "address": "rtsp://192.0.2.9/"})
        assert answer.status_code == 201


async def test_refusals_name_who_can_help(town: Town) -> None:
    """403 says which right is missing and who can grant it."""
    ids = await town.stage()
    answer = await town.callers["here"].delete(f"{API}/cameras/{ids['camera_id']}")
    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    assert (answer.json()["permission"], answer.json()["who_can_grant"]) == ("camera.manage", ["admin"])


@pytest.mark.parametrize("name", ["token", "access_token", "password"])
async def test_secrets_in_addresses_are_refused(town: Town, name: str) -> None:
    """They would end in logs; even a right one is refused, so that nobody gets used to it."""
    answer = await town.callers["admin"].get(f"{API}/cameras", params={name: "x"})
    assert (answer.status_code, answer.json()["code"]) == (400, "token-in-query")


async def test_forged_and_replayed_logins_are_nobody(town: Town) -> None:
    """Guessed cookies, a session after its logout, a session as a token, a token as a session."""
    async with newcomer(town, Role.VIEWER, "here") as (http, _user_id, _grant), town.site.anonymous() as thief:
        stolen = http.cookies["xueliang_session"]
        await http.post(f"{API}/logout")
        made = (await town.callers["here"].post(f"{API}/tokens", json={"name": "x", "scopes": ["camera.view"]})).json()
        fresh = town.callers["here"].cookies["xueliang_session"]
        for cookie in (stolen, "x" * 43, made["token"], fresh[:-1], fresh + "x"):
            answer = await thief.get(f"{API}/me", headers={"Cookie": f"xueliang_session={cookie}"})
            assert (answer.status_code, answer.json()["code"]) == (401, "not-logged-in")
        for token in (fresh, stolen, ".", made["token"][:-1], "null"):
            answer = await thief.get(f"{API}/cameras", headers={"Authorization": f"Bearer {token}"})
            assert (answer.status_code, answer.json()["code"]) == (401, "token-wrong")
