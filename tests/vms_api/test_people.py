"""Users, groups, grants, sessions, tokens and second factors over the API."""

import base64
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.fakes.clock import ManualClock
from tests.vms_api.conftest import PASSWORD, Site, running_site
from vms_api.accounts.account import SESSION_IDLE
from vms_api.accounts.totp import code_at, step_of

pytestmark = pytest.mark.anyio

API = "/api/v1"
OTHER = "three wet umbrellas"


def stored_bytes(folder: Path) -> bytes:
    """Everything on disk."""
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


async def log_in(http: httpx.AsyncClient, username: str, password: str, **fields: str) -> httpx.Response:
    return await http.post(f"{API}/login", json={"username": username, "password": password, **fields})


async def add_user(site: Site, username: str = "anna") -> tuple[str, str]:
    """A user whose password was generated: id and password."""
    answer = await site.http.post(f"{API}/users", json={"username": username})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"], answer.json()["generated_password"]


async def grant(site: Site, role: str, **holder: str) -> str:
    root = (await site.http.get(f"{API}/areas")).json()["items"][0]["id"]
    answer = await site.http.post(f"{API}/grants", json={"role": role, "area_id": root, **holder})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def test_given_password_must_be_changed_first(site: Site) -> None:
    """Until then nothing but that is answered; weak, wrong and used ones are refused; other sessions end."""
    _user_id, given = await add_user(site)
    async with site.anonymous() as http, site.anonymous() as elsewhere:
        me = (await log_in(http, "anna", given)).json()
        await log_in(elsewhere, "anna", given)
        assert me["must_change_password"] is True
        assert (await http.get(f"{API}/cameras")).json()["code"] == "password-change-required"
        for present, password, code in (
            ("wrong", OTHER, "password-wrong"),
            (given, "annaannaanna", "password-weak"),
            (given, given, "password-reused"),
        ):
            answer = await http.post(f"{API}/me/password", json={"present": present, "password": password})
            assert answer.json()["code"] == code
        changed = await http.post(f"{API}/me/password", json={"present": given, "password": OTHER})
        assert changed.status_code == 204
        assert (await http.get(f"{API}/cameras")).json()["items"] == []
        assert (await elsewhere.get(f"{API}/me")).status_code == 401
        back = await http.post(f"{API}/me/password", json={"present": OTHER, "password": given})
        assert back.json()["code"] == "password-reused"


@pytest.mark.both_databases
async def test_disabled_user_is_out_at_once(site: Site) -> None:
    """Sessions and tokens end; the login is answered like a wrong password; enabling lets the person in again."""
    user_id, given = await add_user(site)
    await grant(site, "viewer", user_id=user_id)
    async with site.anonymous() as http, site.anonymous() as program:
        await log_in(http, "anna", given)
        await http.post(f"{API}/me/password", json={"present": given, "password": OTHER})
        made = (await http.post(f"{API}/tokens", json={"name": "wall", "scopes": ["camera.view"]})).json()
        program.headers["Authorization"] = f"Bearer {made['token']}"
        assert (await program.get(f"{API}/cameras")).status_code == 200
        assert (await site.http.patch(f"{API}/users/{user_id}", json={"is_enabled": False})).status_code == 200
        assert (await http.get(f"{API}/me")).status_code == 401
        assert (await program.get(f"{API}/cameras")).json()["code"] == "token-wrong"
        assert (await log_in(http, "anna", OTHER)).json()["code"] == "login-failed"
        await site.http.patch(f"{API}/users/{user_id}", json={"is_enabled": True})
        assert (await log_in(http, "anna", OTHER)).status_code == 200


