"""The authorisation matrix: every route of the OpenAPI document, asked by everybody."""

import json
import re
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ingest.identifier import new_identifier
from tests.fakes.drawing import drawing
from tests.fakes.node import PASSED, SDP_ANSWER, Answer
from tests.security.town import API, BOUNDS, BOUNDS_QUERY, CALLERS, RANGE, TRACE, Town
from tests.vms_api.conftest import site_settings
from vms_api.app import create_app
from vms_api.audit.entry import Actor

pytestmark = pytest.mark.anyio

MATRIX = Path(__file__).with_name("matrix.txt")
SDP = {"Content-Type": "application/sdp"}
OCTETS = {"Content-Type": "application/octet-stream"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}


def _receiver(name: str, area_id: str) -> dict[str, Any]:
    return {"name": name, "area_id": area_id, "target": {"kind": "webhook", "url": "https://192.0.2.9/hook"}}


_ROUND = "/api/v1/patrol-rounds/{round_id}"
_STOP = f"{_ROUND}/stops/{{stop_id}}"
_LEASE = {"lease_epoch": 1}


def _scheduled(name: str, area_id: str) -> dict[str, Any]:
    return {"name": name, "area_id": area_id, "period": "day", "formats": ["csv"]}


def _patrol_plan(ids: dict[str, str], town: Town) -> dict[str, Any]:
    return {
        "name": ids["name"],
        "area_id": town.here,
        "stops": [{"camera_id": ids["camera_id"]}],
        "people": {"roster": True},
        "schedule": {"windows": [{"days": [0], "starts": "08:00", "ends": "10:00"}]},
    }


def _maintenance(reason: str, town: Town) -> dict[str, Any]:
    starts_at = town.site.control.clock.now()
    times = {"starts_at": starts_at.isoformat(), "ends_at": (starts_at + timedelta(hours=1)).isoformat()}
    return {"area_id": town.here, **times, "reason": reason}


