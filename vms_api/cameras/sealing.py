"""Camera passwords at rest: AES-256-GCM (NIST SP 800-38D), bound to their camera."""

import base64
import binascii
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vms_api.errors import DataFolderUnwritable, SecretKeyRefused

KEY_VARIABLE = "XUELIANG_SECRET_KEY"
_KEY_BYTES = 32
_NONCE_BYTES = 12


class PasswordSeal:
    """Seals and opens passwords with the site's key."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._key = key

    def seal(self, password: str, camera_id: str) -> bytes:
        """Nonce and ciphertext; they open only for the same camera."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, password.encode(), camera_id.encode())

    def open(self, sealed: bytes, camera_id: str) -> str:
        """The password.

        Raises:
            SecretKeyRefused: sealed with another key, or for another camera.

        """
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], camera_id.encode()).decode()
        except InvalidTag:
            raise SecretKeyRefused(
                "the stored camera passwords were sealed with another key: "
                f"put the right secret.key back or set {KEY_VARIABLE}"
            ) from None

    def mark(self, *parts: str) -> str:
        """What tells two logins apart, and says nothing about them to who has not the key (HMAC, RFC 2104)."""
        return hmac.digest(self._key, "\0".join(("login", *parts)).encode(), "sha256").hex()


def load_seal(data_dir: Path, environ: Mapping[str, str]) -> PasswordSeal:
    """The seal with the key of XUELIANG_SECRET_KEY (base64 of 32 bytes), else of secret.key, made at the first start.

    Raises:
        SecretKeyRefused: the key has not the right form.
        DataFolderUnwritable: the key file cannot be made.

    """
    if text := environ.get(KEY_VARIABLE):
        return PasswordSeal(_key(text, KEY_VARIABLE))
    path = data_dir / "secret.key"
    try:
        return PasswordSeal(_key(path.read_text(encoding="ascii"), path.name))
    except FileNotFoundError:
        return PasswordSeal(_make_key(path))
    except OSError as error:
        raise SecretKeyRefused(f"{path}: cannot be read ({error.strerror})") from error


def _key(text: str, name: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise SecretKeyRefused(f"{name}: not a key; it must be the base64 form of {_KEY_BYTES} random bytes")
    return key


def _make_key(path: Path) -> bytes:
    key = secrets.token_bytes(_KEY_BYTES)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(key) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise DataFolderUnwritable(path, error.strerror or str(error)) from error
    return key
