"""How the client proves a camera's credential: the strongest way that the camera offers, on this connection only."""

import re
import secrets
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.camera import Credential
from ingest.rtsp.digest import Algorithm, DigestSum, quoted, read_parameters

# One header may hold several challenges (RFC 2617 clause 3.2.1): each begins with a scheme.
_SCHEME = re.compile(r"(?:^|,)\s*(Basic|Digest)\s+", re.IGNORECASE)
_STRENGTH = {Algorithm.SHA256: 2, Algorithm.MD5: 1, None: 0}


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a camera asks for. `algorithm` None is Basic."""

    algorithm: Algorithm | None
    realm: str
    nonce: str = ""
    opaque: str | None = None
    has_qop: bool = False
    names_algorithm: bool = False


class Login:
    """Answers the challenges of one connection. Without a credential it has no answer to any."""

    def __init__(self, credential: Credential | None) -> None:
        self._credential = credential
        self._challenge: Challenge | None = None
        self._count = 0

    @property
    def has_challenge(self) -> bool:
        """Whether requests carry an answer to a challenge."""
        return self._challenge is not None

    def learn(self, headers: Iterable[str]) -> bool:
        """Takes the WWW-Authenticate headers of a 401. False: there is no new answer to give.

        The same nonce twice means that the answer was wrong; a new one may mean that the old one was too old, whether
        the camera says `stale` or not. Whoever asks limits the number of tries.
        """
        known = [found for header in headers for found in read_challenges(header)]
        if self._credential is None or not known:
            return False
        best = max(known, key=lambda challenge: _STRENGTH[challenge.algorithm])
        is_new = best != self._challenge
        self._challenge, self._count = best, 0
        return is_new

    def header(self, method: str, uri: str) -> str | None:
        """The Authorization header of a request, None before the camera has asked. Never log it."""
        challenge, credential = self._challenge, self._credential
        if challenge is None or credential is None:
            return None
        if challenge.algorithm is None:
            pair = f"{credential.username}:{credential.password}".encode()
            return f"Basic {b64encode(pair).decode()}"
        return self._digest(challenge, challenge.algorithm, credential, DigestSum(method, uri, "", ""))

    def _digest(self, challenge: Challenge, algorithm: Algorithm, credential: Credential, about: DigestSum) -> str:
        self._count += 1
        nc, cnonce = (f"{self._count:08x}", secrets.token_hex(8)) if challenge.has_qop else ("", "")
        qop = "auth" if challenge.has_qop else ""
        sums = DigestSum(about.method, about.uri, challenge.realm, challenge.nonce, qop, nc, cnonce, algorithm)
        parts = [
            f"username={quoted(credential.username)}",
            f"realm={quoted(challenge.realm)}",
            f"nonce={quoted(challenge.nonce)}",
            f"uri={quoted(about.uri)}",
            f"response={quoted(sums.response(credential))}",
        ]
        if challenge.names_algorithm:
            parts.append(f"algorithm={algorithm}")
        if challenge.opaque is not None:
            parts.append(f"opaque={quoted(challenge.opaque)}")
        if qop:
            parts += [f"qop={qop}", f"nc={nc}", f"cnonce={quoted(cnonce)}"]
        return f"Digest {', '.join(parts)}"


def read_challenges(header: str) -> list[Challenge]:
    """The challenges of a WWW-Authenticate header that can be answered (RFC 2617 clauses 2 and 3.2.1)."""
    starts = list(_SCHEME.finditer(header))
    ends = [*(start.start() for start in starts[1:]), len(header)]
    found = (_read(start[1], header[start.end() : end]) for start, end in zip(starts, ends, strict=False))
    return [challenge for challenge in found if challenge is not None]


def _read(scheme: str, text: str) -> Challenge | None:
    values = read_parameters(text)
    realm = values.get("realm", "")
    if scheme.lower() == "basic":
        return Challenge(None, realm)
    name = values.get("algorithm", "")
    qops = {qop.strip().lower() for qop in values.get("qop", "").split(",")} - {""}
    if name.upper() not in {"", *Algorithm} or not values.get("nonce") or (qops and "auth" not in qops):
        return None
    algorithm = Algorithm(name.upper()) if name else Algorithm.MD5
    return Challenge(algorithm, realm, values["nonce"], values.get("opaque"), bool(qops), bool(name))
