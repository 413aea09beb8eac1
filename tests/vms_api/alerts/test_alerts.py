"""Alerts from delivery to acknowledgement."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.identifier import new_identifier
from ingest.transitions import IllegalTransition
from tests.fakes.node import BETTER_JPEG, JPEG, alert_payload, better_view_payload
from tests.vms_api.conftest import Site
from vms_api.alerts import store
from vms_api.alerts.lifecycle import TRANSITIONS, AlertAct, AlertState

ALERTS = "/api/v1/alerts"


@given(st.lists(st.sampled_from(AlertAct)))
def test_every_act_follows_the_table_or_is_refused(acts: list[AlertAct]) -> None:
    """No sequence of acts leads outside the table, and an alert never becomes new again."""
    state = AlertState.NEW
    for act in acts:
        if act not in TRANSITIONS[state]:
            with pytest.raises(IllegalTransition, match=state):
                TRANSITIONS.after(state, act)
            continue
        state = TRANSITIONS.after(state, act)
        assert state is not AlertState.NEW


def test_every_state_is_reached_and_can_be_closed() -> None:
    """From new, each state of the design is reachable, and from each the alert can still be closed."""

    def reachable(start: AlertState) -> set[AlertState]:
        found, todo = {start}, [start]
        while todo:
            fresh = set(TRANSITIONS[todo.pop()].values()) - found
            found |= fresh
            todo += fresh
        return found

    assert reachable(AlertState.NEW) == set(AlertState)
    assert all(AlertState.CLOSED in reachable(state) for state in AlertState)


@pytest.mark.anyio
async def test_delivered_alert_is_shown_with_names_and_picture(site: Site) -> None:
    """It carries camera, rule, instructions and evidence of the moment."""
    camera = await site.add_camera("Waterworks")
    zone = await site.add_zone(camera["id"])
    rule = await site.add_rule(camera["id"], zone["id"], instructions="Call the guard.")
    node = await site.start_node()
    payload = alert_payload(new_identifier(), camera["id"], rule_id=rule["id"])
    assert (await asyncio.to_thread(node.deliver, payload)).status_code == 204
    alert = (await site.http.get(f"{ALERTS}/{payload['id']}")).json()
    assert (alert["camera_name"], alert["instructions"], alert["state"]) == ("Waterworks", "Call the guard.", "NEW")
    assert (alert["box"], alert["raised_at"]) == ([0.1, 0.2, 0.3, 0.9], "2026-11-21T12:00:00Z")
    picture = await site.http.get(alert["evidence_url"])
    assert (picture.content, picture.headers["content-type"]) == (JPEG, "image/jpeg")


@pytest.mark.anyio
@pytest.mark.both_databases
async def test_second_delivery_changes_nothing(site: Site) -> None:
    """Also side by side: stored once, told once, answered 204 each time."""
    node = await site.start_node()
    payload = alert_payload(new_identifier())
    answers = await asyncio.gather(*(asyncio.to_thread(node.deliver, payload) for _ in range(5)))
    assert [answer.status_code for answer in answers] == [204] * 5
    assert len((await site.http.get(ALERTS)).json()["items"]) == 1
    assert [event.kind for event in await site.control.events.after(0)] == ["alert.raised"]
    assert 'xueliang_alerts_total{severity="high"} 1.0' in (await site.http.get("/metrics")).text


@pytest.mark.anyio
@pytest.mark.both_databases
async def test_a_better_picture_comes_beside_that_of_the_moment(site: Site) -> None:
    """Once, whatever is delivered again; the first picture never changes, and pages hear of it."""
    node = await site.start_node()
    payload = alert_payload(new_identifier())
    await asyncio.to_thread(node.deliver, payload)
    assert (await site.http.get(f"{ALERTS}/{payload['id']}")).json()["best_view"] is None
    assert (await site.http.get(f"{ALERTS}/{payload['id']}/best.jpg")).status_code == 404
    view = better_view_payload(payload["id"])
    for _ in range(2):
        assert (await asyncio.to_thread(node.deliver, view, "better_view")).status_code == 204
    alert = (await site.http.get(f"{ALERTS}/{payload['id']}")).json()
    told = alert["best_view"]
    assert (told["box"], told["score"], told["seen_at"]) == ([0.2, 0.2, 0.4, 0.95], 0.9, "2026-11-21T12:00:00Z")
    assert (await site.http.get(told["url"])).content == BETTER_JPEG
    assert (await site.http.get(alert["evidence_url"])).content == JPEG
    assert [event.kind for event in await site.control.events.after(0)] == ["alert.raised", "alert.updated"]


@pytest.mark.anyio
async def test_a_better_picture_of_no_alert_is_dropped(site: Site) -> None:
    """Its alert was refused or is gone: the node may forget the picture, and a damaged one is refused for good."""
    node = await site.start_node()
    lost = better_view_payload("gone")
    assert (await asyncio.to_thread(node.deliver, lost, "better_view")).status_code == 204
    broken = better_view_payload("gone", evidence="bm8ganBlZw==")
    assert (await asyncio.to_thread(node.deliver, broken, "better_view")).status_code == 422


@pytest.mark.anyio
async def test_alert_of_a_removed_camera_is_kept(site: Site) -> None:
    """What was on its way when the camera was removed is not lost; without a picture it says so."""
    node = await site.start_node()
    payload = alert_payload(new_identifier(), "gone", evidence=None)
    await asyncio.to_thread(node.deliver, payload)
    alert = (await site.http.get(f"{ALERTS}/{payload['id']}")).json()
    assert (alert["camera_name"], alert["has_evidence"], alert["evidence_url"]) == ("gone", False, None)
    assert (await site.http.get(f"{ALERTS}/{payload['id']}/evidence.jpg")).json()["code"] == "not-found"


@pytest.mark.anyio
@pytest.mark.parametrize(
    "damage",
    [
        {"evidence": "bm8ganBlZw=="},
        {"evidence": "%%%"},
        {"box": [0, 0, 2, 1]},
        {"score": "nan"},
        {"raised_at": "yesterday"},
        {"raised_at": "2026-11-21T12:00:00"},
        {"kind": "face"},
        {"id": ""},
        {"plate": "A12345"},
    ],
)
async def test_poison_is_refused_for_good(site: Site, damage: dict[str, object]) -> None:
    """422 tells the node to move the entry aside; nothing is stored."""
    node = await site.start_node()
    answer = await asyncio.to_thread(node.deliver, alert_payload(new_identifier(), **damage))
    assert answer.status_code == 422
    assert (await site.http.get(ALERTS)).json()["items"] == []


@pytest.mark.anyio
@pytest.mark.both_databases
async def test_list_is_newest_first_paged_and_filtered(site: Site) -> None:
    """Following next_cursor yields every alert once, whatever arrives meanwhile."""
    node = await site.start_node()
    ids = [new_identifier() for _ in range(7)]
    for number, identifier in enumerate(ids):
        await asyncio.to_thread(node.deliver, alert_payload(identifier, f"camera-{number % 2}"))
    await site.http.post(f"{ALERTS}/{ids[0]}/acknowledge", json={})
    seen, cursor = [], None
    while cursor or not seen:
        page = (await site.http.get(ALERTS, params={"limit": 3} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [alert["id"] for alert in page["items"]]
        cursor = page["next_cursor"]
        await asyncio.to_thread(node.deliver, alert_payload(new_identifier()))
    assert seen == ids[::-1]
    assert len((await site.http.get(ALERTS, params={"camera_id": "camera-0"})).json()["items"]) == 4
    acknowledged = (await site.http.get(ALERTS, params={"state": "ACKNOWLEDGED"})).json()["items"]
    assert [alert["id"] for alert in acknowledged] == [ids[0]]
    assert (await site.http.get(ALERTS, params={"state": "DELETED"})).status_code == 422


@pytest.mark.anyio
@pytest.mark.both_databases
async def test_alert_is_acknowledged_once(site: Site) -> None:
    """Of several who press the key one wins, and the history names the person."""
    node = await site.start_node()
    identifier = new_identifier()
    await asyncio.to_thread(node.deliver, alert_payload(identifier))
    path = f"{ALERTS}/{identifier}/acknowledge"
    answers = await asyncio.gather(*(site.http.post(path, json={}) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"alert-moved-on"}
    alert = (await site.http.get(f"{ALERTS}/{identifier}")).json()
    assert (alert["state"], alert["acknowledged_by"]) == ("ACKNOWLEDGED", "admin")
    assert alert["acknowledged_at"].endswith("Z")
    async with site.control.database.read() as connection:
        history = await store.list_history(connection, identifier)
    assert [(entry.act, entry.state, entry.username) for entry in history] == [
        ("raise", "NEW", None),
        ("acknowledge", "ACKNOWLEDGED", "admin"),
    ]


@pytest.mark.anyio
async def test_acts_on_no_alert_and_with_unknown_fields(site: Site) -> None:
    """Nothing there is 404; a body with anything in it is 422."""
    assert (await site.http.post(f"{ALERTS}/none/acknowledge", json={})).json()["code"] == "not-found"
    answer = await site.http.post(f"{ALERTS}/none/acknowledge", json={"state": "CLOSED"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "extra-forbidden")
