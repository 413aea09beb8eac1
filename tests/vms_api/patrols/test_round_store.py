"""Rounds, stops and pictures as they are kept, in both databases."""

from datetime import timedelta

import pytest

from tests.fakes.clock import START
from tests.vms_api.patrols.rows import due_round, round_stop
from vms_api.database import Database, to_us
from vms_api.patrols import picture_store, round_store, stop_store
from vms_api.patrols.picture_store import PatrolPicture
from vms_api.patrols.round import Excuse, RoundEntry
from vms_api.patrols.round_lifecycle import RoundState
from vms_api.patrols.round_stop import StopVerdict
from vms_api.patrols.round_store import RoundQuery

pytestmark = [pytest.mark.anyio, pytest.mark.both_databases]


async def add(database: Database, **changes) -> str | None:
    async with database.write() as transaction:
        return await round_store.add_due(transaction, due_round(**changes))


async def test_a_round_becomes_due_once(database: Database) -> None:
    """The same plan and time make one round; another time, or another plan, another one."""
    first = await add(database, order=(1, 0))
    assert first is not None
    assert await add(database) is None
    assert await add(database, due_at=START + timedelta(days=1)) not in {None, first}
    assert await add(database, plan_id="other") not in {None, first}
    async with database.read() as connection:
        found = await round_store.find_round(connection, first)
        assert found is not None
        assert (found.state, found.due_at, found.deadline_at) == ("due", START, START + timedelta(hours=1))
        assert (found.user_id, found.late, found.lease_epoch, found.stop_count) == (None, False, 0, 2)
        assert await round_store.find_order(connection, first) == [1, 0]
        assert await round_store.find_round(connection, "none") is None


async def test_what_was_done_is_kept_and_excuses_are_entries(database: Database) -> None:
    """The history keeps its order; its excuses stand with the round."""
    round_id = await add(database) or ""
    async with database.write() as transaction:
        for act, note in (("miss", ""), ("excuse", "a flood"), ("excuse", "the road was closed")):
            entry = RoundEntry(START, act, "u", "wang", note, {"n": 1})
            await round_store.add_history(transaction, round_id, entry)
    async with database.read() as connection:
        history = await round_store.list_history(connection, round_id)
        found = await round_store.find_round(connection, round_id)
    assert [(entry.act, entry.note) for entry in history] == [
        ("due", ""),
        ("miss", ""),
        ("excuse", "a flood"),
        ("excuse", "the road was closed"),
    ]
    assert found is not None
    texts = ["a flood", "the road was closed"]
    assert found.excuses == [Excuse(at=START, user_name="wang", text=text) for text in texts]


async def test_rounds_are_found_by_what_is_asked(database: Database) -> None:
    """By area, state, person, plan and time, the latest first, page by page."""
    ids = [await add(database, due_at=START + timedelta(hours=n), area_id=f"area-{n % 2}") or "" for n in range(5)]
    async with database.write() as transaction:
        taken = await round_store.find_round(transaction.connection, ids[2])
        assert taken is not None
        changes = {"state": RoundState.RUNNING, "user_id": "wang", "started_at": START, "lease_epoch": 1, "current": 1}
        await round_store.save_round(transaction, taken.model_copy(update=changes))

    async def found(**asked) -> list[int]:
        async with database.read() as connection:
            return [ids.index(row.id) for row in await round_store.list_rounds(connection, RoundQuery(**asked))]

    assert await found() == [4, 3, 2, 1, 0]
    assert await found(area_ids={"area-1"}) == [3, 1]
    assert await found(area_ids=()) == []
    assert await found(states={RoundState.RUNNING}) == [2]
    assert await found(user_id="wang") == [2]
    assert await found(since=START + timedelta(hours=1), until=START + timedelta(hours=3)) == [2, 1]
    assert await found(limit=2) == [4, 3]
    assert await found(before=(to_us(START + timedelta(hours=3)), ids[3]), limit=2) == [2, 1]


async def test_open_rounds_past_their_deadline_are_found_once(database: Database) -> None:
    """Not those that are over, nor those that are known to be late; the longest due first."""
    ids = [await add(database, due_at=START + timedelta(hours=n)) or "" for n in range(4)]
    at = START + timedelta(hours=3, minutes=30)  # the deadlines are 1, 2, 3 and 4 hours after START

    async def past() -> list[str]:
        async with database.read() as connection:
            return [row.id for row in await round_store.open_past(connection, at, 10)]

    assert await past() == ids[:3]
    for round_id, changes in ((ids[0], {"state": RoundState.MISSED}), (ids[1], {"late": True})):
        async with database.write() as transaction:
            row = await round_store.find_round(transaction.connection, round_id)
            assert row is not None
            await round_store.save_round(transaction, row.model_copy(update=changes))
    assert await past() == ids[2:3]


async def test_stops_keep_their_order_and_what_was_found(database: Database) -> None:
    """Ten thousand stops go in; one comes back as it was saved, and the camera's last visit is known."""
    round_id = await add(database, stop_count=10_000) or ""
    stops = [
        round_stop(index, questions=[{"text": "Is the gate closed?", "expected": "yes"}]) for index in range(10_000)
    ]
    async with database.write() as transaction:
        await stop_store.insert_stops(transaction, round_id, stops)
        judged = stops[7].model_copy(
            update={
                "arrived_at": START,
                "left_at": START + timedelta(seconds=12),
                "present_s": 11.5,
                "verdict": StopVerdict.ABNORMAL,
                "judged_at": START + timedelta(seconds=12),
                "answers": ("no",),
                "unexpected": (0,),
                "note": "open",
            }
        )
        await stop_store.save_stop(transaction, round_id, judged)
        gone = stops[8].model_copy(update={"arrived_at": START, "unreachable": True, "unreachable_why": "offline"})
        await stop_store.save_stop(transaction, round_id, gone)
    async with database.read() as connection:
        listed = await stop_store.list_stops(connection, round_id)
        assert [stop.index for stop in listed] == list(range(10_000))
        assert listed[7] == judged
        assert await stop_store.find_stop(connection, round_id, "stop-8") == gone
        assert await stop_store.open_stops(connection, round_id) == [gone]
        assert await stop_store.last_judged(connection, "camera-7") == judged
        assert await stop_store.last_judged(connection, "camera-9") is None
        seen = await stop_store.last_seen(connection, ["camera-7", "camera-8"])
        assert seen == {"camera-7": START + timedelta(seconds=12)}
    async with database.write() as transaction:
        await stop_store.leave_all(transaction, round_id, START + timedelta(minutes=1))
    async with database.read() as connection:
        assert await stop_store.open_stops(connection, round_id) == []


async def test_pictures_are_kept_with_their_facts(database: Database) -> None:
    """A picture comes back byte for byte, and is told of without its bytes."""
    round_id = await add(database) or ""
    facts = (START, START - timedelta(seconds=1), "wang", "ab" * 32)
    picture = PatrolPicture("p", round_id, "stop-0", "camera-0", "village", *facts)
    async with database.write() as transaction:
        await picture_store.insert_picture(transaction, picture, b"\xff\xd8jpeg")
    async with database.read() as connection:
        assert await picture_store.find_picture(connection, "p") == picture
        assert await picture_store.read_jpeg(connection, "p") == b"\xff\xd8jpeg"
        assert await picture_store.list_pictures(connection, round_id) == [picture]
        assert await picture_store.count_pictures(connection, round_id, "stop-0") == 1
        assert await picture_store.count_pictures(connection, round_id, "stop-1") == 0
