"""Which certificate a device shows. Nothing is sent to it, so it may be looked at before it is trusted."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from ingest.errors import HostRefused, SourceTimeout
from ingest.onvif.endpoint import Endpoint
from ingest.onvif.errors import AnswerMalformed


@dataclass(frozen=True, slots=True)
class DeviceCertificate:
    """What the device shows: as PEM, the SHA-256 of its DER form in hexadecimal, and until when it holds (UTC)."""

    pem: str
    fingerprint_sha256: str
    expires_at: datetime


async def read_certificate(endpoint: Endpoint, timeout_s: float = 5.0) -> DeviceCertificate:
    """The certificate of a device that speaks TLS; the connection ends after the handshake.

    Raises:
        HostRefused, SourceTimeout: nobody answers, or not in time.
        AnswerMalformed: no TLS, or a certificate that cannot be read.

    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(timeout_s):
            _, writer = await asyncio.open_connection(str(endpoint.ip), endpoint.port, ssl=context)
    except TimeoutError:
        raise SourceTimeout("The device did not answer in time.") from None
    except ssl.SSLError:
        raise AnswerMalformed("The device does not speak TLS.") from None
    except OSError:
        raise HostRefused("Nobody listens at the device's address.") from None
    der = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.transport.abort()  # a device that does not answer the goodbye would be waited for
    return _read(der or b"")


def _read(der: bytes) -> DeviceCertificate:
    try:
        certificate = x509.load_der_x509_certificate(der)
        expires_at = certificate.not_valid_after_utc
    except ValueError:
        raise AnswerMalformed("The device's certificate cannot be read.") from None
    return DeviceCertificate(ssl.DER_cert_to_PEM_cert(der), _fingerprint(certificate), expires_at)


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()
