"""Digest authentication as cameras do it: RFC 2617 with MD5, which RFC 7616 clause 3 still describes.

MD5 is what RTSP clients speak (FFmpeg knows nothing else); it proves that our own client copes, it protects nothing.
A nonce is a time stamp and its HMAC, so the server remembers none; it may be used again until it expires.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from ingest.camera import Credential
from ingest.rtsp.digest import DigestSum, read_parameters

NONCE_LIFETIME_S = 300.0

_STAMP_DIGITS = 16


class Verdict(Enum):
    """What an Authorization header is worth."""

    ACCEPTED = auto()
    REFUSED = auto()
    STALE = auto()
    """Right password, expired nonce: the client may repeat with a new one without asking the user."""


@dataclass(frozen=True, slots=True)
class _Answer:
    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    qop: str
    nc: str
    cnonce: str


class DigestGate:
    """Challenges and checks. `monotonic_s` gives seconds that never run backwards."""

    def __init__(self, realm: str, monotonic_s: Callable[[], float]) -> None:
        self._realm = realm
        self._monotonic_s = monotonic_s
        self._key = secrets.token_bytes(32)

    def challenge(self, *, stale: bool = False) -> str:
        """The WWW-Authenticate header of a 401. Without `qop`, as most cameras send it."""
        nonce = self._nonce(int(self._monotonic_s() * 1000))
        return f'Digest realm="{self._realm}", nonce="{nonce}", stale="{"TRUE" if stale else "FALSE"}"'

    def judge(self, credential: Credential, method: str, header: str, accepts_uri: Callable[[str], bool]) -> Verdict:
        """Whether the Authorization header proves the credential for this method.

        `accepts_uri` says whether the URI that the client hashed names what it asks for: clients hash the
        presentation's URI even when they set up a track of it.
        """
        answer = _read(header)
        if answer is None or answer.realm != self._realm or not accepts_uri(answer.uri):
            return Verdict.REFUSED
        expected = _expected(answer, credential, method)
        known = hmac.compare_digest(answer.username.encode(), credential.username.encode())
        if not (hmac.compare_digest(answer.response.encode(), expected.encode()) and known):
            return Verdict.REFUSED
        return self._judge_nonce(answer.nonce)

    def _judge_nonce(self, nonce: str) -> Verdict:
        stamp = nonce[:_STAMP_DIGITS]
        try:
            issued_ms = int(stamp, 16)
        except ValueError:
            return Verdict.STALE
        if not hmac.compare_digest(nonce.encode(), self._nonce(issued_ms).encode()):
            return Verdict.STALE
        age_s = self._monotonic_s() - issued_ms / 1000
        return Verdict.ACCEPTED if age_s <= NONCE_LIFETIME_S else Verdict.STALE

    def _nonce(self, issued_ms: int) -> str:
        stamp = f"{issued_ms:0{_STAMP_DIGITS}x}"
        return stamp + hmac.new(self._key, stamp.encode(), hashlib.sha256).hexdigest()[:32]


def _read(header: str) -> _Answer | None:
    scheme, _, rest = header.partition(" ")
    values = read_parameters(rest)
    required = ("username", "realm", "nonce", "uri", "response")
    if scheme.lower() != "digest" or not all(name in values for name in required):
        return None
    if values.get("algorithm", "MD5").upper() != "MD5" or values.get("qop", "auth") != "auth":
        return None
    optional = (values.get(name, "") for name in ("qop", "nc", "cnonce"))
    return _Answer(*(values[name] for name in required), *optional)


def _expected(answer: _Answer, credential: Credential, method: str) -> str:
    """The response, with `qop` where the client chose it."""
    sums = DigestSum(method, answer.uri, answer.realm, answer.nonce, answer.qop, answer.nc, answer.cnonce)
    return sums.response(credential)