BODIES: dict[str, Callable[[dict[str, str], Town], Any]] = {
    "POST /api/v1/network/self-test": lambda _ids, _town: {"sdp": SDP_ANSWER},
    "POST /api/v1/setup": lambda _ids, _town: {"token": "guessed", "username": "x", "password": "three wet umbrellas"},
    "POST /api/v1/login": lambda _ids, _town: {"token": "guessed"},
    "PATCH /api/v1/me": lambda _ids, _town: {"language": "en"},
    "POST /api/v1/me/password": lambda _ids, _town: {"present": "wrong", "password": "three wet umbrellas"},
    "POST /api/v1/me/totp": lambda _ids, _town: {"present": "wrong"},
    "POST /api/v1/me/totp/confirm": lambda _ids, _town: {"code": "000000"},
    "POST /api/v1/me/totp/remove": lambda _ids, _town: {"present": "wrong"},
    "POST /api/v1/tokens": lambda _ids, _town: {"name": "a program", "scopes": ["camera.view"]},
    "POST /api/v1/users": lambda ids, _town: {"username": ids["name"]},
    "PATCH /api/v1/users/{user_id}": lambda _ids, _town: {"is_enabled": False},
    "POST /api/v1/groups": lambda ids, _town: {"name": ids["name"]},
    "PATCH /api/v1/groups/{group_id}": lambda ids, _town: {"name": ids["name"]},
    "POST /api/v1/grants": lambda ids, town: {"user_id": ids["user_id"], "role": "patroller", "area_id": town.here},
    "POST /api/v1/purposes": lambda _ids, town: {"key": "incident", "reference": "R 1", "area_id": town.here},
    "POST /api/v1/areas": lambda ids, town: {"name": ids["name"], "parent_id": town.here},
    "POST /api/v1/dispatch-rules": lambda ids, town: {
        "name": ids["name"],
        "area_id": town.here,
        "acknowledge_within_s": 60,
        "resolve_within_s": 600,
    },
    "PUT /api/v1/dispatch-rules/{dispatch_rule_id}": lambda ids, town: {
        "name": ids["name"],
        "area_id": town.here,
        "acknowledge_within_s": 60,
        "resolve_within_s": 600,
    },
    **{f"POST {_ROUND}/{act}": lambda _ids, _town: _LEASE for act in ("pause", "finish")},
    f"POST {_ROUND}/abort": lambda _ids, _town: {"note": "called away"},
    f"POST {_ROUND}/hand-over": lambda _ids, town: {"user_id": town.users["dispatcher"]},
    f"POST {_ROUND}/stops": lambda ids, _town: {**_LEASE, "camera_id": ids["camera_id"]},
    **{f"POST {_STOP}/{act}": lambda _ids, _town: _LEASE for act in ("arrive", "snapshot")},
    f"POST {_STOP}/presence": lambda _ids, _town: {**_LEASE, "visible": True, "playing": True, "input": True},
    f"POST {_STOP}/verdict": lambda _ids, _town: {**_LEASE, "verdict": "abnormal"},
    f"POST {_STOP}/notes": lambda _ids, _town: {**_LEASE, "note": "seen"},
    "POST /api/v1/patrol-plans": _patrol_plan,
    "POST /api/v1/patrol-plans/preview": lambda ids, town: {"schedule": _patrol_plan(ids, town)["schedule"]},
    "POST /api/v1/patrol-rounds/{round_id}/excuses": lambda ids, _town: {"text": ids["name"]},
    "PUT /api/v1/patrol-plans/{plan_id}": _patrol_plan,
    "PUT /api/v1/centres/{area_id}/roster": lambda _ids, _town: {"version": 0, "shifts": []},
    "PATCH /api/v1/areas/{area_id}": lambda ids, _town: {"name": ids["name"]},
    "POST /api/v1/areas/{area_id}/plan": lambda _ids, _town: drawing(),
    "PATCH /api/v1/areas/{area_id}/plan": lambda _ids, _town: BOUNDS,
    "POST /api/v1/cameras": lambda ids, town: {
        "name": ids["name"],
        "address": "rtsp://192.0.2.8/",
        "area_id": town.here,
    },
    "PUT /api/v1/cameras/{camera_id}/device": lambda _ids, _town: {"address": "192.0.2.7", "profile_token": "1"},
    "POST /api/v1/alerts/{alert_id}/assign": lambda ids, _town: {"user_id": ids["user_id"]},
    "POST /api/v1/alerts/{alert_id}/notes": lambda _ids, _town: {"note": "seen"},
    "PUT /api/v1/alerts/{alert_id}/checklist/{step}": lambda _ids, _town: {"done": True},
    "POST /api/v1/alerts/bulk": lambda ids, _town: {"ids": [ids["alert_id"]], "act": "acknowledge"},
    "POST /api/v1/alerts/{alert_id}/attachments": lambda ids, _town: ids["name"].encode(),
    "POST /api/v1/tickets": lambda ids, _town: {"camera_id": ids["camera_id"], "note": ids["name"]},
    "POST /api/v1/tickets/bulk": lambda ids, _town: {"ids": [ids["ticket_id"]], "act": "close", "note": "seen"},
    "POST /api/v1/tickets/{ticket_id}/due": lambda _ids, town: {"due_at": _maintenance("", town)["ends_at"]},
    "POST /api/v1/tickets/{ticket_id}/assign": lambda ids, _town: {"contractor": {"name": ids["name"]}},
    "POST /api/v1/tickets/{ticket_id}/pause": lambda _ids, _town: {"reason": "weather"},
    "POST /api/v1/tickets/{ticket_id}/close": lambda ids, _town: {"note": ids["name"]},
    "POST /api/v1/tickets/{ticket_id}/notes": lambda ids, _town: {"note": ids["name"]},
    "POST /api/v1/tickets/{ticket_id}/photos": lambda ids, _town: ids["name"].encode(),
    "POST /api/v1/maintenance-windows": lambda ids, town: _maintenance(ids["name"], town),
    "PUT /api/v1/maintenance-windows/{window_id}": lambda ids, town: _maintenance(ids["name"], town),
    "PUT /api/v1/ticket-times": lambda _ids, town: {"area_id": town.here, "high_hours": 12},
    "POST /api/v1/cameras/{camera_id}/ptz/presets": lambda ids, _town: {"name": ids["name"]},
    "PUT /api/v1/cameras/{camera_id}/ptz/presets/{token}": lambda ids, _town: {"name": ids["name"]},
    "PUT /api/v1/cameras/{camera_id}/ptz/idle-return": lambda _ids, _town: {"after_s": 60},
    "POST /api/v1/cameras/{camera_id}/device-rules": lambda ids, _town: {"name": ids["name"], "kind": "camera_offline"},
    "PUT /api/v1/cameras/{camera_id}/device-rules/{rule_id}": lambda ids, _town: {
        "name": ids["name"],
        "kind": "camera_offline",
    },
    "PUT /api/v1/cameras/{camera_id}/quality/reference": lambda ids, _town: {"picture_id": ids["picture_id"]},
    "PUT /api/v1/cameras/{camera_id}/device/notices": lambda _ids, _town: {"wanted": True},
    "PUT /api/v1/cameras/{camera_id}/device/certificate": lambda _ids, _town: {"fingerprint_sha256": "0" * 64},
    "POST /api/v1/cameras/{camera_id}/device/relays/{token}": lambda _ids, _town: {"active": True},
    "POST /api/v1/discovery/plan": lambda _ids, _town: {"networks": ["192.0.2.0/30"]},
    "POST /api/v1/discovery/scan": lambda _ids, _town: {"networks": ["127.0.0.1"]},
    "POST /api/v1/discovery/examine": lambda _ids, _town: {"addresses": ["127.0.0.1"]},
    "POST /api/v1/discovery/adopt": lambda ids, town: {
        "area_id": town.here,
        "cameras": [{"name": ids["name"], "address": "rtsp://192.0.2.9/"}],
    },
    "PATCH /api/v1/cameras/{camera_id}": lambda ids, _town: {"name": ids["name"]},
    "POST /api/v1/cameras/{camera_id}/zones": lambda ids, _town: {
        "name": ids["name"],
        "kind": "line",
        "points": [[0, 0], [1, 1]],
    },
    "PATCH /api/v1/cameras/{camera_id}/zones/{zone_id}": lambda ids, _town: {"name": ids["name"]},
    "POST /api/v1/cameras/{camera_id}/rules": lambda ids, _town: {
        "name": ids["name"],
        "kind": "intrusion",
        "zone_id": ids["used_zone_id"],
        "labels": ["person"],
    },
    "POST /api/v1/cameras/{camera_id}/rules/simulate": lambda ids, _town: {
        "rule": {"name": "Try", "kind": "intrusion", "zone_id": ids["used_zone_id"], "labels": ["person"]},
        **RANGE,
    },
    "PUT /api/v1/cameras/{camera_id}/masks": lambda ids, _town: {
        "polygons": [{"name": ids["name"], "points": [[0, 0], [1, 0], [1, 1]]}],
        "base_version": 0,
    },
    "POST /api/v1/cameras/{camera_id}/unmask-requests": lambda ids, _town: {
        "purpose": "incident",
        "reason": ids["name"],
        "minutes": 10,
    },
    "PUT /api/v1/cameras/{camera_id}/ledger": lambda ids, _town: {"values": {"notes": ids["name"]}, "base_version": 0},
    "PUT /api/v1/cameras/{camera_id}/ledger/sign": lambda ids, _town: {"placed_on": "2026-01-01", "place": ids["name"]},
    "PUT /api/v1/site/prohibited-places": lambda _ids, _town: {"kinds": ["lift"]},
    "POST /api/v1/cameras/imports": lambda ids, _town: f"Name,Notes\n{ids['name']},x\n".encode(),
    "PUT /api/v1/cameras/imports/{import_id}/mapping": lambda _ids, _town: {"mapping": {"Name": "name"}},
    "PUT /api/v1/cameras/{camera_id}/recording": lambda _ids, _town: {"mode": "off"},
    "POST /api/v1/recordings/holds": lambda ids, _town: {
        "camera_id": ids["camera_id"],
        **RANGE,
        "reason": ids["name"],
    },
    "PATCH /api/v1/cameras/{camera_id}/rules/{rule_id}": lambda ids, _town: {"name": ids["name"]},
    "POST /api/v1/cameras/{camera_id}/playback": lambda _ids, _town: RANGE,
    "PUT /api/v1/me/notifications": lambda _ids, _town: {"severities": ["high"]},
    "POST /api/v1/notify/receivers": lambda ids, town: _receiver(ids["name"], town.here),
    "PUT /api/v1/notify/receivers/{receiver_id}": lambda ids, town: _receiver(ids["name"], town.here),
    "POST /api/v1/exports": lambda ids, _town: {"camera_ids": [ids["camera_id"]], **RANGE},
    "POST /api/v1/rates/recompute": lambda _ids, _town: {"day": "2099-01-01"},
    "PUT /api/v1/rate-targets": lambda _ids, _town: {"targets": [{"rate": "online", "target": 0.9}]},
    "POST /api/v1/rate-exclusions": lambda ids, _town: {
        "camera_id": ids["camera_id"],
        "starts_at": RANGE["from"],
        "why": "power",
        "note": ids["name"],
    },
    "POST /api/v1/scheduled-reports": lambda ids, town: _scheduled(ids["name"], town.here),
    "PUT /api/v1/scheduled-reports/{report_id}": lambda ids, town: _scheduled(ids["name"], town.here),
}
"""What to send where an empty object would not do."""

