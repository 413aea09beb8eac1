"""Who may call what, and what is checked before any route runs."""

import asyncio
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.vms_api.conftest import PASSWORD, Site, running_site, site_settings
from vms_api.app import create_app
from vms_api.page import page_router

PUBLIC = {
    ("GET", "/api/v1/setup"),
    ("POST", "/api/v1/setup"),
    ("POST", "/api/v1/login"),
    ("GET", "/api/v1/login/methods"),
    ("GET", "/api/v1/login/oidc"),
    ("GET", "/api/v1/login/oidc/callback"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
}


_WITH_BODY = {"POST", "PATCH"}


def routes() -> list[tuple[str, str]]:
    document = create_app(site_settings(Path("unused"))).openapi()
    return [(method.upper(), path) for path, methods in document["paths"].items() for method in methods]


@pytest.mark.anyio
async def test_anonymous_is_asked_to_log_in(site: Site) -> None:
    """Every route of the OpenAPI document but the public ones; also with a cookie that is none."""
    guarded = sorted(set(routes()) - PUBLIC)
    assert len(guarded) >= 25
    for cookies in ({}, {"xueliang_session": "guessed"}):
        async with site.anonymous() as http:
            http.cookies.update(cookies)
            places = [(method, re.sub(r"\{\w+\}", "0190-abc", path)) for method, path in guarded]
            asked = (http.request(method, place, json={} if method in _WITH_BODY else None) for method, place in places)
            answers = zip(places, await asyncio.gather(*asked), strict=True)
        told = {place: (answer.status_code, answer.json()["code"]) for place, answer in answers}
        assert told == dict.fromkeys(places, (401, "not-logged-in"))


def test_routes_are_those_of_the_contract() -> None:
    """Nothing is served that nobody has agreed on; the problem document is in the schema."""
    document = create_app(site_settings(Path("unused"))).openapi()
    assert set(routes()) >= PUBLIC
    assert not [path for _method, path in routes() if path.startswith("/internal")]
    assert document["components"]["schemas"]["ProblemDocument"]["required"] == [
        "type",
        "title",
        "status",
        "detail",
        "code",
    ]
    assert not {"password", "sealed_password"} & set(document["components"]["schemas"]["Camera"]["properties"])


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("headers", "is_let_in"),
    [
        ({}, True),
        ({"Origin": "{own}"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "{own}.evil.example"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, False),
    ],
)
async def test_other_sites_pages_cannot_write(site: Site, headers: dict[str, str], is_let_in: bool) -> None:
    """The cookie alone does not make a write ours (CSRF)."""
    sent = {name: value.format(own=site.url) for name, value in headers.items()}
    answer = await site.http.patch("/api/v1/me", json={"language": "en"}, headers=sent)
    assert answer.status_code == (200 if is_let_in else 403), answer.text
    assert is_let_in or answer.json()["code"] == "foreign-origin"


@pytest.mark.anyio
async def test_public_origin_is_ours(tmp_path: Path) -> None:
    """Behind a reverse proxy people come from another origin than the one listened on."""
    async with running_site(tmp_path, server={"port": 0, "public_origin": "http://video.example.org"}) as site:
        headers = {"Origin": "http://video.example.org"}
        assert (await site.http.patch("/api/v1/me", json={"language": "en"}, headers=headers)).status_code == 200


@pytest.mark.anyio
@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/sdp", ""])
async def test_only_json_is_read(site: Site, content_type: str) -> None:
    """What a browser sends without asking is not taken for JSON."""
    body = f'{{"username": "admin", "password": "{PASSWORD}"}}'
    headers = {"Content-Type": content_type}
    answer = await site.http.post("/api/v1/login", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "json-required")


@pytest.mark.anyio
async def test_large_bodies_are_refused(site: Site) -> None:
    """Declared or not, more than a megabyte is not read."""
    headers = {"Content-Type": "application/json"}

    async def endless():
        for _ in range(40):
            yield b" " * 65536

    for content in (b" " * 2_000_000, endless()):
        answer = await site.http.post("/api/v1/cameras", content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


@pytest.mark.anyio
async def test_every_answer_carries_the_security_headers(site: Site) -> None:
    """Page, API and errors alike."""
    for path in ("/", "/api/v1/me", "/api/v1/none", "/healthz"):
        headers = (await site.http.get(path)).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
        assert "server" not in headers
    assert (await site.http.get("/api/v1/me")).headers["Cache-Control"] == "no-store"


@pytest.mark.anyio
async def test_mistakes_of_ours_are_answered(site: Site) -> None:
    """A request that dies gets a problem with all headers, tells nothing of its cause, and the server goes on."""
    async with site.control.database.write() as transaction:
        await transaction.connection.exec_driver_sql("DROP TABLE rules")
    answer = await site.http.get("/api/v1/cameras")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert "rules" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (await site.http.get("/api/v1/me")).status_code == 200


@pytest.mark.anyio
async def test_unknown_paths_and_methods_are_problems(site: Site) -> None:
    """Also where the framework itself refuses."""
    unknown = await site.http.get("/api/v1/nothing")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")
    wrong = await site.http.put("/api/v1/me", json={})
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method-not-allowed")
    broken = await site.http.post("/api/v1/login", content="{", headers={"Content-Type": "application/json"})
    assert (broken.status_code, broken.json()["code"]) == (422, "invalid-request")
    assert broken.headers["content-type"] == "application/problem+json"


@pytest.mark.anyio
async def test_requests_are_counted_by_route(site: Site) -> None:
    """By the template of the path, so that ids do not fill the metrics."""
    await site.http.get("/api/v1/cameras/1234")
    text = (await site.http.get("/metrics")).text
    assert 'route="/cameras/{camera_id}",status="404"' in text
    assert "1234" not in text


@pytest.mark.anyio
async def test_page_is_served_with_history_and_caching(tmp_path: Path) -> None:
    """Views are index.html, hashed assets are kept for ever, missing assets and the outside are not found."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text("the page")
    (dist / "assets/app-1a2b.js").write_text("code")
    (tmp_path / "secret.key").write_text("secret")
    app = FastAPI()
    app.include_router(page_router(dist))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:
        for path in ("/", "/wall", "/cameras/12"):
            answer = await http.get(path)
            assert (answer.text, answer.headers["Cache-Control"]) == ("the page", "no-cache")
        assert "immutable" in (await http.get("/assets/app-1a2b.js")).headers["Cache-Control"]
        assert "secret" not in (await http.get("/..%2fsecret.key")).text
        (dist / "index.html").unlink()
        answer = await http.get("/wall")
        assert (answer.status_code, "not built" in answer.text) == (503, True)
