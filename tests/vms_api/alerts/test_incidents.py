"""Alerts of one cause have one card; nothing of what is under it is lost."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.clock import START
from tests.vms_api.alerts.desk_room import DeskRoom, desk_room
from vms_api.alerts.alert import Alert
from vms_api.alerts.errors import DuplicateWrong
from vms_api.alerts.handling import ActIn, AssignIn, JudgeIn, Verdict
from vms_api.alerts.incident import DONE, belongs, joined
from vms_api.alerts.lifecycle import AlertAct, AlertState
from vms_api.alerts.settings import AlertSettings
from vms_api.database_place import DatabasePlace

pytestmark = pytest.mark.anyio


@pytest.fixture
async def room(database_place: DatabasePlace) -> AsyncIterator[DeskRoom]:
    async with desk_room(database_place, storm_per_minute=5) as opened:
        yield opened


def alert(**changes: object) -> Alert:
    told = {
        "id": "a",
        "area_id": "village",
        "camera_id": "gate",
        "camera_name": "Gate",
        "rule_id": "rule",
        "rule_name": "Night",
        "kind": "intrusion",
        "severity": "medium",
        "label": "person",
        "score": 0.5,
        "box": (0, 0, 1, 1),
        "state": AlertState.NEW,
        "raised_at": START,
        "frame_received_at": START,
        "stored_at": START,
        "has_evidence": False,
        "instructions": "",
        "incident_id": "a",
        "last_at": START,
    }
    return Alert.model_validate(told | changes)


seconds = st.integers(-100_000, 100_000)


@given(seconds, st.integers(0, 20_000), st.sampled_from(AlertState))
def test_what_belongs_to_an_incident(at_s: int, last_s: int, state: AlertState) -> None:
    """Within the gap after the last and the longest time after the first, while nobody has reported it as handled."""
    settings = AlertSettings(incident_gap_minutes=5, incident_hours=2)
    first = alert(state=state, last_at=START + timedelta(seconds=last_s))
    new = alert(id="b", incident_id="b", raised_at=START + timedelta(seconds=at_s))
    expected = state not in DONE and 0 <= at_s <= min(last_s + 300, 7200)
    assert belongs(first, new, settings) is expected


@pytest.mark.parametrize("change", [{"severity": "high"}, {"rule_id": "r"}, {"camera_id": "c"}, {"area_id": "x"}])
def test_another_cause_is_another_incident(change: dict[str, str]) -> None:
    """Nor may a grave alert hide under a card that looks harmless, or one under a card that other people see."""
    assert belongs(alert(), alert(id="b"), AlertSettings())
    assert not belongs(alert(), alert(id="b", **change), AlertSettings())


def test_a_repeat_is_in_the_hand_of_its_incident() -> None:
    """State and owner are those of the first; it was taken on when it came, not before it was raised."""
    taken = {"state": AlertState.ASSIGNED, "owner": "li", "owner_id": "7", "acknowledged_at": START, "repeats": 4}
    later = START + timedelta(seconds=30)
    repeat = joined(alert(**taken), alert(id="b", raised_at=later, stored_at=later))
    assert (repeat.state, repeat.owner, repeat.repeats, repeat.incident_id) == (AlertState.ASSIGNED, "li", 5, "a")
    assert repeat.acknowledged_at == later
    assert joined(alert(), alert(id="b")).acknowledged_at is None


@pytest.mark.both_databases
async def test_alerts_within_the_gap_have_one_card(room: DeskRoom) -> None:
    """The folded list has one with its count, the incident all, and after the gap there is a new card."""
    ids = [await room.raise_alert(after_s) for after_s in (0, 60, 299)]
    other = await room.raise_alert(1, rule_id="another")
    fresh = await room.raise_alert(301)
    folded = {found.id: found for found in await room.listed(is_folded=True)}
    assert list(folded) == [fresh, other, ids[0]]
    assert (folded[ids[0]].repeats, folded[ids[0]].last_at) == (2, (await room.alert(ids[2])).raised_at)
    assert [found.id for found in await room.listed(incident_id=ids[0])] == ids[::-1]
    assert [(await room.alert(id_)).repeats for id_ in ids] == [2, 1, 2]
    assert len(await room.listed()) == len(room.told) == 5


async def test_a_second_delivery_counts_once(room: DeskRoom) -> None:
    """The count is of alerts, not of tries to deliver them."""
    first, second = await room.raise_alert(), await room.raise_alert(5)
    await room.raise_alert(1, id=second)
    assert (await room.alert(first)).repeats == 1


@pytest.mark.both_databases
async def test_acts_on_the_card_take_its_repeats_along(room: DeskRoom) -> None:
    """Each has its own state and history; one that was handled apart is left alone, until all are closed."""
    first, second, apart = [await room.raise_alert(10) for _ in range(3)]
    await room.act(apart, AlertAct.ACKNOWLEDGE, "zhao")
    await room.act(first, AlertAct.ACKNOWLEDGE, "wang")
    late = await room.raise_alert(10)
    await room.act(first, AlertAct.ASSIGN, "wang", AssignIn(user_id="li"))
    stand = {id_: (await room.alert(id_)).owner for id_ in (first, second, apart, late)}
    assert stand == {first: "li", second: "li", apart: "zhao", late: "li"}
    await room.act(first, AlertAct.RESOLVE, "li", JudgeIn(verdict=Verdict.TRUE, note="went there"))
    await room.act(apart, AlertAct.RESOLVE, "zhao", JudgeIn(verdict=Verdict.FALSE))
    await room.act(first, AlertAct.CLOSE)
    closed = {id_: (await room.alert(id_)) for id_ in (first, second, apart, late)}
    assert {found.state for found in closed.values()} == {AlertState.CLOSED}
    assert [closed[id_].verdict for id_ in (first, second, apart, late)] == ["true", "true", "false", "true"]
    assert await room.acts(second) == [
        ("raise", "NEW", None),
        ("acknowledge", "ACKNOWLEDGED", "wang"),
        ("assign", "ASSIGNED", "wang"),
        ("resolve", "RESOLVED", "li"),
        ("close", "CLOSED", "chen"),
    ]
    assert (await room.acts(late))[:2] == [("raise", "NEW", None), ("join", "ACKNOWLEDGED", None)]
    updated = [event.data["id"] for event in await room.heard("alert.updated")]
    assert updated.count(second) == 4
    assert updated[-1] == first


async def test_what_was_reported_takes_no_more_repeats(room: DeskRoom) -> None:
    """What happens after the report is news, however soon."""
    first = await room.raise_alert()
    await room.act(first, AlertAct.ACKNOWLEDGE)
    await room.act(first, AlertAct.RESOLVE, body=JudgeIn(verdict=Verdict.TRUE))
    fresh = await room.raise_alert(1)
    assert (await room.alert(fresh)).incident_id == fresh
    assert (await room.alert(fresh)).state is AlertState.NEW


@pytest.mark.both_databases
async def test_a_duplicate_is_folded_by_hand_and_taken_out_again(room: DeskRoom) -> None:
    """Its card goes under the other's and counts there; sent back, it has its own again."""
    first, other = await room.raise_alert(), await room.raise_alert(1, rule_id="another")
    repeat = await room.raise_alert(1, rule_id="another")
    await room.act(other, AlertAct.ACKNOWLEDGE)
    await room.act(other, AlertAct.RESOLVE, body=JudgeIn(verdict=Verdict.DUPLICATE, duplicate_of=first))
    assert [found.id for found in await room.listed(is_folded=True)] == [first]
    assert (await room.alert(first)).repeats == 1
    assert (await room.alert(repeat)).verdict is Verdict.DUPLICATE
    await room.act(other, AlertAct.REOPEN, body=ActIn(note="not the same"))
    assert [found.id for found in await room.listed(is_folded=True)] == [other, first]
    assert [(await room.alert(id_)).repeats for id_ in (first, other)] == [0, 1]
    assert (await room.alert(repeat)).state is AlertState.REOPENED
    assert [event.data["id"] for event in await room.heard("alert.updated")][-3:] == [first, repeat, other]