QUERIES = {
    "GET /api/v1/patrol-calendar": f"?from={RANGE['from']}&to={RANGE['to']}",
    "GET /api/v1/reports/patrols": f"?from={RANGE['from']}&to={RANGE['to']}",
    "POST /api/v1/areas/{area_id}/plan": BOUNDS_QUERY,
    "GET /api/v1/cameras/{camera_id}/recordings/snapshot.jpg": f"?at={RANGE['from']}",
    "GET /api/v1/exports/{export_id}/package": "?ticket=guessed",
    "GET /api/v1/cameras/{camera_id}/rate-evidence": "?day=2099-01-01",
    "GET /api/v1/ticket-assignees": "?area_id={here}",
    "GET /api/v1/rates/league": "?rate=online",
    "GET /api/v1/rates/trend": "?rate=online",
    "GET /api/v1/reports/alerts": f"?from={RANGE['from']}&to={RANGE['to']}",
    "GET /api/v1/reports/tickets": f"?from={RANGE['from']}&to={RANGE['to']}",
}
PARAMETER = re.compile(r"{(\w+)}")
SHOWN = {"GET /api/v1/cameras/{camera_id}/quality/reference": {"picture_id"}}
"""What else of the village a route shows."""
NUMBERS = {
    "zoom": "0",
    "x": "0",
    "y": "0",
    "rate": "online",
    "number": "0",
    "first": "0",
    "last": "0",
    "token": "1",
    "step": "0",
    "simulation_id": "none",
    "strip_id": "none",
    "inspection_id": "none",
    "category": "blur",
}
"""Parts of paths that name nothing of the village."""

