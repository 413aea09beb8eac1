"""The whole check of an audit log: its chain, and every head that was signed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vms_api.audit.chain import ChainRow, Verdict, verify
from vms_api.audit.signer import HeadVerifier
from vms_api.audit.store import SignedHead


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `broken` names the first row that does not hold, None when all do."""

    verdict: Verdict
    signed_count: int
    broken: str | None


def check(rows: Iterable[ChainRow], heads: Sequence[SignedHead], key: HeadVerifier | None) -> Finding:
    """Follows the chain and compares it with the signed heads; without a key their signatures are not looked at."""
    seen: dict[int, bytes] = {}
    verdict = verify(_noting(rows, {head.seq for head in heads}, seen))
    if not verdict.is_whole:
        return Finding(verdict, len(heads), f"row {verdict.broken_seq}: {verdict.reason}")
    problems = (_problem(head, seen.get(head.seq), verdict.head.seq, key) for head in heads)
    return Finding(verdict, len(heads), next(filter(None, problems), None))


def _noting(rows: Iterable[ChainRow], wanted: set[int], seen: dict[int, bytes]) -> Iterator[ChainRow]:
    for row in rows:
        if row.seq in wanted:
            seen[row.seq] = row.hash
        yield row


def _problem(head: SignedHead, found: bytes | None, last_seq: int, key: HeadVerifier | None) -> str | None:
    if key is not None and key.key_id == head.key_id and not key.accepts(head):
        return f"row {head.seq}: the signature of {head.at} is not of this key"
    if key is not None and key.key_id != head.key_id:
        return f"row {head.seq}: signed at {head.at} with another key ({head.key_id})"
    if found is None:
        return f"row {last_seq + 1}: missing; row {head.seq} was there at {head.at}, when it was signed"
    if found != head.hash:
        return f"row {head.seq}: not the row that was signed at {head.at}; the log was written anew"
    return None