@pytest.mark.both_databases
async def test_last_administrator_stays(site: Site) -> None:
    """Neither disabling, removing, nor taking grant or group away leaves nobody; a refusal changes nothing."""
    admin = (await site.http.get(f"{API}/me")).json()["id"]
    (own,) = (await site.http.get(f"{API}/grants")).json()["items"]
    answers = [
        await site.http.patch(f"{API}/users/{admin}", json={"is_enabled": False}),
        await site.http.delete(f"{API}/users/{admin}"),
        await site.http.delete(f"{API}/grants/{own['id']}"),
    ]
    group = (await site.http.post(f"{API}/groups", json={"name": "Duty room"})).json()["id"]
    assert (await site.http.put(f"{API}/groups/{group}/members/{admin}")).status_code == 204
    await grant(site, "admin", group_id=group)
    assert (await site.http.delete(f"{API}/grants/{own['id']}")).status_code == 204
    answers.append(await site.http.delete(f"{API}/groups/{group}/members/{admin}"))
    answers.append(await site.http.delete(f"{API}/groups/{group}"))
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(409, "last-admin")}
    assert (await site.http.get(f"{API}/users")).status_code == 200


async def test_tokens_do_what_their_scopes_and_their_owner_may(tmp_path: Path) -> None:
    """Shown once, kept as a hash, cut down to scopes, useless for the account itself, over when it expires."""
    clock = ManualClock()
    async with running_site(tmp_path, clock=clock) as site, site.anonymous() as program:
        body = {"name": "wall", "scopes": ["camera.view"], "days": 2}
        made = (await site.http.post(f"{API}/tokens", json=body)).json()
        assert "token" not in (await site.http.get(f"{API}/tokens")).json()["items"][0]
        program.headers["Authorization"] = f"Bearer {made['token']}"
        assert (await program.get(f"{API}/cameras")).status_code == 200
        refused = await program.post(f"{API}/cameras", json={"name": "X", "address": "rtsp://192.0.2.1/"})
        assert (refused.status_code, refused.json()["permission"]) == (403, "camera.manage")
        for path, sent in (("tokens", body), ("me/password", {"present": PASSWORD, "password": OTHER})):
            answer = await program.post(f"{API}/{path}", json=sent)
            assert (answer.status_code, answer.json()["code"]) == (403, "session-required")
        clock.advance(timedelta(days=2).total_seconds())
        assert (await program.get(f"{API}/cameras")).json()["code"] == "token-wrong"
    assert made["token"].encode() not in stored_bytes(tmp_path)


async def test_tokens_and_sessions_outlive_a_restart(tmp_path: Path) -> None:
    """They are on disk, and so are the rights."""
    async with running_site(tmp_path) as site:
        cookies = dict(site.http.cookies)
        token = (await site.http.post(f"{API}/tokens", json={"name": "wall", "scopes": ["camera.view"]})).json()[
            "token"
        ]
    async with running_site(tmp_path) as site, site.anonymous() as http:
        assert (await http.get(f"{API}/cameras", headers={"Authorization": f"Bearer {token}"})).status_code == 200
        http.cookies.update(cookies)
        assert "user.manage" in (await http.get(f"{API}/me")).json()["permissions"]


async def test_sessions_are_listed_and_ended(tmp_path: Path) -> None:
    """One's own, with where they began; ended from elsewhere; those that are over are not listed."""
    clock = ManualClock()
    async with running_site(tmp_path, clock=clock) as site, site.anonymous() as elsewhere:
        elsewhere.headers["User-Agent"] = "Wall 7"
        await log_in(elsewhere, "admin", PASSWORD)
        listed = (await site.http.get(f"{API}/sessions")).json()["items"]
        other = next(session for session in listed if not session["is_current"])
        assert (len(listed), other["agent"], other["address"]) == (2, "Wall 7", "127.0.0.1")
        assert (await site.http.delete(f"{API}/sessions/{other['id']}")).status_code == 204
        assert (await elsewhere.get(f"{API}/me")).status_code == 401
        await log_in(elsewhere, "admin", PASSWORD)
        clock.advance(SESSION_IDLE.total_seconds() - 60)
        await site.http.get(f"{API}/me")
        clock.advance(120)
        assert len((await site.http.get(f"{API}/sessions")).json()["items"]) == 1


