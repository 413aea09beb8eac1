"""WS-UsernameToken with a digested password (OASIS Web Services Security UsernameToken Profile 1.0, clause 3.1)."""

import base64
import hashlib
import secrets
from datetime import datetime
from html import escape

from ingest.camera import Credential
from ingest.onvif import namespaces as ns

_NONCE_BYTES = 16


def created_text(at: datetime) -> str:
    """The time stamp of a token: UTC with Z and milliseconds, the only form that every device takes."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def password_digest(nonce: bytes, created: str, password: str) -> str:
    """Base64 of SHA-1 over nonce, time stamp and password."""
    digest = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def security_header(credential: Credential, at: datetime) -> str:
    """The Security header. `at` is the device's own time: devices refuse stamps that are seconds off their clock."""
    nonce, created = secrets.token_bytes(_NONCE_BYTES), created_text(at)
    digest = password_digest(nonce, created, credential.password)
    return (
        f'<wsse:Security xmlns:wsse="{ns.SECURITY}" xmlns:wsu="{ns.SECURITY_UTILITY}" s:mustUnderstand="1">'
        f"<wsse:UsernameToken><wsse:Username>{escape(credential.username)}</wsse:Username>"
        f'<wsse:Password Type="{ns.PASSWORD_DIGEST}">{digest}</wsse:Password>'
        f'<wsse:Nonce EncodingType="{ns.NONCE_ENCODING}">{base64.b64encode(nonce).decode()}</wsse:Nonce>'
        f"<wsu:Created>{created}</wsu:Created></wsse:UsernameToken></wsse:Security>"
    )