STREAMS = {"GET /api/v1/events"}
"""Answers that never end; what they tell whom has a test of its own (test_views_and_events.py)."""


def rows() -> dict[str, tuple[int, ...]]:
    """Route → the status for each caller."""
    table = {}
    for line in MATRIX.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            method, path, *statuses = line.split()
            table[f"{method} {path}"] = tuple(int(status) for status in statuses)
    return table


def routes() -> list[str]:
    """Every route that is documented."""
    document = create_app(site_settings(Path("unused"))).openapi()
    return [f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods]


def test_every_route_has_its_row() -> None:
    """A new route must say who may call it, and a row for nothing would prove nothing."""
    assert sorted(rows()) == sorted(routes())
    assert {len(statuses) for statuses in rows().values()} == {len(CALLERS)}


def is_list(route: str) -> bool:
    """Whether it is asked for whatever there is, not for a thing of a name."""
    return route.startswith("GET") and "{" not in route


@pytest.fixture(scope="module")
async def everything(town: Town) -> dict[str, str]:
    """One of each thing in the village here. No list changes them, and making them takes half a second."""
    return await town.stage()


@pytest.mark.parametrize("route", [route for route in sorted(rows()) if is_list(route)])
async def test_list_answers_everybody_as_the_table_says(town: Town, everything: dict[str, str], route: str) -> None:
    """The status for each caller; and of all that is in the village nobody from outside finds a trace."""
    for caller, status in zip(CALLERS, rows()[route], strict=True):
        checked(caller, await ask(town, caller, route, everything), status, route, everything)