async def test_no_card_goes_under_itself(room: DeskRoom) -> None:
    """Neither its own repeat, nor a card that lies under it already: else all three would be gone from the list."""
    one, two, three = [await room.raise_alert(1, rule_id=name) for name in ("one", "two", "three")]
    for id_ in (one, two, three):
        await room.act(id_, AlertAct.ACKNOWLEDGE)
    repeat = await room.raise_alert(1, rule_id="one")
    await room.act(two, AlertAct.RESOLVE, body=JudgeIn(verdict=Verdict.DUPLICATE, duplicate_of=repeat))
    await room.act(three, AlertAct.RESOLVE, body=JudgeIn(verdict=Verdict.DUPLICATE, duplicate_of=two))
    for id_ in (repeat, two, three):
        with pytest.raises(DuplicateWrong):
            await room.act(one, AlertAct.RESOLVE, body=JudgeIn(verdict=Verdict.DUPLICATE, duplicate_of=id_))
    assert [found.id for found in await room.listed(is_folded=True)] == [one]
    assert (await room.alert(one)).repeats == 3


async def test_a_storm_is_told_as_a_count(room: DeskRoom) -> None:
    """Above five a minute pages hear one notice with the count in place of each; every alert is there to be read."""
    ids = [await room.raise_alert(0.1) for _ in range(40)]
    calm = await room.raise_alert(0.1, rule_id="another")
    assert [event.data["id"] for event in await room.heard("alert.raised")] == [*ids[:5], calm]
    await room.desk.storms.tell()
    await room.desk.storms.tell()
    (storm,) = await room.heard("alert.storm")
    told = storm.data["alert"]
    assert (told["id"], told["repeats"], storm.data["per_minute"], storm.area_id) == (ids[0], 39, 40, told["area_id"])
    assert [found.id for found in await room.listed(incident_id=ids[0])] == ids[::-1]
    room.clock.advance(61)
    later = await room.raise_alert()
    assert (await room.heard("alert.raised"))[-1].data["id"] == later


async def test_a_storm_hides_no_card(room: DeskRoom) -> None:
    """The first alert of an incident is told, however many came before it."""
    first = await room.raise_alert()
    for _ in range(9):
        await room.raise_alert(0.1)
    await room.act(first, AlertAct.ACKNOWLEDGE)
    await room.act(first, AlertAct.RESOLVE, body=JudgeIn(verdict=Verdict.FALSE))
    fresh = await room.raise_alert(0.1)
    assert (await room.heard("alert.raised"))[-1].data["id"] == fresh
