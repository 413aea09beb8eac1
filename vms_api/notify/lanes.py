"""All lanes: one for each receiver that is served, begun and ended as receivers come and go."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import timedelta

import structlog

from vms_api.errors import SecretKeyRefused
from vms_api.notify import store
from vms_api.notify.lane import Lane, LaneGround
from vms_api.notify.receiver import Receiver
from vms_api.notify.sender import Sender

log = structlog.get_logger()

SenderFactory = Callable[[Receiver, Callable[[], None]], Sender]
"""Makes the sender of a receiver; it calls the second argument when it knows that the receiver is back."""

KEPT_DEAD = timedelta(days=30)
"""For how long a dead letter can still be replayed."""
_SWEEP_S = 60.0
_RESTART_S = 5.0


class LaneBoard:
    """Runs the lanes. What waits is in the database, so a killed process goes on where it was."""

    def __init__(self, ground: LaneGround, make_sender: SenderFactory) -> None:
        self._ground = ground
        self._make_sender = make_sender
        self._lanes: dict[str, Lane] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()
        ground.roll.subscribe(self._changed.set)

    def lane(self, receiver_id: str) -> Lane | None:
        """The lane of that receiver, if it is served now."""
        return self._lanes.get(receiver_id)

    def wake(self, receiver_ids: Collection[str]) -> None:
        """There is something to send to these."""
        for receiver_id in receiver_ids:
            if lane := self.lane(receiver_id):
                lane.wake()

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                self._changed.clear()
                await self._follow_roll()
                await self.sweep()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_SWEEP_S):
                        await self._changed.wait()
        finally:
            await self._end(list(self._lanes))

    async def sweep(self) -> None:
        """Makes dead letters of what expired, and forgets old ones."""
        now = self._ground.clock.now()
        async with self._ground.database.write() as transaction:
            buried = await store.bury_expired(transaction, now)
            await store.prune_dead(transaction, now - KEPT_DEAD)
        if buried:
            log.warning("notify.expired", count=buried)

    async def _follow_roll(self) -> None:
        """Ends the lanes of receivers that are gone or were changed, and begins those that are missing."""
        served = {receiver.id: receiver for receiver in self._ground.roll.receivers if receiver.is_served}
        await self._end([id_ for id_, lane in self._lanes.items() if _differs(lane.receiver, served.get(id_))])
        for receiver in served.values():
            if receiver.id not in self._lanes:
                self._begin(receiver)

    def _begin(self, receiver: Receiver) -> None:
        try:
            self._lanes[receiver.id] = self._new_lane(receiver)
        except SecretKeyRefused as refused:  # its secret is lost, which is no reason to serve nobody
            log.warning("notify.secret-unreadable", receiver=receiver.id, reason=str(refused))
            return
        self._tasks[receiver.id] = asyncio.create_task(self._serve(receiver), name="notify-lane")

    def _new_lane(self, receiver: Receiver) -> Lane:
        lane: Lane

        def on_back() -> None:
            lane.breaker.forget()
            lane.wake()

        lane = Lane(receiver, self._make_sender(receiver, on_back), self._ground)
        return lane

    async def _serve(self, receiver: Receiver) -> None:
        while True:
            try:
                await self._lanes[receiver.id].run()
            except Exception:  # nobody awaits this task, so it must not die silently: a full disk, say, passes
                log.exception("notify.lane-failed", receiver=receiver.id)
            await asyncio.sleep(_RESTART_S)
            self._lanes[receiver.id] = self._new_lane(receiver)

    async def _end(self, receiver_ids: Collection[str]) -> None:
        tasks = [self._tasks.pop(receiver_id) for receiver_id in receiver_ids]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for receiver_id in receiver_ids:
            del self._lanes[receiver_id]


def _differs(receiver: Receiver, now: Receiver | None) -> bool:
    """Whether a lane of the receiver as it was would serve another one now, or none."""
    return now is None or _served(receiver) != _served(now)


def _served(receiver: Receiver) -> tuple[object, ...]:
    return receiver.target, receiver.sealed_secret, receiver.owner_id, receiver.area_ids
