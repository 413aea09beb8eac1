"""Webhooks to a receiver that fails in every way it can, over real connections."""

import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from ingest.clock import SystemClock
from ingest.identifier import new_identifier
from tests.fakes.certificate import server_tls
from tests.fakes.webhook_receiver import WebhookReceiver, answer
from vms_api.notify.delivery import Delivery, Message
from vms_api.notify.outcome import ARRIVED, DeliveryFault, Outcome
from vms_api.notify.reach import ReachPolicy
from vms_api.notify.retry import LIFETIME
from vms_api.notify.target import WebhookTarget
from vms_api.notify.webhook_sender import WebhookSender, new_webhook_secret

pytestmark = pytest.mark.anyio

HERE_ONLY = ReachPolicy((ip_network("127.0.0.0/8"),))
SECRET = new_webhook_secret()


def delivery(subject: str = "a", state: str = "new") -> Delivery:
    now = datetime.now(UTC)
    message = Message("alert.raised", now, "east", subject, {"alert_id": subject, "state": state})
    return Delivery(new_identifier(), "r", message, now, now + LIFETIME)


async def sent(
    receiver: WebhookReceiver, *deliveries: Delivery, policy: ReachPolicy = HERE_ONLY, **target: str
) -> list[Outcome]:
    fields = {"kind": "webhook", "url": receiver.url, **target}
    sender = WebhookSender(WebhookTarget.model_validate(fields), SECRET, policy, SystemClock())
    try:
        return list(await sender.send(deliveries or [delivery()]))
    finally:
        await sender.close()


@pytest.fixture
async def receiver() -> AsyncIterator[WebhookReceiver]:
    async with WebhookReceiver().listening() as listening:
        yield listening


async def test_message_is_signed_as_the_standard_has_it(receiver: WebhookReceiver) -> None:
    """A receiver's own library verifies it; type, timestamp and data are there."""
    told = delivery("5")
    assert await sent(receiver, told) == [ARRIVED]
    [heard] = receiver.heard
    body = Webhook(SECRET).verify(heard.body, dict(heard.headers))
    assert heard.id == told.id
    assert body == {
        "type": "alert.raised",
        "timestamp": told.message.at.isoformat(),
        "data": {"alert_id": "5", "state": "new"},
    }
    assert heard.headers["host"] == f"127.0.0.1:{receiver.port}"


async def test_messages_about_one_alert_keep_their_order(receiver: WebhookReceiver) -> None:
    """Whatever goes on beside them."""
    batch = [delivery(str(n % 3), str(n)) for n in range(30)]
    assert await sent(receiver, *batch) == [ARRIVED] * 30
    for subject in "012":
        states = [int(heard.data["state"]) for heard in receiver.heard if heard.data["alert_id"] == subject]
        assert states == sorted(states)
        assert len(states) == 10


@pytest.mark.parametrize(
    ("behaviour", "fault"),
    [
        (answer(500), DeliveryFault.ANSWERED_ERROR),
        (answer(429, Retry_After="7"), DeliveryFault.THROTTLED),
        (answer(301, Location="http://169.254.169.254/"), DeliveryFault.REDIRECTED),
        (answer(410), DeliveryFault.GONE),
        ("reset", DeliveryFault.UNREACHABLE),
        (b"\x16\x03 what is this?\r\n\r\n", DeliveryFault.UNREACHABLE),
    ],
)
async def test_every_failure_has_its_name(
    receiver: WebhookReceiver, behaviour: bytes | str, fault: DeliveryFault
) -> None:
    """And none of them is an exception, or a second request to wherever it points."""
    receiver.behaviour = behaviour
    [outcome] = await sent(receiver)
    assert outcome.fault is fault
    assert outcome.retry_after_s == (7.0 if fault is DeliveryFault.THROTTLED else None)
    assert len(receiver.heard) == 1


async def test_silent_receiver_times_out(receiver: WebhookReceiver) -> None:
    """One limit holds for the whole exchange."""
    receiver.behaviour = "silent"
    target = WebhookTarget(kind="webhook", url=receiver.url)
    sender = WebhookSender(target, SECRET, HERE_ONLY, SystemClock(), timeout_s=0.3)
    assert await sender.send([delivery()]) == [Outcome(DeliveryFault.TIMED_OUT)]
    await sender.close()


async def test_nobody_there(receiver: WebhookReceiver) -> None:
    """A port where nobody listens."""
    gone = WebhookReceiver(port=1)
    assert await sent(gone) == [Outcome(DeliveryFault.UNREACHABLE)]


async def test_inner_address_is_not_dialled(receiver: WebhookReceiver) -> None:
    """Unless the site names its network: neither by number nor by name."""
    for url in (receiver.url, receiver.url.replace("127.0.0.1", "localhost")):
        assert await sent(receiver, policy=ReachPolicy(), url=url) == [Outcome(DeliveryFault.ADDRESS_REFUSED)]
    assert receiver.heard == []


async def test_certificate_must_be_trusted_and_bear_the_name(tmp_path: Path) -> None:
    """Signed by an unknown authority: refused; by a given one: taken; for another name: refused."""
    context, pem = server_tls(tmp_path, "localhost")
    async with WebhookReceiver(tls=context).listening() as receiver:
        by_name = receiver.url.replace("127.0.0.1", "localhost")
        refused = [Outcome(DeliveryFault.TLS_FAILED)]
        assert await sent(receiver, url=by_name) == refused
        assert await sent(receiver, url=receiver.url, authority_pem=pem) == refused
        assert await sent(receiver, url=by_name, authority_pem=pem) == [ARRIVED]
        assert receiver.heard[0].headers["host"] == f"localhost:{receiver.port}"


async def test_old_tls_is_refused(tmp_path: Path) -> None:
    """A receiver that speaks nothing newer than TLS 1.1."""
    context, pem = server_tls(tmp_path, "localhost")
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("NULL:@SECLEVEL=0")
    async with WebhookReceiver(tls=context).listening() as receiver:
        url = receiver.url.replace("127.0.0.1", "localhost")
        assert await sent(receiver, url=url, authority_pem=pem) == [Outcome(DeliveryFault.TLS_FAILED)]


def test_lifetime_is_three_days() -> None:
    """What the documentation promises."""
    assert timedelta(hours=72) == LIFETIME
