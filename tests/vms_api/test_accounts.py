"""Set-up, login, sessions."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clock import ManualClock
from tests.vms_api.conftest import CHEAP_HASHER, PASSWORD, Site, log_in, running_site
from vms_api.accounts.account import SESSION_ABSOLUTE, SESSION_IDLE
from vms_api.accounts.login_limit import ACCOUNT_LIMIT, ADDRESS_LIMIT, WINDOW_S, FailureWindow
from vms_api.accounts.passwords import Passwords
from vms_api.audit.entry import Actor
from vms_api.errors import PresetPasswordWeak

pytestmark = pytest.mark.anyio

LOGIN, SETUP, ME = "/api/v1/login", "/api/v1/setup", "/api/v1/me"


async def test_first_user_is_made_once_with_the_printed_token(tmp_path: Path) -> None:
    """Set-up needs the token, a long password, and happens once; it logs in."""
    async with running_site(tmp_path, environ={}) as site:
        assert (await site.http.get(SETUP)).json() == {"needed": True}
        body = {"token": "guessed", "username": "chief", "password": PASSWORD}
        answer = await site.http.post(SETUP, json=body)
        assert (answer.status_code, answer.json()["code"]) == (403, "setup-token-wrong")
        body["token"] = site.control.accounts.desk.issue_setup_token()
        answer = await site.http.post(SETUP, json={**body, "password": "short"})
        assert (answer.status_code, answer.json()["code"]) == (422, "password-weak")
        answer = await site.http.post(SETUP, json=body)
        assert (answer.status_code, answer.json()["username"]) == (201, "chief")
        assert (await site.http.get(ME)).json()["username"] == "chief"
        assert (await site.http.get(SETUP)).json() == {"needed": False}
        again = {**body, "token": site.control.accounts.desk.issue_setup_token()}
        assert (await site.http.post(SETUP, json=again)).json()["code"] == "setup-done"


@pytest.mark.both_databases
async def test_wrong_name_and_wrong_password_get_one_answer(site: Site) -> None:
    """Nobody learns which names exist."""
    async with site.anonymous() as http:
        wrong = await http.post(LOGIN, json={"username": "admin", "password": "x" * 20})
        unknown = await http.post(LOGIN, json={"username": "nobody", "password": "x" * 20})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["code"] == "login-failed"


@pytest.mark.parametrize(
    "body",
    [{}, {"username": "admin"}, {"username": "admin", "password": PASSWORD, "token": "x"}, {"token": None}],
)
async def test_login_is_one_way_or_the_other(site: Site, body: dict[str, str]) -> None:
    """Half a login, or both ways at once, is no request."""
    answer = await site.http.post(LOGIN, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "login-incomplete")


async def test_unknown_user_is_hashed_like_a_known_one() -> None:
    """The decoy is verified, and even its own password lets nobody in."""
    passwords = Passwords(CHEAP_HASHER)
    assert not await passwords.verify(None, "nobody has this password")
    assert await passwords.verify(CHEAP_HASHER.hash("mine"), "mine")


async def test_guessing_is_stopped_per_account(tmp_path: Path) -> None:
    """After ten failures even the right password waits; Retry-After says how long; then it works."""
    clock = ManualClock()
    async with running_site(tmp_path, clock=clock) as site:
        for _ in range(ACCOUNT_LIMIT):
            answer = await site.http.post(LOGIN, json={"username": "ADMIN", "password": "wrong"})
            assert answer.status_code == 401
        answer = await log_in(site.http)
        assert (answer.status_code, answer.json()["code"]) == (429, "too-many-attempts")
        assert int(answer.headers["Retry-After"]) == WINDOW_S
        clock.advance(WINDOW_S + 1)
        assert (await log_in(site.http)).status_code == 200


async def test_guessing_is_stopped_per_address(site: Site) -> None:
    """Trying many names from one place is stopped too."""
    codes = [
        (await site.http.post(LOGIN, json={"username": f"user{number}", "password": "wrong"})).status_code
        for number in range(ADDRESS_LIMIT + 1)
    ]
    assert codes.count(429) >= 1
    assert codes[-1] == 429


@given(st.lists(st.floats(0, 100), max_size=40), st.integers(1, 5))
def test_window_never_lets_more_than_the_limit_through(gaps: list[float], limit: int) -> None:
    """In any WINDOW_S seconds at most `limit` attempts fail, and the named wait is enough."""
    window, now_s, passed = FailureWindow(limit), 0.0, []
    for gap in gaps:
        now_s += gap
        if (wait_s := window.wait_s("key", now_s)) == 0:
            window.add("key", now_s)
            passed.append(now_s)
        else:
            assert window.wait_s("key", now_s + wait_s + 1e-6) == 0
    for begin in passed:
        assert sum(begin <= at < begin + WINDOW_S - 1e-6 for at in passed) <= limit


async def test_sessions_end_when_idle_when_old_and_at_logout(tmp_path: Path) -> None:
    """Use keeps a session alive up to its absolute age; logout ends it on the server."""
    clock = ManualClock()
    async with running_site(tmp_path, clock=clock) as site:
        clock.advance((SESSION_IDLE - timedelta(minutes=1)).total_seconds())
        assert (await site.http.get(ME)).status_code == 200
        clock.advance((SESSION_IDLE + timedelta(minutes=1)).total_seconds())
        assert (await site.http.get(ME)).json()["code"] == "not-logged-in"
        await log_in(site.http)
        for _ in range(int(SESSION_ABSOLUTE / timedelta(hours=6))):
            assert (await site.http.get(ME)).status_code == 200
            clock.advance(6 * 3600)
        clock.advance(1)
        assert (await site.http.get(ME)).status_code == 401
        await log_in(site.http)
        stolen = dict(site.http.cookies)
        assert (await site.http.post("/api/v1/logout")).status_code == 204
        async with site.anonymous() as thief:
            thief.cookies.update(stolen)
            assert (await thief.get(ME)).status_code == 401


async def test_cookie_is_out_of_reach_for_scripts(site: Site) -> None:
    """HttpOnly, SameSite=Lax, Path=/ and a fresh token for each login."""
    async with site.anonymous() as http:
        cookie = (await log_in(http)).headers["set-cookie"]
        other = (await log_in(http)).headers["set-cookie"]
    assert cookie.startswith("xueliang_session=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert cookie.split(";")[0] != other.split(";")[0]


async def test_https_has_a_host_cookie(tmp_path: Path) -> None:
    """Behind HTTPS the cookie is bound to host and transport."""
    server = {"port": 0, "public_origin": "https://video.example.org"}
    async with running_site(tmp_path, server=server) as site, site.anonymous() as http:
        cookie = (await log_in(http)).headers["set-cookie"]
    assert cookie.startswith("__Host-xueliang_session=")
    assert "Secure" in cookie.split("; ")


async def test_login_link_works_once_and_not_for_long(tmp_path: Path) -> None:
    """A one-time link logs in its user, once, within ten minutes."""
    clock = ManualClock()
    async with running_site(tmp_path, clock=clock) as site, site.anonymous() as http:
        user_id = (await site.http.get(ME)).json()["id"]
        token = await site.control.accounts.desk.issue_login_token(Actor(user_id))
        assert (await http.post(LOGIN, json={"token": token})).json()["username"] == "admin"
        assert (await http.post(LOGIN, json={"token": token})).json()["code"] == "login-token-wrong"
        late = await site.control.accounts.desk.issue_login_token(Actor(user_id))
        clock.advance(601)
        assert (await http.post(LOGIN, json={"token": late})).status_code == 401


@pytest.mark.both_databases
async def test_language_is_the_persons_choice(site: Site) -> None:
    """It is kept with the user; unknown ones are refused."""
    assert (await site.http.get(ME)).json()["language"] is None
    assert (await site.http.patch(ME, json={"language": "zh-CN"})).json()["language"] == "zh-CN"
    assert (await site.http.get(ME)).json()["language"] == "zh-CN"
    assert (await site.http.patch(ME, json={"language": "fr"})).status_code == 422
    assert (await site.http.patch(ME, json={"language": "en", "username": "root"})).status_code == 422


async def test_weak_preset_password_stops_the_start(tmp_path: Path) -> None:
    """Nobody runs a site with a guessable preset."""
    with pytest.raises(PresetPasswordWeak, match="at least 12 characters"):
        async with running_site(tmp_path, environ={"XUELIANG_ADMIN_PASSWORD": "12345678901"}):
            pass


async def test_changed_preset_ends_old_sessions(tmp_path: Path) -> None:
    """A restart with another preset changes the password; with the same one sessions live on."""
    async with running_site(tmp_path) as site:
        cookies = dict(site.http.cookies)
    async with running_site(tmp_path) as site, site.anonymous() as http:
        http.cookies.update(cookies)
        assert (await http.get(ME)).status_code == 200
    async with running_site(tmp_path, environ={"XUELIANG_ADMIN_PASSWORD": "quite another one"}) as site:
        site.http.cookies.update(cookies)
        assert (await site.http.get(ME)).status_code == 401
        assert (await log_in(site.http)).status_code == 401
