"""What is done at stops: dwelling, judging, and what follows from it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from tests.fakes.clock import START
from tests.vms_api.patrols.round_room import CAMERAS, RoundRoom, round_room
from vms_api.accounts.permission import Role
from vms_api.alerts.store import find_evidence, list_history
from vms_api.cameras.health import CameraHealth
from vms_api.database_place import DatabasePlace
from vms_api.errors import NotFound
from vms_api.patrols import picture_store, stop_store
from vms_api.patrols.picture_store import PatrolPicture
from vms_api.patrols.round import Round
from vms_api.patrols.round_acts import ExtraStopIn, LeaseIn, PresenceIn, StopNoteIn
from vms_api.patrols.round_errors import DwellTooShort, StopClosed, StopJudged, StopThere, VerdictContradicted
from vms_api.tickets.store import find_ticket

pytestmark = pytest.mark.anyio


@pytest.fixture
async def room(database_place: DatabasePlace) -> AsyncIterator[RoundRoom]:
    async with round_room(database_place) as opened:
        yield opened


async def keep_picture(room: RoundRoom, round_: Round, stop_id: str) -> None:
    """A picture of the stop, as the picture desk keeps it."""
    picture = PatrolPicture("p", round_.id, stop_id, "gate", "village", START, START, "wang", "00")
    async with room.desk.database.write() as transaction:
        await picture_store.insert_picture(transaction, picture, b"\xff\xd8seen")
        stop = await stop_store.find_stop(transaction.connection, round_.id, stop_id)
        assert stop is not None
        await stop_store.save_stop(transaction, round_.id, stop.model_copy(update={"snapshot_id": picture.id}))


async def test_a_round_cannot_be_clicked_through(room: RoundRoom) -> None:
    """Ten seconds of a playing picture, whatever is sent; by hand: four seconds count of six, so six are missing."""
    round_ = await room.taken()
    with pytest.raises(StopClosed):
        await room.judge(round_, "at-yard")
    await room.arrive(round_, "at-yard")
    with pytest.raises(DwellTooShort) as refused:
        await room.judge(round_, "at-yard")
    assert refused.value.remaining_s == 10
    await room.look(round_, "at-yard", 6)
    await room.look(round_, "at-yard", 60, visible=False)
    await room.look(round_, "at-yard", 60, playing=False, input=True)
    with pytest.raises(DwellTooShort) as refused:
        await room.judge(round_, "at-yard")
    assert refused.value.remaining_s == 6
    await room.look(round_, "at-yard", 8, input=True)
    stop = await room.judge(round_, "at-yard", note="quiet")
    assert (stop.verdict, stop.present_s, stop.judged_by, stop.note) == ("normal", 10, "wang", "quiet")
    assert stop.left_at == stop.judged_at == room.desk.clock.now()


async def test_reports_sent_at_once_count_once(room: RoundRoom) -> None:
    """A hundred reports in one second are worth that second."""
    round_ = await room.taken()
    await room.arrive(round_, "at-pond")
    stop = await room.look(round_, "at-pond", 2, input=True)
    room.desk.clock.advance(1.0)
    body = {"lease_epoch": 1, "visible": True, "playing": True, "input": True}
    for _ in range(100):
        stop = await room.stops.report(round_.id, "at-pond", room.by("wang"), PresenceIn.model_validate(body))
    assert stop.present_s == 1


async def test_a_verdict_is_said_once_and_added_to(room: RoundRoom) -> None:
    """A second one is refused; a note is added beneath the first."""
    round_ = await room.taken()
    await room.arrive(round_, "at-pond")
    await room.look(round_, "at-pond")
    await room.judge(round_, "at-pond", note="ice")
    again = await room.arrive(round_, "at-pond")
    assert (again.verdict, again.is_open) == ("normal", True)
    with pytest.raises(StopJudged):
        await room.judge(round_, "at-pond", "abnormal")
    note = StopNoteIn(lease_epoch=1, note="a sledge too")
    noted = await room.stops.note(round_.id, "at-pond", room.by("wang"), note)
    assert (noted.note, noted.verdict) == ("ice\na sledge too", "normal")
    assert (await room.read(round_.id)).done_count == 1


async def test_what_is_abnormal_is_an_alert_at_once(room: RoundRoom) -> None:
    """Without any wait; with the picture that was kept, the note, and the round's plan as its rule."""
    round_ = await room.taken()
    await room.arrive(round_, "at-gate")
    await keep_picture(room, round_, "at-gate")
    stop = await room.judge(round_, "at-gate", "abnormal", answers=["no"], note="gate open, nobody there")
    assert (stop.verdict, stop.unexpected, stop.ticket_id) == ("abnormal", (0,), None)
    alert = await room.desk.alert(stop.alert_id or "")
    assert (alert.kind, alert.camera_id, alert.area_id, alert.rule_id, alert.rule_name) == (
        "patrol",
        "gate",
        "village",
        "plan",
        "Morning round",
    )
    assert (alert.state, alert.severity, alert.label, alert.has_evidence) == ("NEW", "medium", "abnormal", True)
    async with room.desk.database.read() as connection:
        assert await find_evidence(connection, alert.id) == b"\xff\xd8seen"
    async with room.desk.database.read() as connection:
        (began,) = await list_history(connection, alert.id)
    assert (began.act, began.username, began.note, began.detail) == (
        "raise",
        "wang",
        "gate open, nobody there",
        {"round": round_.id},
    )
    assert [event.data["id"] for event in await room.desk.heard("alert.raised")] == [alert.id]
    rows = [(row["kind"], row["camera_id"]) for row in await room.desk.trail()]
    assert rows == [("patrol.take", None), ("patrol.verdict", "gate")]


