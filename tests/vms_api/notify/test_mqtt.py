"""A real broker (Mosquitto): alerts, kept camera states, the last will, a restart."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from ingest.clock import SystemClock
from tests.fakes.certificate import made_certificate
from tests.fakes.mosquitto import MOSQUITTO, running_mosquitto
from tests.vms_api.conftest import until
from tests.vms_api.notify.conftest import Outbox, built_outbox
from vms_api.areas.store import areas
from vms_api.cameras import store as camera_store
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.health import CameraHealth
from vms_api.database import Database
from vms_api.notify.outcome import DeliveryFault
from vms_api.notify.target import MqttTarget

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(MOSQUITTO is None, reason="no Mosquitto here (Debian package mosquitto)"),
]

Heard = dict[str, list[bytes]]


@asynccontextmanager
async def subscriber(port: int) -> AsyncIterator[Heard]:
    """Everything that the broker tells, by topic."""
    heard: Heard = {}

    async def listen() -> None:
        while True:
            try:
                async with aiomqtt.Client("127.0.0.1", port, protocol=aiomqtt.ProtocolVersion.V5) as client:
                    await client.subscribe("#", qos=1)
                    async for message in client.messages:
                        heard.setdefault(str(message.topic), []).append(bytes(message.payload or b""))  # type: ignore[arg-type]
            except aiomqtt.MqttError:
                await asyncio.sleep(0.1)

    task = asyncio.create_task(listen())
    try:
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def served(outbox: Outbox) -> AsyncIterator[asyncio.Task[None]]:
    running = asyncio.create_task(outbox.lanes.run())
    try:
        yield running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
async def real(database: Database) -> Outbox:
    return built_outbox(database, SystemClock())


def mqtt(outbox: Outbox, port: int, **fields: Any) -> Any:
    target = {"kind": "mqtt", "host": "127.0.0.1", "port": port, "tls": False, "prefix": "site/a", **fields}
    return outbox.receiver(target=MqttTarget.model_validate(target), sealed_secret=None)


async def add_camera(outbox: Outbox, name: str) -> None:
    now = outbox.clock.now()
    camera = CameraRecord(
        id=name.lower(),
        area_id="east",
        name=name,
        address="rtsp://192.0.2.7/",
        sub_address=None,
        transport="tcp",
        username=None,
        sealed_password=None,
        enabled=True,
        analysed=True,
        created_at=now,
        updated_at=now,
    )
    async with outbox.database.write() as transaction:
        place = {"id": "east", "name": "East", "kind": "other", "path": "/site/east/", "created_at": 0, "updated_at": 0}
        await transaction.connection.execute(areas.insert().values(place))
        await camera_store.insert_camera(transaction, camera)


async def test_camera_states_are_kept_and_erased(real: Outbox, tmp_path: Path) -> None:
    """Retained, and anew with each change; Home Assistant learns of the camera; one that is gone is erased."""
    state, config = "site/a/cameras/gate/state", "homeassistant/binary_sensor/site_a/gate/config"
    async with running_mosquitto(tmp_path) as broker, subscriber(broker.port) as heard, served(real):
        await add_camera(real, "Gate")
        await real.add(mqtt(real, broker.port, home_assistant=True))
        await until(lambda: state in heard and config in heard, 20)
        assert json.loads(heard[state][0])["state"] == "unknown"
        announced = json.loads(heard[config][0])
        assert (announced["state_topic"], announced["availability_topic"]) == (state, "site/a/status")
        real.kit.feed._health.report({"gate": CameraHealth(state="live", since=real.clock.now())})
        await until(lambda: json.loads(heard[state][-1])["state"] == "live", 20)
        async with subscriber(broker.port) as late:
            await until(lambda: late.get(state) == heard[state][-1:], 20)
        async with real.database.write() as transaction:
            await camera_store.delete_camera(transaction, "gate")

        def is_erased() -> bool:
            """Nodes report again and again."""
            real.kit.feed._health.report({"gate": CameraHealth(state="silent", since=real.clock.now())})
            return heard[state][-1] == b"" and heard[config][-1] == b""

        await until(is_erased, 20)


async def test_alerts_are_published_with_their_id(real: Outbox, tmp_path: Path) -> None:
    """On the topic of area and camera, QoS 1, with type and data as webhooks have them."""
    async with running_mosquitto(tmp_path) as broker, subscriber(broker.port) as heard, served(real):
        await real.add(mqtt(real, broker.port))
        await until(lambda: heard.get("site/a/status") == [b"online"], 20)
        await real.happen(5)
        await until(lambda: len(heard.get("site/a/alerts/east/cam", [])) == 5, 20)
        assert json.loads(heard["site/a/alerts/east/cam"][0])["type"] == "alert.raised"


async def test_restarted_broker_gets_what_it_missed(real: Outbox, tmp_path: Path) -> None:
    """Nothing is lost while it is away; the states are told anew, and the end of this site is told too."""
    async with running_mosquitto(tmp_path) as broker, subscriber(broker.port) as heard:
        receiver = mqtt(real, broker.port)
        async with served(real):
            await real.add(receiver)
            await until(lambda: heard.get("site/a/status") == [b"online"], 20)
            await broker.stop()
            await real.happen(3)
            await broker.start()
            await until(lambda: len(heard.get("site/a/alerts/east/cam", [])) >= 3, 40)
            async with asyncio.timeout(20):
                while await real.letters(receiver):
                    await asyncio.sleep(0.05)
        await until(lambda: heard["site/a/status"][-1] == b"offline", 20)
        assert await real.letters(receiver) == []


async def test_lost_site_is_told_by_its_last_will(real: Outbox, tmp_path: Path) -> None:
    """A connection that breaks without a farewell: the broker says `offline` itself, and keeps it."""
    async with running_mosquitto(tmp_path) as broker, subscriber(broker.port) as heard, served(real):
        receiver = mqtt(real, broker.port)
        await real.add(receiver)
        await until(lambda: heard.get("site/a/status") == [b"online"], 20)
        taker = {"identifier": f"xueliang-{receiver.id}", "protocol": aiomqtt.ProtocolVersion.V5}
        async with aiomqtt.Client("127.0.0.1", broker.port, **taker):  # the same identity: the broker ends the other
            await until(lambda: b"offline" in heard["site/a/status"], 20)
        await until(lambda: heard["site/a/status"][-1] == b"online", 30)


async def test_login_and_certificate_are_told_apart(real: Outbox, tmp_path: Path) -> None:
    """A trial says what is wrong: TLS that is not trusted, nobody there; with the authority it arrives."""
    files = made_certificate(tmp_path, "localhost")
    async with running_mosquitto(tmp_path, files) as broker:
        pem = files[0].read_text()
        faults = []
        for fields in ({"host": "localhost", "tls": True}, {"host": "localhost", "tls": True, "authority_pem": pem}):
            receiver = mqtt(real, broker.port, **fields)
            await real.happen()
            async with real.kit.trial(receiver) as sender:
                [outcome] = await sender.send([await some_delivery(real, receiver)])
            faults.append(outcome.fault)
        await broker.stop()
        async with real.kit.trial(receiver) as sender:
            [outcome] = await sender.send([await some_delivery(real, receiver)])
        assert [*faults, outcome.fault] == [DeliveryFault.TLS_FAILED, None, DeliveryFault.UNREACHABLE]


async def some_delivery(outbox: Outbox, receiver: Any) -> Any:
    await outbox.add(receiver)
    await outbox.happen()
    return (await outbox.letters(receiver))[0]
