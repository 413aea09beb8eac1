"""The log's head, signed with Ed25519 (RFC 8032) on a schedule.

Who has the disk but not the key cannot forge a signature, and who kept a signed head (it is logged, and shown to
auditors) finds out that rows were cut off or written anew. Who has disk and key is found out only by a head that was
kept elsewhere.
"""

import asyncio
import base64
import binascii
import hashlib
import os
from pathlib import Path

import structlog
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ingest.clock import Clock
from vms_api.audit import store
from vms_api.audit.chain import canonical_json, utc_text
from vms_api.audit.store import SignedHead
from vms_api.database import Database
from vms_api.errors import AuditKeyRefused, DataFolderUnwritable

log = structlog.get_logger()

AuditKey = Ed25519PrivateKey

KEY_FILE = "audit.key"
_KEY_BYTES = 32


class HeadVerifier:
    """Tells whether a signed head is what the key's owner signed."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        raw = key.public_bytes_raw()
        self.text = base64.b64encode(raw).decode()
        self.key_id = hashlib.sha256(raw).hexdigest()[:16]

    @classmethod
    def of(cls, text: str) -> "HeadVerifier":
        """From the base64 form of the public key.

        Raises:
            AuditKeyRefused: it is not one.

        """
        return cls(Ed25519PublicKey.from_public_bytes(_raw(text, "the public key")))

    def accepts(self, head: SignedHead) -> bool:
        """Whether the signature is right."""
        try:
            self._key.verify(head.signature, _message(head.seq, head.hash, head.at))
        except InvalidSignature:
            return False
        return True


class HeadSigner:
    """Signs the head of the log when it has moved on."""

    def __init__(self, database: Database, key: AuditKey, clock: Clock, every_s: float) -> None:
        self._database = database
        self._key = key
        self._clock = clock
        self._every_s = every_s
        self.verifier = HeadVerifier(key.public_key())

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self._every_s)
            await self.sign()

    async def sign(self) -> SignedHead | None:
        """Signs the head now; None when the last signature still covers every row."""
        async with self._database.read() as connection:
            head = await store.read_head(connection)
            last = await store.find_last_signed(connection)
        if head.seq == (last.seq if last else 0):
            return None
        at = utc_text(self._clock.now())
        signature = self._key.sign(_message(head.seq, head.hash, at))
        signed = SignedHead(head.seq, head.hash, at, self.verifier.key_id, signature)
        async with self._database.write() as transaction:
            await store.insert_signed(transaction, signed)
        shown = base64.b64encode(signature).decode()
        log.info("audit.head_signed", seq=head.seq, hash=head.hash.hex(), signed_at=at, signature=shown)
        return signed


def load_key(data_dir: Path) -> AuditKey:
    """The key of audit.key in the data folder, made at the first start (mode 0600).

    Raises:
        AuditKeyRefused: the file is not a key, or cannot be read.
        DataFolderUnwritable: it cannot be made.

    """
    path = data_dir / KEY_FILE
    try:
        return Ed25519PrivateKey.from_private_bytes(_raw(path.read_text(encoding="ascii"), path.name))
    except FileNotFoundError:
        return _make_key(path)
    except (OSError, UnicodeDecodeError) as error:
        raise AuditKeyRefused(f"{path}: cannot be read") from error


def _message(seq: int, digest: bytes, at: str) -> bytes:
    return canonical_json({"seq": seq, "hash": digest.hex(), "at": at}).encode()


def _raw(text: str, name: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise AuditKeyRefused(f"{name}: not a key; it must be the base64 form of {_KEY_BYTES} bytes")
    return key


def _make_key(path: Path) -> AuditKey:
    key = Ed25519PrivateKey.generate()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(key.private_bytes_raw()) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise DataFolderUnwritable(path, error.strerror or str(error)) from error
    return key