async def test_a_camera_fault_is_a_ticket_and_the_next_one_joins_it(room: RoundRoom) -> None:
    """The round is its source; a second round finds the same fault and no second ticket."""
    round_ = await room.taken()
    await room.arrive(round_, "at-gate")
    with pytest.raises(DwellTooShort):
        await room.judge(round_, "at-gate", "camera-fault")
    await room.look(round_, "at-gate", 10, playing=False)
    stop = await room.judge(round_, "at-gate", "camera-fault", note="grey")
    async with room.desk.database.read() as connection:
        ticket = await find_ticket(connection, stop.ticket_id or "")
    assert ticket is not None
    assert (ticket.cause, ticket.camera_id, ticket.source, ticket.state) == ("patrol", "gate", round_.id, "open")
    assert ticket.facts == {"round": "Morning round", "note": "grey"}
    second = await room.taken(due_at=START + timedelta(hours=3))
    await room.arrive(second, "at-gate")
    await room.look(second, "at-gate", 10)
    assert (await room.judge(second, "at-gate", "camera-fault")).ticket_id == ticket.id


async def test_a_verdict_that_is_refused_leaves_nothing(room: RoundRoom) -> None:
    """No alert, no ticket, no row, and the stop is still open."""
    round_ = await room.taken()
    room.switch_off("pond")
    await room.arrive(round_, "at-pond")
    for verdict in ("normal", "abnormal"):
        with pytest.raises(VerdictContradicted):
            await room.judge(round_, "at-pond", verdict)
    assert [row["kind"] for row in await room.desk.trail()] == ["patrol.take"]
    assert await room.desk.heard("alert.raised") == []
    stop = (await room.read(round_.id)).stops[2]
    assert (stop.is_open, stop.verdict) == (True, None)


async def test_an_offline_camera_is_written_down_and_the_round_goes_on(room: RoundRoom) -> None:
    """It counts as visited without any time; when it is back, it has to be looked at after all."""
    room.switch_off("gate", "pond")
    round_ = await room.taken()
    stop = await room.arrive(round_, "at-gate")
    assert (stop.unreachable, stop.unreachable_why, stop.verdict) == (True, "offline", None)
    assert (await room.read(round_.id)).done_count == 1
    judged = await room.judge(round_, "at-gate", "camera-fault")
    assert (judged.unreachable_why, judged.present_s) == ("offline", 0)
    async with room.desk.database.read() as connection:
        ticket = await find_ticket(connection, judged.ticket_id or "")
    assert ticket is not None
    assert ticket.facts["unreachable"] == "offline"
    await room.arrive(round_, "at-pond")
    assert (await room.read(round_.id)).done_count == 2
    room.switch_off()
    back = await room.arrive(round_, "at-pond")
    assert back.unreachable is False
    assert (await room.read(round_.id)).done_count == 1
    with pytest.raises(DwellTooShort):
        await room.judge(round_, "at-pond")


async def test_a_camera_that_falls_silent_while_it_is_looked_at(room: RoundRoom) -> None:
    """Its node has died: no time counts and none is asked for; when it is back, what was seen before goes on."""
    round_ = await room.taken()
    for stop_id in ("at-yard", "at-pond"):
        await room.arrive(round_, stop_id)
        await room.look(round_, stop_id, 6, input=True)
        room.health.report({name: CameraHealth(state="unknown", since=START) for name in CAMERAS})
        silent = await room.look(round_, stop_id, 20, playing=False, input=True)
        assert (silent.unreachable_why, silent.present_s) == ("offline", 4)
        if stop_id == "at-yard":
            assert (await room.read(round_.id)).done_count == 1
            room.switch_off()
            back = await room.look(round_, stop_id, 2, input=True)
            assert (back.unreachable_why, back.present_s) == (None, 4)
            assert (await room.read(round_.id)).done_count == 0
            with pytest.raises(DwellTooShort) as refused:
                await room.judge(round_, stop_id)
            assert refused.value.remaining_s == 6
            await room.look(round_, stop_id, 6, input=True)
            assert (await room.judge(round_, stop_id)).present_s == 10
        else:
            with pytest.raises(VerdictContradicted):
                await room.judge(round_, stop_id)
            assert (await room.judge(round_, stop_id, "cannot-judge")).unreachable_why == "offline"
    assert (await room.read(round_.id)).done_count == 2


