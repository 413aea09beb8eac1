"""Login by an OpenID Connect provider, against one that really answers."""

import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from tests.fakes.oidc_provider import CLIENT_ID, CLIENT_SECRET, FakeProvider, running_provider
from tests.vms_api.conftest import PASSWORD, Site, running_site
from vms_api.accounts.login_limit import ADDRESS_LIMIT
from vms_api.accounts.oidc import CALLBACK_PATH, SECRET_VARIABLE
from vms_api.accounts.oidc_settings import OidcSettings
from vms_api.accounts.totp import code_at, step_of
from vms_api.audit.entry import SYSTEM, Outcome
from vms_api.plain_http import NO_AUTHORITY
from vms_api.settings import ServerSettings

pytestmark = pytest.mark.anyio

ORIGIN = "http://video.example.test"
BEGIN = "/api/v1/login/oidc"
ENVIRON = {"XUELIANG_ADMIN_PASSWORD": PASSWORD, SECRET_VARIABLE: CLIENT_SECRET}


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with running_provider() as running:
        yield running


@asynccontextmanager
async def site_of(folder: Path, provider: FakeProvider, **changes: object) -> AsyncIterator[Site]:
    """A site that stands behind a proxy at ORIGIN and knows the provider."""
    oidc = OidcSettings.model_validate(
        {"issuer": provider.issuer, "client_id": CLIENT_ID, "label": "Town login", **changes}
    )
    server = ServerSettings(port=0, public_origin=ORIGIN)
    async with running_site(folder, environ=ENVIRON, server=server, oidc=oidc) as running:
        yield running


@pytest.fixture
async def site(tmp_path: Path, provider: FakeProvider) -> AsyncIterator[Site]:
    """With the user `li`, who has no role."""
    async with site_of(tmp_path / "data", provider) as running:
        await running.control.accounts.people.add("li", PASSWORD, SYSTEM)
        yield running


async def to_callback(browser: httpx.AsyncClient, begin: str = BEGIN) -> str:
    """Goes to the provider and back; the address on this site where that ends, not yet opened."""
    sent = await browser.get(begin)
    assert sent.status_code == 303
    async with httpx.AsyncClient(trust_env=False, verify=NO_AUTHORITY) as elsewhere:
        back = await elsewhere.get(sent.headers["location"])
    address = back.headers["location"]
    assert address.startswith(ORIGIN + CALLBACK_PATH + "?")
    return address.removeprefix(ORIGIN)


async def walk(browser: httpx.AsyncClient, begin: str = BEGIN) -> str:
    """The whole way; where the browser ends up on this site."""
    answer = await browser.get(await to_callback(browser, begin))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def name_of(browser: httpx.AsyncClient) -> str | None:
    """Who is logged in."""
    answer = await browser.get("/api/v1/me")
    return answer.json()["username"] if answer.status_code == 200 else None


async def login_rows(site: Site) -> list[tuple[str, str | None, object]]:
    """Outcome, person and way or reason of the logins on record, the latest first."""
    await site.control.denials.flush(is_last=True)
    answer = await site.http.get("/api/v1/audit", params={"kind": "session.login"})
    assert answer.status_code == 200, answer.text
    return [(row["outcome"], row["actor"]["name"], row["detail"]) for row in answer.json()["items"]]


async def test_person_logs_in_and_goes_on(site: Site, provider: FakeProvider) -> None:
    """A user who exists comes in by the provider, with an ordinary session, where the page wanted to go."""
    async with site.anonymous() as browser:
        assert await walk(browser, f"{BEGIN}?next=/cameras/7") == "/cameras/7"
        assert await name_of(browser) == "li"
        assert "xueliang_oidc" not in browser.cookies
    assert provider.redirect_uris == [ORIGIN + CALLBACK_PATH]
    outcome, name, detail = (await login_rows(site))[0]
    assert (outcome, name, detail) == ("done", "li", {"by": "oidc"})


async def test_no_role_comes_from_the_token(site: Site, provider: FakeProvider) -> None:
    """Whatever the provider says of roles, rights are those granted here."""
    provider.person |= {"roles": ["admin"], "groups": ["admin"], "realm_access": {"roles": ["admin"]}}
    async with site.anonymous() as browser:
        await walk(browser)
        assert (await browser.get("/api/v1/me")).json()["permissions"] == []