async def test_second_factor_is_asked_for_and_works_once(tmp_path: Path) -> None:
    """Set up with password and code, asked for at the login, a code is good once, wrong ones count as guesses."""
    clock = ManualClock()
    async with running_site(tmp_path, clock=clock) as site, site.anonymous() as http:
        offer = (await site.http.post(f"{API}/me/totp", json={"present": PASSWORD})).json()
        assert base64.b32decode(offer["secret"])
        assert (await site.http.post(f"{API}/me/totp/confirm", json={"code": "000000"})).status_code == 422
        code = code_at(offer["secret"], step_of(clock.now()))
        assert (await site.http.post(f"{API}/me/totp/confirm", json={"code": code})).status_code == 204
        assert (await log_in(http, "admin", PASSWORD)).json()["code"] == "totp-needed"
        assert (await log_in(http, "admin", PASSWORD, code=code)).json()["code"] == "totp-wrong"
        clock.advance(60)
        code = code_at(offer["secret"], step_of(clock.now()))
        assert (await log_in(http, "admin", PASSWORD, code=code)).status_code == 200
        assert (await log_in(http, "admin", PASSWORD, code=code)).json()["code"] == "totp-wrong"
        assert (await site.http.post(f"{API}/me/totp/remove", json={"present": "wrong"})).status_code == 403
        assert (await site.http.post(f"{API}/me/totp/remove", json={"present": PASSWORD})).status_code == 204
        assert (await log_in(http, "admin", PASSWORD)).status_code == 200


async def test_role_may_ask_for_a_second_factor(tmp_path: Path) -> None:
    """Until it is set up nothing else is answered."""
    async with running_site(tmp_path, accounts={"totp_roles": ["admin"]}) as site:
        assert (await site.http.get(f"{API}/me")).json()["must_set_up_totp"] is True
        assert (await site.http.get(f"{API}/cameras")).json()["code"] == "totp-setup-required"
        offer = (await site.http.post(f"{API}/me/totp", json={"present": PASSWORD})).json()
        code = code_at(offer["secret"], step_of(site.control.clock.now()))
        assert (await site.http.post(f"{API}/me/totp/confirm", json={"code": code})).status_code == 204
        assert (await site.http.get(f"{API}/cameras")).status_code == 200


@pytest.mark.both_databases
async def test_who_sees_what_is_answered_from_both_sides(site: Site) -> None:
    """Who can see this camera? What can this person see? With the role, the area and the group it comes by."""
    user_id, _given = await add_user(site)
    group = (await site.http.post(f"{API}/groups", json={"name": "Duty room"})).json()["id"]
    await site.http.put(f"{API}/groups/{group}/members/{user_id}")
    grant_id = await grant(site, "viewer", group_id=group)
    camera = await site.add_camera()
    viewers = (await site.http.get(f"{API}/cameras/{camera['id']}/viewers")).json()["items"]
    assert [(who["username"], who["role"], who["group"]) for who in viewers] == [
        ("admin", "admin", None),
        ("anna", "viewer", "Duty room"),
    ]
    access = (await site.http.get(f"{API}/users/{user_id}/access")).json()
    assert [(role["role"], role["grant_id"]) for role in access["roles"]] == [("viewer", grant_id)]
    assert [(area["camera_count"], "live.view" in area["permissions"]) for area in access["areas"]] == [(1, True)]
    again = await site.http.post(
        f"{API}/grants", json={"group_id": group, "role": "viewer", "area_id": camera["area_id"]}
    )
    assert (again.status_code, again.json()["code"]) == (409, "grant-exists")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("users", {"username": "eve", "role": "admin"}),
        ("users", {"username": "eve", "password_hash": "x"}),
        ("grants", {"role": "owner", "area_id": "x", "user_id": "y"}),
        ("grants", {"role": "viewer", "area_id": "x"}),
        ("grants", {"role": "viewer", "area_id": "x", "user_id": "y", "group_id": "z"}),
        ("tokens", {"name": "x", "scopes": ["everything"]}),
        ("tokens", {"name": "x", "scopes": ["camera.view"], "user_id": "somebody"}),
        ("areas", {"name": "x", "parent_id": "y", "id": "z"}),
    ],
)
async def test_fields_beyond_the_contract_are_refused(site: Site, path: str, body: dict[str, object]) -> None:
    """Nobody assigns himself a role, an owner or an id on the way (mass assignment)."""
    answer = await site.http.post(f"{API}/{path}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