async def test_a_camera_that_may_not_be_seen_any_more_is_unreachable(room: RoundRoom) -> None:
    """Its camera moved out of reach, before the stop and during it; nothing but that is said of it."""
    round_ = await room.taken(by="wang")
    chen, wang = (Role.SUPERVISOR, "root"), (Role.PATROLLER, "village")
    room.grant({"chen": chen, "wang": wang})
    await room.move("gate", "root")
    stop = await room.arrive(round_, "at-gate")
    assert (stop.unreachable_why, stop.is_done) == ("no-right", True)
    for verdict in ("normal", "abnormal", "camera-fault"):
        with pytest.raises(VerdictContradicted):
            await room.judge(round_, "at-gate", verdict)
    assert (await room.judge(round_, "at-gate", "cannot-judge")).unreachable_why == "no-right"
    await room.arrive(round_, "at-yard")
    await room.look(round_, "at-yard", 4)
    await room.move("yard", "root")
    lost = await room.look(round_, "at-yard", 4)
    assert (lost.unreachable_why, lost.present_s) == ("no-right", 2)
    shown = await room.read(round_.id)
    assert ([stop.camera_name for stop in shown.stops], shown.done_count) == (["", "", "Pond"], 2)
    assert [stop.camera_name for stop in (await room.read(round_.id, "chen")).stops] == ["Gate", "Yard", "Pond"]


async def test_a_camera_that_is_gone_is_unreachable(room: RoundRoom) -> None:
    """Removed during the round: the stop is recorded so, and cannot be judged."""
    round_ = await room.taken()
    await room.move("pond", None)
    assert (await room.arrive(round_, "at-pond")).unreachable_why == "removed"
    stop = await room.judge(round_, "at-pond", "cannot-judge")
    assert (stop.verdict, stop.alert_id, stop.ticket_id) == ("cannot-judge", None, None)


async def test_a_stop_is_added_once_and_at_the_end(room: RoundRoom) -> None:
    """A camera that has no stop yet and that the person may see; it counts like the others."""
    room.plans["plan", 1] = room.plans["plan", 1][:2]
    round_ = await room.taken()
    added = await room.stops.add(round_.id, room.by("wang"), ExtraStopIn(lease_epoch=1, camera_id="pond"))
    assert (added.index, added.camera_name, added.is_extra) == (2, "Pond", True)
    whole = await room.read(round_.id)
    assert (whole.stop_count, [stop.camera_id for stop in whole.stops]) == (3, ["gate", "yard", "pond"])
    for camera_id, problem in (("pond", StopThere), ("none", NotFound)):
        with pytest.raises(problem):
            await room.stops.add(round_.id, room.by("wang"), ExtraStopIn(lease_epoch=1, camera_id=camera_id))
    with pytest.raises(NotFound):
        await room.stops.arrive(round_.id, "none", room.by("wang"), LeaseIn(lease_epoch=1))


async def test_the_protocol_says_what_was_found(room: RoundRoom) -> None:
    """One normal, one abnormal with its picture, one offline; the counts are those, the seconds those that counted."""
    round_ = await room.taken()
    room.switch_off("pond")
    await room.arrive(round_, "at-yard")
    await room.look(round_, "at-yard", 14)
    await room.judge(round_, "at-yard")
    await room.arrive(round_, "at-gate")
    await keep_picture(room, round_, "at-gate")
    await room.judge(round_, "at-gate", "abnormal", answers=["no"])
    await room.arrive(round_, "at-pond")
    await room.rounds.finish(round_.id, room.by("wang"), LeaseIn(lease_epoch=1))
    found = await room.rounds.protocol(round_.id, room.by("chen"))
    assert found.findings.model_dump() == {
        "verdicts": {"normal": 1, "abnormal": 1, "camera-fault": 0, "cannot-judge": 0},
        "unreachable": 1,
        "open": 0,
        "unexpected_answers": 1,
    }
    assert (found.area_name, found.read_by, found.present_s, found.planned_s) == ("North", "chen", 12, 30)
    assert [(picture.url, picture.sha256, picture.taken_by) for picture in found.pictures] == [
        ("/api/v1/patrol-snapshots/p", "00", "wang")
    ]
    assert (found.round.state, found.round.done_count) == ("completed", 3)
