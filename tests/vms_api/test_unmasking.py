"""Seeing a camera without its masks: a purpose, a second person, a short time, and a record of all of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import IntegrityError

from tests.fakes.clock import ManualClock
from tests.fakes.node import FakeNode
from tests.vms_api.conftest import Site, running_site, until
from vms_api.accounts.permission import Role
from vms_api.audit.entry import SYSTEM
from vms_api.cameras import unmask_store
from vms_api.cameras.unmask import UnmaskState
from vms_api.settings import NodeSettings

pytestmark = pytest.mark.anyio

ASKED = {"purpose": "incident", "reason": "A theft before the window, case 17", "minutes": 10}
SDP = {"Content-Type": "application/sdp"}


@asynccontextmanager
async def logged_in(site: Site, name: str, role: Role) -> AsyncIterator[httpx.AsyncClient]:
    """A new person with that role on the whole site."""
    password = f"{name} likes long walks"
    await site.control.accounts.people.add_to_site(name, password, SYSTEM, role)
    async with site.anonymous() as http:
        answer = await http.post("/api/v1/login", json={"username": name, "password": password})
        assert answer.status_code == 200, answer.text
        yield http


async def ask(http: httpx.AsyncClient, camera_id: str, **changes: Any) -> httpx.Response:
    return await http.post(f"/api/v1/cameras/{camera_id}/unmask-requests", json=ASKED | changes)


async def decide(http: httpx.AsyncClient, request: httpx.Response, act: str = "approve") -> httpx.Response:
    return await http.post(f"/api/v1/unmask-requests/{request.json()['id']}/{act}", json={})


async def view(http: httpx.AsyncClient, camera_id: str) -> httpx.Response:
    return await http.post(f"/api/v1/cameras/{camera_id}/whep?unmasked=true", content="v=0", headers=SDP)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def opened(node: FakeNode) -> list[str]:
    return [path for method, path, _ in node.calls if method == "POST" and "/whep" in path]


@pytest.mark.both_databases
async def test_a_second_person_opens_the_way_for_a_while(site: Site) -> None:
    """The node is told for how many seconds; the request says who asked and who approved."""
    camera, node = await site.add_camera(), await site.start_node()
    async with logged_in(site, "zhang", Role.SUPERVISOR) as zhang:
        asked = await ask(zhang, camera["id"])
        assert (asked.status_code, asked.json()["state"], asked.json()["requested_by"]) == (201, "pending", "zhang")
        assert code(await view(zhang, camera["id"])) == (403, "unmask-grant-needed")
        approved = await decide(site.http, asked)
        assert (approved.json()["state"], approved.json()["decided_by"]) == ("approved", "admin")
        assert (await view(zhang, camera["id"])).status_code == 201
        (path,) = opened(node)
        assert 590 < float(httpx.URL(path).params["unmasked_s"]) <= 600
        assert code(await view(site.http, camera["id"])) == (403, "unmask-grant-needed"), "the grant is zhang's alone"
        listed = await zhang.get("/api/v1/unmask-requests?state=approved")
        assert listed.json() == {"items": [approved.json()], "next_cursor": None}
    rows = (await site.http.get("/api/v1/audit")).json()["items"]
    start = next(row for row in rows if row["kind"] == "view.start")
    assert start["detail"]["unmasked"] is True
    assert {"unmask.request", "unmask.approve"} <= {row["kind"] for row in rows}


@pytest.mark.both_databases
async def test_nobody_decides_alone(site: Site) -> None:
    """Neither through the API nor in the database."""
    camera = await site.add_camera()
    asked = await ask(site.http, camera["id"])
    for act in ("approve", "reject"):
        assert code(await decide(site.http, asked, act)) == (409, "second-person-required")
    admin = (await site.http.get("/api/v1/me")).json()["id"]
    async with site.control.database.read() as connection:
        found = await unmask_store.find_request(connection, asked.json()["id"])
    assert found is not None
    forged = found[0].model_copy(update={"state": UnmaskState.APPROVED, "decided_by": "admin"})
    async with site.control.database.write() as transaction:
        with pytest.raises(IntegrityError):
            await unmask_store.decide_request(transaction, forged, admin)


async def test_a_decision_stands(site: Site) -> None:
    """Rejected is rejected; to be approved it must be asked again."""
    camera = await site.add_camera()
    async with logged_in(site, "zhang", Role.SUPERVISOR) as zhang:
        asked = await ask(zhang, camera["id"])
        assert (await decide(site.http, asked, "reject")).json()["expires_at"] is None
        assert code(await decide(site.http, asked)) == (409, "request-decided")
        assert code(await view(zhang, camera["id"])) == (403, "unmask-grant-needed")


@pytest.mark.parametrize(
    "changes", [{"minutes": 31}, {"minutes": 0}, {"reason": " "}, {"purpose": ""}, {"role": "admin"}]
)
async def test_bad_requests_are_refused(site: Site, changes: dict[str, Any]) -> None:
    """No purpose, no reason or half a day are no request."""
    camera = await site.add_camera()
    assert code(await ask(site.http, camera["id"], **changes)) == (422, "invalid-request")


async def test_the_purpose_is_one_of_the_list(site: Site) -> None:
    """Curiosity is none."""
    camera = await site.add_camera()
    assert code(await ask(site.http, camera["id"], purpose="curiosity")) == (422, "purpose-unknown")


async def test_only_who_holds_the_permission_may_ask_decide_or_look(site: Site) -> None:
    """A dispatcher sees the camera with its masks, and nobody approves what is no business of theirs."""
    camera = await site.add_camera()
    asked = await ask(site.http, camera["id"])
    async with logged_in(site, "li", Role.DISPATCHER) as li:
        answers = [await ask(li, camera["id"]), await decide(li, asked), await view(li, camera["id"])]
        assert [code(answer) for answer in answers] == [(403, "not-allowed")] * 3
        assert (await li.get("/api/v1/unmask-requests")).json()["items"] == []


@pytest.mark.both_databases
async def test_requests_are_listed_newest_first_page_by_page(site: Site) -> None:
    """With a cursor."""
    camera = await site.add_camera()
    ids = [(await ask(site.http, camera["id"])).json()["id"] for _ in range(3)]
    first = (await site.http.get("/api/v1/unmask-requests?limit=2")).json()
    rest = (await site.http.get("/api/v1/unmask-requests", params={"cursor": first["next_cursor"]})).json()
    assert [item["id"] for item in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next_cursor"] is None


async def test_time_runs_out(tmp_path) -> None:
    """A grant after its minutes, a request after a day."""
    clock = ManualClock()
    async with running_site(tmp_path, clock=clock, node=NodeSettings(heartbeat_timeout_s=60)) as site:
        camera = await site.add_camera()
        await site.start_node()
        async with logged_in(site, "zhang", Role.SUPERVISOR) as zhang:
            early, late = await ask(zhang, camera["id"]), await ask(zhang, camera["id"])
            await decide(site.http, early)
            clock.advance(599)
            assert (await view(zhang, camera["id"])).status_code == 201
            clock.advance(1)
            assert code(await view(zhang, camera["id"])) == (403, "unmask-grant-needed")
        clock.advance(86_400)
        async with logged_in(site, "wang", Role.SUPERVISOR) as wang:
            assert code(await decide(wang, late)) == (409, "request-decided")


async def test_losing_the_right_ends_the_view(site: Site) -> None:
    """The approved time does not outlast the permission."""
    camera, node = await site.add_camera(), await site.start_node()
    async with logged_in(site, "zhang", Role.SUPERVISOR) as zhang:
        await decide(site.http, await ask(zhang, camera["id"]))
        assert (await view(zhang, camera["id"])).status_code == 201
        grants = (await site.http.get("/api/v1/grants")).json()["items"]
        (grant,) = [one for one in grants if one["role"] == "supervisor"]
        await site.http.delete(f"/api/v1/grants/{grant['id']}")
        await until(lambda: ("DELETE", "/internal/v1/views/view-1", b"") in node.calls)
