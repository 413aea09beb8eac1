"""The sums of Digest authentication (RFC 2617, RFC 7616), for the client and for the virtual camera alike."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ingest.camera import Credential

_PARAMETER = re.compile(r'\b(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_ESCAPED = re.compile(r"\\(.)")


class Algorithm(StrEnum):
    """The hashes of RFC 7616 clause 6.1 that cameras use."""

    MD5 = "MD5"
    SHA256 = "SHA-256"


@dataclass(frozen=True, slots=True)
class DigestSum:
    """What goes into a response beside the credential. `qop` is "auth", or empty for RFC 2069's shorter sum."""

    method: str
    uri: str
    realm: str
    nonce: str
    qop: str = ""
    nc: str = ""
    cnonce: str = ""
    algorithm: Algorithm = Algorithm.MD5

    def response(self, credential: Credential) -> str:
        """The `response` parameter (RFC 2617 clause 3.2.2.1, RFC 7616 clause 3.4.1)."""
        secret = self._hash(f"{credential.username}:{self.realm}:{credential.password}")
        about = self._hash(f"{self.method}:{self.uri}")
        between = f"{self.nonce}:{self.nc}:{self.cnonce}:{self.qop}" if self.qop else self.nonce
        return self._hash(f"{secret}:{between}:{about}")

    def _hash(self, text: str) -> str:
        if self.algorithm is Algorithm.SHA256:
            return hashlib.sha256(text.encode()).hexdigest()
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def read_parameters(text: str) -> Mapping[str, str]:
    """The `name=value` pairs after the scheme, names in lower case, quoted values without quotes and escapes."""
    return {name.lower(): _ESCAPED.sub(r"\1", quoted) or bare for name, quoted, bare in _PARAMETER.findall(text)}


def quoted(text: str) -> str:
    """A quoted-string (RFC 2616 clause 2.2)."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