@pytest.mark.parametrize("route", [route for route in sorted(rows()) if not is_list(route)])
async def test_route_answers_everybody_as_the_table_says(town: Town, route: str) -> None:
    """The status for each caller; and nobody from outside finds a trace of the village, whatever the status."""
    wanted = named(route, town)
    ids = await town.stage(wanted)
    for caller, status in zip(CALLERS, rows()[route], strict=True):
        checked(caller, await ask(town, caller, route, ids), status, route, ids)
        if status < 400 and not route.startswith("GET"):
            ids = await town.stage(wanted)  # what was refused has changed nothing, so it serves the next caller too


def checked(caller: str, answer: httpx.Response, status: int, route: str, ids: dict[str, str]) -> None:
    """That it is the answer for this caller, and tells those from outside nothing of these things."""
    assert answer.status_code == status, f"{caller}: {answer.text}"
    if caller in {"anonymous", "expired", "sibling"}:
        assert TRACE not in answer.text
        own_id = {"POST /api/v1/tokens", "POST /api/v1/alerts/bulk", "POST /api/v1/tickets/bulk"}
        assert route in own_id or not [key for key, value in ids.items() if value in answer.text]
    if status >= 400:
        assert answer.json()["code"]


def named(route: str, town: Town) -> set[str]:
    """What of the village the route's path and its body name, or its answer shows."""
    asked = defaultdict[str, str](str)
    if route in BODIES:
        BODIES[route](asked, town)
    return {*PARAMETER.findall(route), *asked, *SHOWN.get(route, ())}


async def ask(town: Town, caller: str, route: str, ids: dict[str, str]) -> httpx.Response:
    """The caller's request for the things of the village here."""
    method, path = route.split()
    place = path.format(**ids, **NUMBERS) + QUERIES.get(route, "").format(here=town.here)
    if route == f"POST {API}/logout":
        return await log_out(town, caller)
    http = town.callers[caller]
    if method in {"GET", "DELETE", "PUT"} and route not in BODIES:
        if route in STREAMS:
            async with http.stream(method, place) as answer:
                if answer.is_error:
                    await answer.aread()
                return httpx.Response(answer.status_code, content=answer.content if answer.is_error else b"")
        return await http.request(method, place)
    if path.endswith(("/whep", "/live")):
        opened = {"view": new_identifier(), "sdp": SDP_ANSWER, **PASSED}
        town.node.answers["POST"] = Answer(201, json.dumps(opened).encode())
        sent = {"json": {}} if path.endswith("/live") else {"content": "v=0", "headers": SDP}
        return await http.post(place, **sent)
    if "/whep/" in path:
        return await http.patch(place, content="a=x", headers=FRAGMENT)
    body = BODIES[route](ids, town) if route in BODIES else {}
    sent = {"content": body, "headers": OCTETS} if isinstance(body, bytes) else {"json": body}
    return await http.request(method, place, **sent)


async def log_out(town: Town, caller: str) -> httpx.Response:
    """Ends another login of the caller."""
    async with town.site.anonymous() as http:
        http.headers.update({k: v for k, v in town.callers[caller].headers.items() if k == "authorization"})
        if user_id := town.users.get(caller):
            token = await town.site.control.accounts.desk.issue_login_token(Actor(user_id))
            await http.post(f"{API}/login", json={"token": token})
        return await http.post(f"{API}/logout")
