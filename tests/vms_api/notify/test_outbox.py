"""From the transaction that stores an alert to the receiver: at least once, in its own lane, for 72 hours."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.fakes.webhook_receiver import WebhookReceiver, answer
from tests.vms_api.conftest import until
from tests.vms_api.notify.conftest import Outbox, alert_facts, rights_of
from vms_api.accounts.permission import Role
from vms_api.audit.entry import AuditKind
from vms_api.audit.store import audit
from vms_api.notify import store
from vms_api.notify.delivery import DeliveryState
from vms_api.notify.outcome import DeliveryFault
from vms_api.notify.receiver import QuietTime

pytestmark = pytest.mark.anyio


@pytest.mark.both_databases
async def test_message_and_event_are_one_transaction(outbox: Outbox) -> None:
    """What is rolled back is not told; what is committed waits, without a picture and without a person."""
    receiver = outbox.receiver()
    await outbox.add(receiver)
    with suppress(RuntimeError):
        async with outbox.database.write() as transaction:
            await outbox.events.record(transaction, "alert.raised", alert_facts(), "east")
            raise RuntimeError("no")
    await outbox.happen(area_id="east")
    await outbox.happen(kind="camera.changed")
    [letter] = await outbox.letters(receiver)
    assert letter.message.facts["area"] == "East"
    assert letter.message.facts["link"] == f"https://desk.example/alerts?alert={letter.message.subject}"
    assert "never" not in str(letter)


@pytest.mark.both_databases
async def test_each_receiver_gets_what_it_is_for(outbox: Outbox) -> None:
    """Its area with those below, its severities and kinds, acts if wanted, nothing in quiet hours."""
    wanted = {
        "all": outbox.receiver(),
        "west": outbox.receiver(area_ids=("west",)),
        "low": outbox.receiver(severities=frozenset({"low"})),
        "fire": outbox.receiver(kinds=frozenset({"fire"})),
        "raised": outbox.receiver(changes=False),
        "off": outbox.receiver(enabled=False),
        "asleep": outbox.receiver(quiet=(QuietTime(starts="07:00", ends="09:00"),)),  # it is 08:00 in Shanghai
        "awake": outbox.receiver(quiet=(QuietTime(starts="22:00", ends="07:00"),)),
        "stranger": outbox.receiver(owner_id="somebody else"),
    }
    await outbox.add(*wanted.values())
    await outbox.happen(kind="alert.raised", area_id="east")
    await outbox.happen(kind="alert.updated", area_id="east")
    counts = {name: len(await outbox.letters(receiver)) for name, receiver in wanted.items()}
    assert counts == {
        "all": 2,
        "west": 0,
        "low": 0,
        "fire": 0,
        "raised": 1,
        "off": 0,
        "asleep": 0,
        "awake": 2,
        "stranger": 0,
    }


async def test_what_arrived_leaves_no_row(outbox: Outbox) -> None:
    """The outbox holds only what has not arrived."""
    async with WebhookReceiver().listening() as web:
        receiver = outbox.receiver(web.url)
        await outbox.add(receiver)
        await outbox.happen(3)
        waiting = [letter.id for letter in await outbox.letters(receiver)]
        await outbox.lane(receiver).step()
        assert sorted(web.ids) == sorted(waiting)
        assert await outbox.letters(receiver) == []
        assert (await outbox.stored(receiver)).arrived_at == outbox.clock.now()


async def test_day_of_silence_loses_nothing(outbox: Outbox) -> None:
    """A receiver that is down for 24 h gets everything once it is back, each under the id of its first attempt."""
    web = WebhookReceiver(behaviour=answer(500))
    async with web.listening():
        receiver = outbox.receiver(web.url)
        await outbox.add(receiver)
        lane = outbox.lane(receiver)
        await outbox.happen(20)
        expected = {letter.id for letter in await outbox.letters(receiver)}
        ends = outbox.clock.now() + timedelta(hours=24)
        while outbox.clock.now() < ends:
            outbox.clock.advance(max(1.0, await lane.step()))
        tried = len(web.heard)
        assert 24 * 6 <= tried < 2000  # a try at least every ten minutes, and no hammering
        assert lane.breaker.is_open
        web.behaviour, web.heard = answer(200), []
        for _ in range(10):
            outbox.clock.advance(await lane.step())
            if not await outbox.letters(receiver):
                break
        assert set(web.ids) == expected
        assert len(web.ids) == 20
        assert not lane.breaker.is_open
        assert lane.breaker.opens_at() is None


@pytest.mark.both_databases
async def test_after_three_days_it_is_a_dead_letter_that_can_be_replayed(outbox: Outbox) -> None:
    """Nothing is thrown away: a dead letter keeps its id, is replayed under it, and is forgotten after a month."""
    web = WebhookReceiver()
    async with web.listening():
        receiver = outbox.receiver(web.url)
        await outbox.add(receiver)
        await outbox.happen()
        [letter] = await outbox.letters(receiver)
        outbox.clock.advance(timedelta(hours=73).total_seconds())
        await outbox.lanes.sweep()
        [dead] = await outbox.letters(receiver, DeliveryState.DEAD)
        assert (dead.id, dead.fault) == (letter.id, DeliveryFault.EXPIRED)
        now = outbox.clock.now()
        async with outbox.database.write() as transaction:
            assert await store.replay_dead(transaction, receiver.id, now, now + timedelta(hours=72), None) == 1
        await outbox.lane(receiver).step()
        assert web.ids == [letter.id]
        await outbox.happen()
        outbox.clock.advance(timedelta(days=40).total_seconds())
        await outbox.lanes.sweep()
        await outbox.lanes.sweep()
        assert await outbox.letters(receiver, DeliveryState.DEAD) == []


async def test_gone_receiver_is_switched_off_and_says_so(outbox: Outbox) -> None:
    """After a 410 nothing more is asked of it; a row says why."""
    async with WebhookReceiver(behaviour=answer(410)).listening() as web:
        receiver = outbox.receiver(web.url)
        await outbox.add(receiver)
        await outbox.happen()
        await outbox.lane(receiver).step()
        await outbox.happen()
        assert (await outbox.stored(receiver)).stopped is DeliveryFault.GONE
        assert len(await outbox.letters(receiver)) == 1
        assert len(web.heard) == 1
    async with outbox.database.read() as connection:
        kinds = (await connection.execute(sa.select(audit.c.kind))).scalars().all()
    assert kinds == [AuditKind.NOTIFY_STOP]


async def test_retry_after_is_obeyed(outbox: Outbox) -> None:
    """Nothing is sent before the time that the receiver named, new messages neither."""
    async with WebhookReceiver(behaviour=answer(429, Retry_After="600")).listening() as web:
        receiver = outbox.receiver(web.url)
        await outbox.add(receiver)
        lane = outbox.lane(receiver)
        await outbox.happen()
        await lane.step()
        await outbox.happen()
        assert await lane.step() == 600
        outbox.clock.advance(599)
        assert await lane.step() == 1
        assert len(web.heard) == 1
        web.behaviour = answer(200)
        outbox.clock.advance(1)
        await lane.step()
        assert len(web.heard) == 3


async def test_lost_right_ends_what_waits(outbox: Outbox) -> None:
    """What the owner may not see any more is not sent, though it was written down while he might."""
    async with WebhookReceiver().listening() as web:
        receiver = outbox.receiver(web.url)
        await outbox.add(receiver)
        await outbox.happen(area_id="east")
        outbox.rights.index = rights_of("owner", "west", outbox.clock.now(), Role.VIEWER)
        await outbox.lane(receiver).step()
        [dead] = await outbox.letters(receiver, DeliveryState.DEAD)
        assert dead.fault is DeliveryFault.RIGHT_MISSING
        assert web.heard == []


async def test_slow_receiver_delays_nobody(outbox: Outbox) -> None:
    """Others have everything while the slow one still holds its first answers; a changed receiver gets a new lane."""
    slow_web, fast_web = WebhookReceiver(behaviour=5.0), WebhookReceiver()
    async with slow_web.listening(), fast_web.listening():
        slow, fast = outbox.receiver(slow_web.url), outbox.receiver(fast_web.url)
        await outbox.add(slow, fast)
        running = asyncio.create_task(outbox.lanes.run())
        try:
            await until(lambda: outbox.lanes.lane(fast.id) is not None)
            await outbox.happen(100)
            await until(lambda: len(fast_web.heard) == 100, seconds=20)
            assert len(await outbox.letters(slow)) == 100
            slow_web.behaviour = answer(200)
            await outbox.add(outbox.receiver(slow_web.url + "?again", id=slow.id, sealed_secret=slow.sealed_secret))
            await until(lambda: len({heard.id for heard in slow_web.heard}) == 100, seconds=20)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def test_removed_receiver_takes_its_letters_along(outbox: Outbox) -> None:
    """And an alert that is stored right after it is not troubled."""
    receiver = outbox.receiver()
    await outbox.add(receiver)
    await outbox.happen()
    async with outbox.database.write() as transaction:
        await store.delete_receiver(transaction, receiver.id)
        await outbox.roll.record_change(transaction)
    await outbox.happen()
    assert await outbox.letters(receiver) == []
