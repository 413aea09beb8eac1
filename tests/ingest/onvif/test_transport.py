"""TLS as somebody chose it, and one request at a time."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ingest.onvif.endpoint import Endpoint
from ingest.onvif.errors import CertificateRefused, DeviceBusy
from ingest.onvif.queue import MAX_WAITING, RequestQueue
from ingest.onvif.transport import DeviceTransport, TlsTrust

pytestmark = pytest.mark.anyio

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def certificate(folder: Path) -> tuple[Path, str]:
    """A self-signed certificate with its key in one file, and the certificate alone as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = dt.datetime.now(dt.UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = built.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
    signed = dated.serial_number(x509.random_serial_number()).sign(key, hashes.SHA256())
    pem = signed.public_bytes(serialization.Encoding.PEM)
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = folder / f"{signed.serial_number}.pem"
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain) + pem)
    return path, pem.decode()


@asynccontextmanager
async def tls_device(path: Path) -> AsyncIterator[tuple[Endpoint, list[bytes]]]:
    """A TLS server, and what was sent to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    heard: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(ANSWER)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    yield Endpoint("https", ip_address("127.0.0.1"), port), heard
    server.close()


async def test_only_the_pinned_certificate_is_taken(tmp_path: Path):
    """The pinned one is; another one, and an unknown one without a pin, get no byte of ours."""
    path, pem = certificate(tmp_path)
    _, other_pem = certificate(tmp_path)
    async with tls_device(path) as (endpoint, heard):
        for trust, is_taken in (
            (TlsTrust(pinned_pem=pem), True),
            (TlsTrust(is_unverified=True), True),
            (TlsTrust(pinned_pem=other_pem), False),
            (TlsTrust(), False),
        ):
            heard.clear()
            transport = DeviceTransport(endpoint, None, trust)
            try:
                if is_taken:
                    assert (await transport.post(endpoint, b"x", 5, has_digest=False)).body == b"ok"
                else:
                    with pytest.raises(CertificateRefused):
                        await transport.post(endpoint, b"x", 5, has_digest=False)
                assert bool(heard) == is_taken
            finally:
                await transport.close()


async def test_urgent_requests_go_first():
    """A Stop does not wait behind a queue of questions; too many questions are refused."""
    queue, order = RequestQueue(), []
    began = asyncio.Event()

    async def ask(name: str, *, is_urgent: bool = False) -> None:
        async with queue.turn(is_urgent=is_urgent):
            order.append(name)
            began.set()
            await asyncio.sleep(0.01)

    first = asyncio.create_task(ask("first"))
    await began.wait()
    waiting = [asyncio.create_task(ask(f"question {n}")) for n in range(MAX_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(DeviceBusy):
        await ask("one too many")
    stop = asyncio.create_task(ask("stop", is_urgent=True))
    await asyncio.sleep(0)
    for task in waiting[1:]:
        task.cancel()
    await asyncio.gather(first, stop, *waiting, return_exceptions=True)
    assert order == ["first", "stop", "question 0"]
    await ask("later")
    assert order[-1] == "later"
