"""Mail to a real SMTP server, and syslog to real sockets."""

import asyncio
import email
import email.policy
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from ingest.clock import SystemClock
from ingest.identifier import new_identifier
from tests.fakes.certificate import server_tls
from tests.fakes.mosquitto import free_port
from tests.vms_api.notify.conftest import HERE_ONLY
from vms_api.alerts.lifecycle import AlertState
from vms_api.notify.delivery import Delivery, Message
from vms_api.notify.mail_sender import MailSender, MailServer
from vms_api.notify.mail_text import subject, text
from vms_api.notify.outcome import ARRIVED, DeliveryFault, Outcome
from vms_api.notify.reach import ReachPolicy
from vms_api.notify.retry import LIFETIME
from vms_api.notify.syslog_sender import SyslogSender
from vms_api.notify.target import SyslogTarget

pytestmark = pytest.mark.anyio


def delivery(camera: str = "村口", state: str = AlertState.NEW) -> Delivery:
    now = datetime.now(UTC)
    facts = {"camera_id": "cam"} | {
        "area": "东村",
        "camera": camera,
        "rule": "闯入",
        "severity": "high",
        "state": state,
        "link": "https://desk/1",
    }
    message = Message("alert.raised", now, "east", "a", {**facts, "raised_at": now.isoformat()})
    return Delivery(new_identifier(), "r", message, now, now + LIFETIME)


class Sink:
    """Keeps the letters; answers with `reply` where it is told to."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.reply = "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = cast("bytes", envelope.content)
        self.letters.append(cast("EmailMessage", email.message_from_bytes(content, policy=email.policy.default)))
        return self.reply


@pytest.fixture
def sink() -> Iterator[tuple[Sink, int]]:
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield handler, controller.port
    finally:
        controller.stop()


def sender(port: int, security: Any = "none", **fields: Any) -> MailSender:
    place = {"host": "127.0.0.1", "port": port, "security": security, "username": None, "sender": "desk@example.org"}
    server = MailServer(**{**place, "site": "雪亮", "language": "zh-CN", "zone": ZoneInfo("Asia/Shanghai"), **fields})
    return MailSender(["li@example.org"], server, SystemClock())


async def test_one_letter_for_what_came_together(sink: tuple[Sink, int]) -> None:
    """A single alert is named in the subject; of many there is one letter. A name cannot write a header."""
    handler, port = sink
    evil = delivery("村口\r\nBcc: all@example.org")
    assert await sender(port).send([evil]) == [ARRIVED]
    assert await sender(port).send([delivery() for _ in range(40)]) == [ARRIVED] * 40
    first, many = handler.letters
    assert first["Subject"] == "[雪亮] 高 · 闯入 · 村口  Bcc: all@example.org · 待签收"
    assert first["Bcc"] is None
    assert first["Message-ID"] == f"<{evil.id}@example.org>"
    assert many["Subject"] == "[雪亮] 40 条消息"
    assert many.get_content().count("https://desk/1") == 40


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("state", AlertState)
def test_every_state_has_its_word(state: AlertState, language: str) -> None:
    """Nobody is mailed a name of the code."""
    message = delivery(state=state).message
    assert state not in subject([message], language, "site")
    assert state not in text([message], language, ZoneInfo("Asia/Shanghai"))


async def test_mail_failures_have_names(sink: tuple[Sink, int], tmp_path: Path) -> None:
    """Refused by the server, no TLS where TLS is wanted, nobody there, no server at all."""
    handler, port = sink
    handler.reply = "554 5.7.1 go away"
    refused = [Outcome(DeliveryFault.ANSWERED_ERROR, "554")]
    assert await sender(port).send([delivery()]) == refused
    assert (await sender(port, "starttls").send([delivery()]))[0].fault is not None
    assert await sender(1).send([delivery()]) == [Outcome(DeliveryFault.UNREACHABLE)]
    assert await MailSender(["li@example.org"], None, SystemClock()).send([delivery()]) == [
        Outcome(DeliveryFault.NOT_SET_UP)
    ]
    assert len(handler.letters) == 1


async def test_starttls_checks_the_certificate(tmp_path: Path) -> None:
    """Unknown authority: refused before anything is said; a known one: delivered under TLS."""
    context, pem = server_tls(tmp_path, "127.0.0.1")
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True)
    controller.start()
    try:
        port = controller.port
        assert await sender(port, "starttls").send([delivery()]) == [Outcome(DeliveryFault.TLS_FAILED)]
        assert handler.letters == []
        trusting = ssl.create_default_context(cadata=pem)
        assert await sender(port, "starttls", tls=trusting).send([delivery()]) == [ARRIVED]
    finally:
        controller.stop()


@asynccontextmanager
async def collector(**options: Any) -> AsyncIterator[tuple[bytearray, int]]:
    """A syslog server on a stream: what it got, and its port."""
    got = bytearray()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while chunk := await reader.read(65536):
            got.extend(chunk)
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0, **options)
    try:
        yield got, server.sockets[0].getsockname()[1]
    finally:
        server.close()


def syslog(port: int, transport: str, policy: ReachPolicy = HERE_ONLY, **fields: Any) -> SyslogSender:
    target = {"kind": "syslog", "host": "127.0.0.1", "port": port, "transport": transport, **fields}
    return SyslogSender(SyslogTarget.model_validate(target), policy)


def frames(stream: bytes) -> list[bytes]:
    """The messages of a stream with octet counting (RFC 6587 clause 3.4.1)."""
    found = []
    while stream:
        length, _, rest = stream.partition(b" ")
        found.append(rest[: int(length)])
        stream = rest[int(length) :]
    return found


async def test_syslog_over_a_stream_counts_octets(tmp_path: Path) -> None:
    """TCP and TLS; also after the collector has hung up. A wrong certificate and an inner address are refused."""
    context, pem = server_tls(tmp_path, "127.0.0.1")
    for transport, options, fields in (("tcp", {}, {}), ("tls", {"ssl": context}, {"authority_pem": pem})):
        async with collector(**options) as (got, port):
            one = syslog(port, transport, **fields)
            assert await one.send([delivery(), delivery()]) == [ARRIVED] * 2
            await one.close()
            assert await one.send([delivery()]) == [ARRIVED]
            async with asyncio.timeout(10):
                while got.count(b"xueliang@") < 3:
                    await asyncio.sleep(0.01)
            await one.close()
            assert all(frame.startswith(b"<33>1 ") for frame in frames(bytes(got)))
            assert (await syslog(port, transport, ReachPolicy(), **fields).send([delivery()]))[0].fault is (
                DeliveryFault.ADDRESS_REFUSED
            )
            if transport == "tls":
                wrong = syslog(port, "tls")
                assert await wrong.send([delivery()]) == [Outcome(DeliveryFault.TLS_FAILED)]
    assert await syslog(1, "tcp").send([delivery()]) == [Outcome(DeliveryFault.UNREACHABLE)]


async def test_syslog_over_udp_is_one_datagram_each() -> None:
    """RFC 5426: no framing."""
    got: list[bytes] = []

    class Collector(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, _addr: Any) -> None:
            got.append(data)

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Collector, local_addr=("127.0.0.1", 0))
    try:
        port = transport.get_extra_info("sockname")[1]
        assert await syslog(port, "udp").send([delivery(), delivery()]) == [ARRIVED] * 2
        async with asyncio.timeout(10):
            while len(got) < 2:
                await asyncio.sleep(0.01)
        assert all(line.startswith(b"<33>1 ") for line in got)
    finally:
        transport.close()
