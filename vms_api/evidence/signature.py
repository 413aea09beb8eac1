"""Signatures of manifests: Ed25519 (RFC 8032) with the site's key, over the bytes of manifest.json as they are.

The signature is the plain 64 bytes and the key a SubjectPublicKeyInfo in PEM (RFC 8410), so that OpenSSL alone can
check a package where there is no Xueliang.
"""

import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

EvidenceKey = Ed25519PrivateKey
VerifyKey = Ed25519PublicKey


class KeyUnreadable(Exception):
    """What should be a public key is none."""


def public_pem(key: EvidenceKey) -> bytes:
    """The public half, for those who check."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def key_id(key: VerifyKey) -> str:
    """The first 16 letters of the key's SHA-256: what people compare over the telephone; as the audit log names it."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def read_public_key(pem: bytes) -> VerifyKey:
    """The key of a PEM file.

    Raises:
        KeyUnreadable: it is not an Ed25519 public key.

    """
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnreadable("not a public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyUnreadable("not an Ed25519 key")
    return key


def is_signed_by(key: VerifyKey, signature: bytes, text: bytes) -> bool:
    """Whether the key's owner signed exactly these bytes."""
    try:
        key.verify(signature, text)
    except InvalidSignature:
        return False
    return True
