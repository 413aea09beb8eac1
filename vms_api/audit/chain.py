"""The chain of audit rows: none can be changed, put in, taken out or moved without breaking the links after it.

`hash(n) = SHA-256(hash(n - 1) || body(n))` with `body` the canonical JSON of row n, and 32 zero bytes as `hash(0)`.
What a chain cannot show is a tail that was cut off: that is what the signed heads are for (signer.py).
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vms_api.audit.entry import AuditEntry

HASH_BYTES = 32
BEGINNING = bytes(HASH_BYTES)
"""What stands before the first row."""


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last row there is: its number (0 before the first) and its hash."""

    seq: int = 0
    hash: bytes = BEGINNING


@dataclass(frozen=True, slots=True)
class ChainRow:
    """A row as it is stored."""

    seq: int
    body: str
    hash: bytes

    @property
    def head(self) -> ChainHead:
        """The head of a chain that ends with this row."""
        return ChainHead(self.seq, self.hash)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: how many rows hold, the head they lead to, and the first that does not hold."""

    head: ChainHead
    broken_seq: int | None = None
    reason: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every row holds."""
        return self.broken_seq is None


def canonical_json(value: Mapping[str, Any]) -> str:
    """One text for one value: keys sorted, no spaces, UTF-8 as it is (the sorting of RFC 8785 for our ASCII keys)."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def link(previous: bytes, body: str) -> bytes:
    """The hash of a row that follows the row with the hash `previous`."""
    return hashlib.sha256(previous + body.encode()).digest()


def chained(head: ChainHead, entry: AuditEntry, at: datetime) -> ChainRow:
    """The entry as the row after `head`."""
    seq = head.seq + 1
    body = canonical_json(_document(seq, entry, at))
    return ChainRow(seq, body, link(head.hash, body))


def verify(rows: Iterable[ChainRow], head: ChainHead = ChainHead()) -> Verdict:
    """Follows the chain from `head` and stops at the first row that breaks it. `rows` come in the order of `seq`."""
    seq, previous = head.seq, head.hash
    digest = hashlib.sha256
    for row in rows:
        if row.seq != seq + 1:
            reason = f"row {seq + 1} is missing" if row.seq > seq else f"there is a row before row {seq + 1}"
            return Verdict(ChainHead(seq, previous), seq + 1, reason)
        if digest(previous + row.body.encode()).digest() != row.hash:
            return Verdict(ChainHead(seq, previous), row.seq, "its content, or the row before it, was changed")
        seq, previous = row.seq, row.hash
    return Verdict(ChainHead(seq, previous))


def utc_text(at: datetime) -> str:
    """RFC 3339 with six digits always, so that the order of the texts is the order of the times."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _document(seq: int, entry: AuditEntry, at: datetime) -> Mapping[str, Any]:
    actor, purpose = entry.actor, entry.purpose
    return {
        "seq": seq,
        "at": utc_text(at),
        "kind": entry.kind,
        "outcome": entry.outcome,
        "actor": {"id": actor.user_id, "name": actor.username, "address": actor.address, "session": actor.session},
        "area_id": entry.place.area_id,
        "camera_id": entry.place.camera_id,
        "subject": entry.subject,
        "purpose": None if purpose is None else {"id": purpose.id, "key": purpose.key, "reference": purpose.reference},
        "detail": dict(entry.detail),
    }
