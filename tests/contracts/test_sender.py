"""What every sender keeps to: an outcome for each delivery, nothing raised by what a receiver does, no secret."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from ingest.clock import SystemClock
from tests.fakes.mosquitto import MOSQUITTO, free_port, running_mosquitto
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.vms_api.notify.conftest import HERE_ONLY
from tests.vms_api.notify.test_mail_and_syslog import collector, delivery
from vms_api.notify.mail_sender import MailSender, MailServer
from vms_api.notify.mqtt_sender import MqttSender
from vms_api.notify.outcome import DeliveryFault
from vms_api.notify.sender import Sender
from vms_api.notify.syslog_sender import SyslogSender
from vms_api.notify.target import MqttTarget, SyslogTarget, WebhookTarget
from vms_api.notify.webhook_sender import WebhookSender, new_webhook_secret

pytestmark = pytest.mark.anyio

SECRET = new_webhook_secret()


@asynccontextmanager
async def web(_folder: Path) -> AsyncIterator[int]:
    async with WebhookReceiver().listening() as receiver:
        yield receiver.port


@asynccontextmanager
async def log_server(_folder: Path) -> AsyncIterator[int]:
    async with collector() as (_, port):
        yield port


@asynccontextmanager
async def post_office(_folder: Path) -> AsyncIterator[int]:
    controller = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@asynccontextmanager
async def broker(folder: Path) -> AsyncIterator[int]:
    async with running_mosquitto(folder) as running:
        yield running.port


def mail(port: int) -> MailSender:
    server = MailServer("127.0.0.1", port, "none", None, "a@example.org", "S", "en", ZoneInfo("UTC"), SECRET)
    return MailSender(["b@example.org"], server, SystemClock())


def webhook(port: int) -> WebhookSender:
    target = WebhookTarget(kind="webhook", url=f"http://127.0.0.1:{port}/")
    return WebhookSender(target, SECRET, HERE_ONLY, SystemClock())


def mqtt(port: int) -> MqttSender:
    target = MqttTarget(kind="mqtt", host="127.0.0.1", port=port, tls=False, username="me")
    return MqttSender(target, SECRET, HERE_ONLY, None)


def syslog(port: int) -> SyslogSender:
    target = SyslogTarget(kind="syslog", host="127.0.0.1", port=port, transport="tcp")
    return SyslogSender(target, HERE_ONLY)


@dataclass(frozen=True)
class Case:
    """A sender, by the port of its receiver, and the receiver."""

    make: Callable[[int], Sender]
    receiver: Callable[[Path], object]


NO_BROKER = pytest.mark.skipif(MOSQUITTO is None, reason="no Mosquitto here (Debian package mosquitto)")
CASES = [
    pytest.param(Case(webhook, web), id="webhook"),
    pytest.param(Case(mail, post_office), id="mail"),
    pytest.param(Case(mqtt, broker), id="mqtt", marks=NO_BROKER),
    pytest.param(Case(syslog, log_server), id="syslog"),
]


@asynccontextmanager
async def running(sender: Sender) -> AsyncIterator[Sender]:
    beside = asyncio.create_task(sender.run())
    try:
        yield sender
    finally:
        beside.cancel()
        await asyncio.gather(beside, return_exceptions=True)
        await sender.close()


@pytest.mark.parametrize("case", CASES)
async def test_each_delivery_has_its_outcome(case: Case, tmp_path: Path) -> None:
    """A whole batch arrives, and a second one after it; closing twice does no harm."""
    async with case.receiver(tmp_path) as port, running(case.make(port)) as sender:  # type: ignore[attr-defined]
        for count in (5, 1):
            outcomes = await sender.send([delivery() for _ in range(count)])
            assert [outcome.has_arrived for outcome in outcomes] == [True] * count
        assert sender.batch >= 1
        assert sender.pace_s >= 0
        await sender.close()


@pytest.mark.parametrize("case", CASES)
async def test_nobody_there_is_an_outcome(case: Case) -> None:
    """Not an exception: each delivery says why it did not arrive."""
    async with running(case.make(1)) as sender:
        outcomes = await sender.send([delivery(), delivery()])
        assert [outcome.fault for outcome in outcomes] == [DeliveryFault.UNREACHABLE] * 2


@pytest.mark.parametrize("case", CASES)
async def test_no_sender_shows_its_secret(case: Case) -> None:
    """In what is logged or printed of it."""
    sender = case.make(1)
    assert SECRET not in repr(sender) + repr(vars(sender).get("_server"))
    await sender.close()