async def test_subject_counts_after_the_first_login(site: Site, provider: FakeProvider) -> None:
    """A new name at the provider leads to the same user; another person who took the old name is not let in."""
    async with site.anonymous() as browser:
        await walk(browser)
        provider.person = {"sub": "s-1", "preferred_username": "li.wei"}
        await walk(browser)
        assert await name_of(browser) == "li"
    provider.person = {"sub": "s-2", "preferred_username": "li"}
    async with site.anonymous() as browser:
        assert await walk(browser) == "/login?problem=oidc-user-unknown"
        assert await name_of(browser) is None


async def test_person_made_anew_at_the_provider_is_unlinked(site: Site, provider: FakeProvider) -> None:
    """Another subject of the same name is refused until an administrator unlinks the user; whoever was in is out."""
    (li,) = [one for one in (await site.http.get("/api/v1/users")).json()["items"] if one["username"] == "li"]
    path = f"/api/v1/users/{li['id']}"
    assert (li["is_linked"], (await site.http.delete(f"{path}/oidc")).status_code) == (False, 404)
    async with site.anonymous() as browser:
        await walk(browser)
        assert (await site.http.get(path)).json()["is_linked"] is True
        provider.person["sub"] = "s-2"
        async with site.anonymous() as other:
            assert "oidc-user-unknown" in await walk(other)
        assert (await site.http.delete(f"{path}/oidc")).status_code == 204
        assert await name_of(browser) is None
    async with site.anonymous() as browser:
        await walk(browser)
        assert await name_of(browser) == "li"
    changes = (await site.http.get("/api/v1/audit", params={"kind": "user.change"})).json()["items"]
    assert [row["detail"].get("oidc_subject", row["detail"].get("is_linked")) for row in changes] == [
        "s-2",
        False,
        "s-1",
    ]


async def test_first_login_by_the_provider_is_on_record(site: Site) -> None:
    """From whom a user got the link to a person of the provider can be looked up."""
    async with site.anonymous() as browser:
        await walk(browser)
    rows = (await site.http.get("/api/v1/audit", params={"kind": "user.change"})).json()["items"]
    assert [row["detail"] for row in rows] == [{"username": "li", "oidc_subject": "s-1"}]


def _foreign_key(provider: FakeProvider) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "k1"}, private=True)


