"""From raised to closed: who may do what, and what is remembered of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from ingest.identifier import new_identifier
from tests.fakes.node import FakeNode, alert_payload
from tests.vms_api.audit.trail import trail
from tests.vms_api.conftest import Site
from tests.vms_api.people import add_area, person
from vms_api.accounts.permission import ROLE_PERMISSIONS, Permission, Role
from vms_api.alerts.handling import RIGHTS, permission_for
from vms_api.alerts.lifecycle import AlertAct

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]


@dataclass
class Town:
    """A village with a patroller below a township with a dispatcher and a supervisor; another village beside it."""

    site: Site
    node: FakeNode
    camera_id: str
    patroller: httpx.AsyncClient
    colleague: httpx.AsyncClient
    dispatcher: httpx.AsyncClient
    supervisor: httpx.AsyncClient
    outsider: httpx.AsyncClient

    async def raise_alert(self) -> str:
        payload = alert_payload(new_identifier(), self.camera_id)
        assert (await asyncio.to_thread(self.node.deliver, payload)).is_success
        return str(payload["id"])

    def user_id(self, name: str) -> str:
        return next(id_ for id_, known in self.site.control.rights.index.usernames.items() if known == name)

    async def history(self, alert_id: str) -> list[tuple[str, str, str | None, str]]:
        found = (await self.supervisor.get(f"/api/v1/alerts/{alert_id}/history")).json()
        return [(entry["act"], entry["state"], entry["username"], entry["note"]) for entry in found]


@pytest.fixture
async def town(site: Site) -> AsyncIterator[Town]:
    township = await add_area(site, "Lakeside", kind="township")
    village, other = await add_area(site, "North", township), await add_area(site, "South", township)
    camera = await site.add_camera("Weir", area_id=village)
    node = await site.start_node()
    async with AsyncExitStack() as stack:

        async def enter(name: str, role: Role, area_id: str) -> httpx.AsyncClient:
            return await stack.enter_async_context(person(site, name, role, area_id))

        yield Town(
            site,
            node,
            camera["id"],
            patroller=await enter("wang", Role.PATROLLER, village),
            colleague=await enter("zhao", Role.PATROLLER, village),
            dispatcher=await enter("li", Role.DISPATCHER, township),
            supervisor=await enter("chen", Role.SUPERVISOR, township),
            outsider=await enter("sun", Role.PATROLLER, other),
        )


async def act(http: httpx.AsyncClient, alert_id: str, name: str, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = await http.post(f"/api/v1/alerts/{alert_id}/{name}", json=body)
    return answer.status_code, answer.json()


async def test_an_alert_is_handled_to_closure(town: Town) -> None:
    """Taken, handed to a colleague, worked on, judged, closed by the supervisor: each step with person and words."""
    alert_id = await town.raise_alert()
    assert (await act(town.patroller, alert_id, "acknowledge"))[0] == 200
    status, alert = await act(town.patroller, alert_id, "assign", user_id=town.user_id("zhao"), note="nearer")
    assert (status, alert["state"], alert["owner"], alert["acknowledged_by"]) == (200, "ASSIGNED", "zhao", "wang")
    assert (await act(town.colleague, alert_id, "progress"))[0] == 200
    assert (await act(town.colleague, alert_id, "notes", note="the gate stood open"))[0] == 201
    status, alert = await act(town.colleague, alert_id, "resolve", verdict="true", note="locked it")
    assert (status, alert["state"], alert["verdict"]) == (200, "RESOLVED", "true")
    status, alert = await act(town.supervisor, alert_id, "close")
    assert (status, alert["state"], alert["verdict"], alert["owner"]) == (200, "CLOSED", "true", "zhao")
    assert await town.history(alert_id) == [
        ("raise", "NEW", None, ""),
        ("acknowledge", "ACKNOWLEDGED", "wang", ""),
        ("assign", "ASSIGNED", "wang", "nearer"),
        ("progress", "IN_PROGRESS", "zhao", ""),
        ("note", "IN_PROGRESS", "zhao", "the gate stood open"),
        ("resolve", "RESOLVED", "zhao", "locked it"),
        ("close", "CLOSED", "chen", ""),
    ]
    rows = [row for row in await trail(town.site) if row["kind"].startswith("alert.")]
    assert [row["kind"] for row in rows] == [
        f"alert.{name}" for name in ("acknowledge", "assign", "progress", "note", "resolve", "close")
    ]
    assert [row["detail"].get("verdict") for row in rows[-2:]] == ["true", "true"]


async def test_what_is_somebody_elses_takes_a_dispatcher(town: Town) -> None:
    """A colleague who does not own the alert is refused; a dispatcher of the township takes it away."""
    alert_id = await town.raise_alert()
    await act(town.patroller, alert_id, "acknowledge")
    for name, body in {"progress": {}, "resolve": {"verdict": "true"}, "assign": {"user_id": "x"}}.items():
        assert (await act(town.colleague, alert_id, name, **body))[1]["code"] == "not-allowed"
        assert (await act(town.outsider, alert_id, name, **body))[0] == 404
    assert (await act(town.colleague, alert_id, "close", verdict="true"))[1]["code"] == "not-allowed"
    status, alert = await act(town.dispatcher, alert_id, "assign", user_id=town.user_id("li"))
    assert (status, alert["owner"]) == (200, "li")
    assert (await act(town.patroller, alert_id, "progress"))[1]["code"] == "not-allowed"


async def test_two_people_claim_at_once(town: Town) -> None:
    """One has it, the other is told that it moved on."""
    alert_id = await town.raise_alert()
    answers = await asyncio.gather(
        act(town.patroller, alert_id, "acknowledge"), act(town.colleague, alert_id, "acknowledge")
    )
    assert sorted(status for status, _ in answers) == [200, 409]
    assert [found["code"] for status, found in answers if status == 409] == ["alert-moved-on"]


async def test_it_is_given_only_to_who_may_handle_it_there(town: Town) -> None:
    """The list of handlers is that of the area, nearest first; nobody else is taken."""
    alert_id = await town.raise_alert()
    await act(town.dispatcher, alert_id, "acknowledge")
    found = (await town.dispatcher.get(f"/api/v1/alerts/{alert_id}/handlers")).json()
    assert [someone["username"] for someone in found] == ["wang", "zhao", "chen", "li", "admin"]
    for stranger in (town.user_id("sun"), "nobody"):
        refused = await act(town.dispatcher, alert_id, "assign", user_id=stranger)
        assert refused[1]["code"] == "assignee-without-rights"


async def test_nothing_is_closed_without_a_verdict(town: Town) -> None:
    """It may be given on closing; sending back lets it fall."""
    alert_id = await town.raise_alert()
    await act(town.dispatcher, alert_id, "acknowledge")
    assert (await act(town.dispatcher, alert_id, "resolve"))[1]["verdict"] is None
    assert (await act(town.supervisor, alert_id, "close"))[1]["code"] == "verdict-missing"
    assert (await act(town.supervisor, alert_id, "close", verdict="false"))[1]["verdict"] == "false"
    status, alert = await act(town.dispatcher, alert_id, "reopen", note="look again")
    assert (status, alert["state"], alert["verdict"], alert["owner"]) == (200, "REOPENED", None, "li")
    assert (await act(town.dispatcher, alert_id, "acknowledge"))[1]["code"] == "alert-moved-on"


async def test_a_duplicate_names_the_other_alert(town: Town) -> None:
    """Not itself, not one that is not there, and no other verdict names any."""
    first, second = await town.raise_alert(), await town.raise_alert()
    await act(town.dispatcher, second, "acknowledge")
    wrong = ({"verdict": "duplicate"}, {"verdict": "duplicate", "duplicate_of": second}, {"verdict": "true"})
    for body in (*wrong[:2], {"verdict": "duplicate", "duplicate_of": "none"}, {**wrong[2], "duplicate_of": first}):
        assert (await act(town.dispatcher, second, "resolve", **body))[1]["code"] == "duplicate-wrong", body
    status, alert = await act(town.dispatcher, second, "resolve", verdict="duplicate", duplicate_of=first)
    assert (status, alert["duplicate_of"]) == (200, first)


async def test_lists_by_owner_and_state(town: Town) -> None:
    """What I have in hand, and what waits in any of several states."""
    mine, theirs = await town.raise_alert(), await town.raise_alert()
    await act(town.patroller, mine, "acknowledge")
    found = (await town.patroller.get("/api/v1/alerts", params={"owner": "me"})).json()["items"]
    assert [alert["id"] for alert in found] == [mine]
    several = {"state": ["NEW", "ACKNOWLEDGED"]}
    found = (await town.patroller.get("/api/v1/alerts", params=several)).json()["items"]
    assert [alert["id"] for alert in found] == [theirs, mine]
    assert (await town.outsider.get("/api/v1/alerts")).json()["items"] == []


@pytest.mark.parametrize("note", ["", " ", "x" * 2001])
async def test_an_empty_or_endless_note_is_refused(town: Town, note: str) -> None:
    """A note says something."""
    alert_id = await town.raise_alert()
    assert (await act(town.patroller, alert_id, "notes", note=note))[0] == 422


def test_every_act_has_its_right() -> None:
    """And somebody in a village, a township and a supervisor can do what the loop needs of them."""
    assert set(RIGHTS) == set(AlertAct)
    patroller, supervisor = ROLE_PERMISSIONS[Role.PATROLLER], ROLE_PERMISSIONS[Role.SUPERVISOR]
    assert {act for act in AlertAct if permission_for(act, is_owner=True) in patroller} == {
        AlertAct.ACKNOWLEDGE,
        AlertAct.ASSIGN,
        AlertAct.PROGRESS,
        AlertAct.RESOLVE,
    }
    assert {permission_for(act, is_owner=False) for act in AlertAct} <= supervisor
    assert Permission.ALERT_CLOSE not in ROLE_PERMISSIONS[Role.DISPATCHER]
