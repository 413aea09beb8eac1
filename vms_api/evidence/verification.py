"""Whether an evidence package is what its site signed; needs the file and nothing else."""

import hashlib
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from vms_api.evidence.manifest import Manifest
from vms_api.evidence.package import MANIFEST, PUBLIC_KEY, SIGNATURE, UNLISTED
from vms_api.evidence.signature import KeyUnreadable, VerifyKey, is_signed_by, key_id, read_public_key

MAX_PAPER_BYTES = 64 * 1024 * 1024
"""A manifest of four cameras over a day is below this; a larger one is not read into memory."""
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Finding:
    """The first part that is not as it was signed. `part` is a file name, or `package` for the ZIP around them."""

    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found. `key_id` is that of the key that was checked with, where it got that far."""

    finding: Finding | None
    manifest: Manifest | None = None
    key_id: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing was changed."""
        return self.finding is None


class _Broken(Exception):
    def __init__(self, part: str, reason: str) -> None:
        super().__init__(reason)
        self.finding = Finding(part, reason)


def verify(path: Path, trusted: VerifyKey | None = None) -> Verdict:
    """Checks every byte of the package: first each file against the ZIP's own sums, then signature, then hashes.

    Without a `trusted` key the one in the package is taken, which only proves that nothing was changed by somebody
    without a key.

    Raises:
        OSError: the file cannot be read.

    """
    try:
        with zipfile.ZipFile(path) as package:
            digests = _digests(package)
            key = trusted or _own_key(package)
            manifest = _manifest(package, key)
            _compare(manifest, digests)
            _compare_key(manifest, key)
    except _Broken as broken:
        return Verdict(broken.finding)
    except (zipfile.BadZipFile, EOFError, RuntimeError, ValueError) as error:
        return Verdict(Finding("package", f"not a readable ZIP file: {error}"))
    return Verdict(None, manifest, key_id(key))


def _digests(package: zipfile.ZipFile) -> dict[str, tuple[str, int]]:
    """SHA-256 and size of every file; whatever was damaged without care shows here by its CRC."""
    entries = package.infolist()
    twice = [name for name, count in Counter(entry.filename for entry in entries).items() if count > 1]
    if twice:
        raise _Broken(twice[0], "is in the package twice")
    digests = {}
    for entry in entries:
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
            raise _Broken(entry.filename, "is not stored as this software stores it")
        digest, size = hashlib.sha256(), 0
        try:
            with package.open(entry) as part:
                while chunk := part.read(_CHUNK):
                    digest.update(chunk)
                    size += len(chunk)
        except (zipfile.BadZipFile, EOFError, zlib.error) as error:
            raise _Broken(entry.filename, "its bytes were changed (CRC-32 of the ZIP)") from error
        digests[entry.filename] = (digest.hexdigest(), size)
    return digests


def _paper(package: zipfile.ZipFile, name: str) -> bytes:
    try:
        entry = package.getinfo(name)
    except KeyError:
        raise _Broken(name, "is missing") from None
    if entry.file_size > MAX_PAPER_BYTES:
        raise _Broken(name, "is too large")
    return package.read(entry)


def _own_key(package: zipfile.ZipFile) -> VerifyKey:
    try:
        return read_public_key(_paper(package, PUBLIC_KEY))
    except KeyUnreadable as error:
        raise _Broken(PUBLIC_KEY, str(error)) from error


def _manifest(package: zipfile.ZipFile, key: VerifyKey) -> Manifest:
    text, signature = _paper(package, MANIFEST), _paper(package, SIGNATURE)
    if not is_signed_by(key, signature, text):
        raise _Broken(MANIFEST, f"is not what the key {key_id(key)} signed ({SIGNATURE})")
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        raise _Broken(MANIFEST, f"is of another version of this software ({error.error_count()} fields)") from error


def _compare(manifest: Manifest, digests: dict[str, tuple[str, int]]) -> None:
    for part in manifest.parts:
        if part.name not in digests:
            raise _Broken(part.name, "is missing")
        if digests[part.name] != (part.sha256, part.size_bytes):
            raise _Broken(part.name, "is not the file that was signed (SHA-256)")
    for name in digests:
        if name not in UNLISTED and name not in {part.name for part in manifest.parts}:
            raise _Broken(name, "was added: the manifest does not know it")


def _compare_key(manifest: Manifest, key: VerifyKey) -> None:
    if manifest.key_id != key_id(key):
        raise _Broken(MANIFEST, f"names the key {manifest.key_id}, not {key_id(key)}")