LIES: dict[str, Callable[[FakeProvider], None]] = {
    "nonce of another login": lambda provider: provider.claims.update(nonce="another"),
    "no nonce": lambda provider: provider.claims.update(nonce=None),
    "another audience": lambda provider: provider.claims.update(aud="another-site"),
    "no audience": lambda provider: provider.claims.update(aud=None),
    "issued to another site": lambda provider: provider.claims.update(azp="another-site"),
    "another issuer": lambda provider: provider.claims.update(iss="https://login.example.org"),
    "expired": lambda provider: provider.claims.update(exp=int(time.time()) - 3600),
    "no expiry": lambda provider: provider.claims.update(exp=None),
    "no subject": lambda provider: provider.claims.update(sub=None),
    "subject is no text": lambda provider: provider.claims.update(sub=7),
    "foreign signature": _foreign_key,
    "public key as shared secret": lambda provider: setattr(provider, "algorithm", "HS256"),
    "no signature": lambda provider: setattr(provider, "algorithm", "none"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_token_that_cannot_be_believed_is_refused(site: Site, provider: FakeProvider, lie: str) -> None:
    """Nobody comes in by an ID token that is wrong in any one way, and the attempt is on record."""
    LIES[lie](provider)
    async with site.anonymous() as browser:
        assert await walk(browser) == "/login?problem=oidc-refused"
        assert await name_of(browser) is None
    assert (await login_rows(site))[0][0] == Outcome.DENIED


async def test_state_works_once(site: Site, provider: FakeProvider) -> None:
    """The address of a finished login opens nothing again, even with the cookie of the browser that finished it."""
    async with site.anonymous() as browser:
        callback = await to_callback(browser)
        kept = dict(browser.cookies)
        assert (await browser.get(callback)).headers["location"] == "/"
    async with site.anonymous() as browser:
        browser.cookies.update(kept)
        assert (await browser.get(callback)).headers["location"] == "/login?problem=oidc-refused"
        assert await name_of(browser) is None


async def test_another_browser_cannot_finish_a_login(site: Site) -> None:
    """Nobody is logged in as somebody else by opening that person's address."""
    async with site.anonymous() as attacker, site.anonymous() as victim:
        callback = await to_callback(attacker)
        assert (await victim.get(callback)).headers["location"] == "/login?problem=oidc-refused"
        assert await name_of(victim) is None
        assert (await attacker.get(callback)).headers["location"] == "/"


async def test_answer_of_another_issuer_is_refused(site: Site) -> None:
    """An answer that names another provider is a mix-up."""
    async with site.anonymous() as browser:
        callback = await to_callback(browser)
        mixed = await browser.get(f"{callback}&iss=https://login.example.org")
        assert mixed.headers["location"] == "/login?problem=oidc-refused"


async def test_refusal_of_the_provider_is_told(site: Site) -> None:
    """Who says no at the provider is back at the login page."""
    async with site.anonymous() as browser:
        state = parse_qs(urlsplit(await to_callback(browser)).query)["state"][0]
        answer = await browser.get(CALLBACK_PATH, params={"error": "access_denied", "state": state})
        assert answer.headers["location"] == "/login?problem=oidc-refused"


async def test_unknown_person_is_not_let_in(site: Site, provider: FakeProvider) -> None:
    """An account at the provider is none here."""
    provider.person = {"sub": "s-9", "preferred_username": "stranger"}
    async with site.anonymous() as browser:
        assert await walk(browser) == "/login?problem=oidc-user-unknown"
        assert await name_of(browser) is None
    assert [user.username for user in await site.control.accounts.people.list_people()] == ["admin", "li"]


async def test_disabled_user_is_not_let_in(site: Site) -> None:
    """Neither at the first login nor later."""
    user = next(user for user in await site.control.accounts.people.list_people() if user.username == "li")
    async with site.anonymous() as browser:
        for _ in range(2):
            await site.control.accounts.people.set_enabled(user.id, SYSTEM, enabled=False)
            assert await walk(browser) == "/login?problem=oidc-user-unknown"
            await site.control.accounts.people.set_enabled(user.id, SYSTEM, enabled=True)
            assert await walk(browser) == "/"


async def test_second_factor_is_not_passed_by(site: Site) -> None:
    """An account with codes here is entered by password and code."""
    user = next(user for user in await site.control.accounts.people.list_people() if user.username == "li")
    secret = site.control.accounts.factors.offer(user)
    await site.control.accounts.factors.confirm(user, code_at(secret, step_of(site.control.clock.now())), SYSTEM)
    async with site.anonymous() as browser:
        assert await walk(browser) == "/login?problem=oidc-second-factor"
        assert await name_of(browser) is None


async def test_new_people_become_users_without_a_role(tmp_path: Path, provider: FakeProvider) -> None:
    """With auto_create; they see nothing until somebody grants them a role."""
    async with site_of(tmp_path / "data", provider, auto_create=True) as site, site.anonymous() as browser:
        assert await walk(browser) == "/"
        assert (await browser.get("/api/v1/me")).json()["permissions"] == []
        provider.person = {"sub": "s-3", "preferred_username": "x" * 65}
        assert await walk(browser) == "/login?problem=oidc-user-unknown"


async def test_first_user_is_not_made_by_the_provider(tmp_path: Path, provider: FakeProvider) -> None:
    """Before the set-up nobody becomes a user: the administrator would be missing for ever."""
    oidc = OidcSettings(issuer=provider.issuer, client_id=CLIENT_ID, auto_create=True)
    server = ServerSettings(port=0, public_origin=ORIGIN)
    secret = oidc.model_copy(update={"client_secret": SecretStr(CLIENT_SECRET)})
    async with running_site(tmp_path, environ={}, server=server, oidc=secret) as site, site.anonymous() as browser:
        assert await walk(browser) == "/login?problem=oidc-user-unknown"
        assert (await browser.get("/api/v1/setup")).json() == {"needed": True}


async def test_code_of_another_login_is_refused(site: Site) -> None:
    """A code that this site was not given for this login (RFC 7636), as an attacker would slip in."""
    async with site.anonymous() as browser:
        state = parse_qs(urlsplit(await to_callback(browser)).query)["state"][0]
        other = parse_qs(urlsplit(await to_callback(site.http)).query)["code"][0]
        answer = await browser.get(CALLBACK_PATH, params={"state": state, "code": other})
        assert answer.headers["location"] == "/login?problem=oidc-refused"


async def test_provider_that_is_away_is_told(tmp_path: Path, provider: FakeProvider) -> None:
    """The person is back at the login page, where the password works."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        issuer = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        async with site_of(tmp_path / "data", provider, issuer=issuer) as site:
            answer = await site.http.get(BEGIN)
            assert answer.headers["location"] == "/login?problem=oidc-unavailable"
            assert await name_of(site.http) == "admin"


async def test_guessing_has_a_limit(site: Site) -> None:
    """Logins that nobody finishes count like wrong passwords."""
    async with site.anonymous() as browser:
        for _ in range(ADDRESS_LIMIT):
            assert (await browser.get(BEGIN)).headers["location"].startswith("http://127.0.0.1")
        assert (await browser.get(BEGIN)).headers["location"] == "/login?problem=too-many-attempts"
    assert (await login_rows(site))[0][0] == Outcome.DENIED


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
async def test_endpoints_elsewhere_are_not_asked(site: Site, provider: FakeProvider, name: str) -> None:
    """A discovery document does not make this site call any machine of the network."""
    async with site.anonymous() as browser:
        callback = None if name == "authorization_endpoint" else await to_callback(browser)
        provider.metadata[name] = "http://127.0.0.1:1/elsewhere"
        answer = await browser.get(callback or BEGIN)
        assert answer.headers["location"] == "/login?problem=oidc-unavailable"


async def test_listed_origins_are_asked(tmp_path: Path, provider: FakeProvider) -> None:
    """Providers with several hosts are possible where the settings name them."""
    provider.metadata["authorization_endpoint"] = "https://people.example.org/authorize"
    listed = ("https://people.example.org",)
    async with site_of(tmp_path / "data", provider, endpoint_origins=listed) as site:
        answer = await site.http.get(BEGIN)
    assert answer.headers["location"].startswith("https://people.example.org/authorize?")


async def test_provider_of_another_name_is_refused(site: Site, provider: FakeProvider) -> None:
    """A discovery document is only believed by the issuer it is asked for."""
    provider.metadata["issuer"] = "https://login.example.org"
    assert (await site.http.get(BEGIN)).headers["location"] == "/login?problem=oidc-unavailable"


@pytest.mark.parametrize("address", ["https://evil.example.org", "//evil.example.org", "/\\evil.example.org", "x"])
async def test_page_to_go_on_is_of_this_site(site: Site, address: str) -> None:
    """A login link does not lead elsewhere afterwards."""
    assert (await site.http.get(BEGIN, params={"next": address})).status_code == 422


async def test_login_page_learns_the_ways(site: Site, tmp_path: Path) -> None:
    """The button has the provider's name; without a provider there is neither button nor way."""
    answer = await site.http.get("/api/v1/login/methods")
    assert answer.json() == {"password": True, "oidc": {"label": "Town login"}}
    async with running_site(tmp_path / "other") as other, other.anonymous() as browser:
        assert (await browser.get("/api/v1/login/methods")).json() == {"password": True, "oidc": None}
        assert (await browser.get(BEGIN)).status_code == 404


async def test_secret_is_nowhere(site: Site) -> None:
    """Neither in the parts' texts nor in the settings as they are shown."""
    assert CLIENT_SECRET not in repr(site.control)
    assert (
        "shown"
        not in OidcSettings.model_validate(
            {"issuer": "https://a.example", "client_id": "x", "client_secret": "never shown"}
        ).model_dump_json()
    )
