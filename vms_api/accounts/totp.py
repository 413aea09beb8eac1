"""One-time codes by time, the second factor (RFC 6238 with the defaults that every authenticator app knows)."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_S = 30
DIGITS = 6
_SECRET_BYTES = 20
_WINDOW = 1
"""Steps before and after the present one that are taken: phones' clocks differ (RFC 6238 clause 5.2)."""


def new_secret() -> str:
    """A fresh shared secret in base32, as apps take it."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of one time step: HOTP with the step as counter (RFC 4226 clause 5.3)."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 0xF
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_of(at: datetime) -> int:
    """The time step in which `at` lies."""
    return int(at.timestamp()) // STEP_S


def matching_step(secret: str, code: str, at: datetime, used_step: int | None) -> int | None:
    """The step whose code this is, if it is recent and later than the last one used; None otherwise.

    A code that was used is refused even while it is still shown (RFC 6238 clause 5.2).
    """
    present = step_of(at)
    for step in range(present - _WINDOW, present + _WINDOW + 1):
        is_fresh = used_step is None or step > used_step
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()) and is_fresh:
            return step
    return None


def enrolment_uri(secret: str, site: str, username: str) -> str:
    """What the page shows as a QR code (Key URI Format of Google Authenticator)."""
    parameters = urlencode({"secret": secret, "issuer": site}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{site}:{username}')}?{parameters}"
