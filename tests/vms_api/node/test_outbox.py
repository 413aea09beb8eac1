"""The outbox: what was put survives, arrives at least once, in order, and poison does not block it."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from datetime import UTC, datetime

import pytest

from analytics.alert import Alert, BetterView, Evidence, RuleKind, Severity
from analytics.geometry import Box
from ingest.camera import CameraId
from vms_api.node.outbox import Outbox, Refused, alert_payload
from vms_api.node.store import OutboxStore


@pytest.fixture
def store(tmp_path):
    store = OutboxStore(tmp_path / "outbox.sqlite3")
    yield store
    store.close()


def make_alert(alert_id: str) -> Alert:
    at = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    return Alert(
        id=alert_id,
        camera_id=CameraId("camera"),
        rule_id="rule",
        rule_name="Gate",
        kind=RuleKind.INTRUSION,
        severity=Severity.HIGH,
        label="person",
        score=0.87654,
        box=Box(0.1, 0.2, 0.3, 0.4),
        frame_received_at=at,
        raised_at=at,
        evidence=Evidence(b"\xff\xd8jpeg", 640, 480),
    )


class Receiver:
    """The control process as the outbox sees it: takes, is away, or refuses."""

    def __init__(self) -> None:
        self.got: list[str] = []
        self.away = False
        self.poison: set[str] = set()

    async def deliver(self, entry) -> None:
        if self.away:
            raise ConnectionError("away")
        if entry.id in self.poison:
            raise Refused("unknown field")
        self.got.append(entry.id)


async def run_until(outbox: Outbox, reached) -> None:
    task = asyncio.create_task(outbox.run())
    async with asyncio.timeout(10):
        while not reached():
            await asyncio.sleep(0.01)
    task.cancel()


def test_a_better_picture_follows_its_alert(store):
    """Never before it: the control process would not know what it belongs to."""

    async def scenario():
        receiver = Receiver()
        outbox = Outbox(store, receiver.deliver, epoch=1)
        alert = make_alert("a1")
        outbox.put_alert(alert)
        outbox.put_better_view(
            BetterView(
                alert.id, alert.camera_id, alert.raised_at, 0.9, alert.box, Evidence(b"\xff\xd8better", 640, 480)
            )
        )
        await run_until(outbox, lambda: store.counts() == (0, 0))
        return receiver.got

    first, second = asyncio.run(scenario())
    assert first == "a1"
    assert second != "a1"


def test_entries_arrive_in_order_and_leave_the_disk(store):
    """Delivered means gone; nothing is delivered twice in fair weather."""

    async def scenario():
        receiver = Receiver()
        outbox = Outbox(store, receiver.deliver, epoch=1)
        for number in range(40):
            outbox.put_alert(make_alert(f"a{number:02}"))
        await run_until(outbox, lambda: store.counts() == (0, 0))
        return receiver.got

    assert asyncio.run(scenario()) == [f"a{number:02}" for number in range(40)]


def test_an_absent_receiver_costs_nothing_but_time(store):
    """What was put while the control process was away arrives when it is back."""

    async def scenario():
        receiver = Receiver()
        receiver.away = True
        outbox = Outbox(store, receiver.deliver, epoch=1)
        outbox.put_alert(make_alert("first"))
        task = asyncio.create_task(outbox.run())
        await asyncio.sleep(0.5)
        outbox.put_alert(make_alert("second"))
        receiver.away = False
        async with asyncio.timeout(10):
            while store.counts() != (0, 0):
                await asyncio.sleep(0.01)
        task.cancel()
        return receiver.got

    assert asyncio.run(scenario()) == ["first", "second"]


def test_poison_is_set_aside_and_kept(store):
    """An entry that will never be taken blocks nobody and is not thrown away."""

    async def scenario():
        receiver = Receiver()
        receiver.poison = {"bad"}
        outbox = Outbox(store, receiver.deliver, epoch=1)
        for name in ("bad", "good"):
            outbox.put_alert(make_alert(name))
        await run_until(outbox, lambda: store.counts() == (0, 1))
        return receiver.got

    assert asyncio.run(scenario()) == ["good"]


def test_the_same_id_is_stored_once(store):
    """Putting an alert again, as after a crash between two steps, changes nothing."""
    for _ in range(2):
        store.put("same", "alert", {"x": 1})
    assert store.counts() == (1, 0)


def test_an_alert_travels_whole():
    """Every field of the contract is there, evidence in base64."""
    payload = alert_payload(make_alert("a"), epoch=3)
    assert payload["box"] == [0.1, 0.2, 0.3, 0.4]
    assert payload["evidence"] == "/9hqcGVn"
    assert (payload["epoch"], payload["score"], payload["raised_at"]) == (3, 0.877, "2026-11-21T08:00:00+00:00")


def test_kill_9_loses_nothing_that_was_put(tmp_path):
    """Whatever `put` returned for is there after SIGKILL, at any instant."""
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        from vms_api.node.store import OutboxStore
        store = OutboxStore(Path(sys.argv[1]))
        number = 0
        while True:
            store.put(f"id{number}", "alert", {"n": number})
            print(number, flush=True)
            number += 1
    """)
    path = tmp_path / "outbox.sqlite3"
    process = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(50):
        confirmed = int(process.stdout.readline())
    os.kill(process.pid, signal.SIGKILL)
    rest = process.stdout.read().split()
    process.stdout.close()
    process.wait()
    confirmed = int(rest[-1]) if rest else confirmed
    store = OutboxStore(path)
    ids = {entry.id for entry in store.oldest(100_000)}
    store.close()
    assert {f"id{number}" for number in range(confirmed + 1)} <= ids
