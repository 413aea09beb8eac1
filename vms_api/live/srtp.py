"""SRTP protection of outgoing RTP with AES-GCM (RFC 3711, RFC 7714), made for many small packets."""

import struct
from collections.abc import Callable, Sequence
from typing import Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vms_api.live.rtp_unit import RtpPayload

_LABEL_ENCRYPTION, _LABEL_SALT = 0, 2  # RFC 3711 clause 4.3.2
_MASTER_SALT_BYTES = 12
_HEADER = struct.Struct("!BBHII")
_VERSION = 0x80
_EXTENDED = 0x10  # RFC 3550 clause 5.1: an extension follows the header


class RtpProtector(Protocol):
    """Makes protected packets of one SSRC."""

    def protect(
        self, index: int, payload_type: int, ticks: int, payloads: Sequence[RtpPayload], extension: bytes = b""
    ) -> list[bytes]:
        """SRTP packets that follow each other, all of one timestamp (`ticks`, 32 bits) and header `extension`.

        `index` is the first one's 48-bit packet index: rollover counter and sequence number (RFC 3711 clause 3.3.1).
        """
        ...


class GcmProtector:
    """AEAD_AES_128_GCM or AEAD_AES_256_GCM, by the length of the key.

    A nonce must not come twice with different contents: a key and an SSRC belong to one protector, and an index to
    one packet.
    """

    def __init__(self, master: bytes, ssrc: int) -> None:
        key, salt = derive(master)
        self._encrypt = AESGCM(key).encrypt
        self._ssrc = ssrc
        # RFC 7714 clause 8.1: two zero bytes, SSRC, rollover counter and sequence number, XORed with the salt.
        self._nonce = int.from_bytes(salt, "big") ^ ssrc << 48

    def protect(
        self, index: int, payload_type: int, ticks: int, payloads: Sequence[RtpPayload], extension: bytes = b""
    ) -> list[bytes]:
        """Header, encrypted payload and tag of each packet."""
        # The innermost loop of a node that serves many viewers: everything it needs is a local name.
        pack, encrypt, nonce, ssrc = _HEADER.pack, self._encrypt, self._nonce, self._ssrc
        first = _first_byte(extension)
        packets = []
        for payload in payloads:
            header = pack(first, payload_type | payload.marker, index & 0xFFFF, ticks, ssrc) + extension
            packets.append(header + encrypt((nonce ^ index).to_bytes(12, "big"), payload.data, header))
            index += 1
        return packets


class SessionProtector:
    """Any other profile, by the session that the handshake has made; it counts rollovers by itself."""

    def __init__(self, protect: Callable[[bytes], bytes], ssrc: int) -> None:
        self._protect = protect
        self._ssrc = ssrc

    def protect(
        self, index: int, payload_type: int, ticks: int, payloads: Sequence[RtpPayload], extension: bytes = b""
    ) -> list[bytes]:
        """Header, encrypted payload and tag of each packet."""
        first, packets = _first_byte(extension), []
        for place, payload in enumerate(payloads, index):
            header = _HEADER.pack(first, payload_type | payload.marker, place & 0xFFFF, ticks, self._ssrc)
            packets.append(self._protect(header + extension + payload.data))
        return packets


def _first_byte(extension: bytes) -> int:
    return _VERSION | (_EXTENDED if extension else 0)


def derive(master: bytes) -> tuple[bytes, bytes]:
    """Session key and salt (RFC 3711 clause 4.3.1, RFC 7714 clause 11) of a master key with its 12 bytes of salt."""
    key, salt = master[:-_MASTER_SALT_BYTES], master[-_MASTER_SALT_BYTES:]
    return _derived(key, salt, _LABEL_ENCRYPTION, len(key)), _derived(key, salt, _LABEL_SALT, _MASTER_SALT_BYTES)


def _derived(key: bytes, salt: bytes, label: int, size: int) -> bytes:
    start = int.from_bytes(salt + bytes(2), "big") ^ label << 48
    keystream = Cipher(algorithms.AES(key), modes.CTR((start << 16).to_bytes(16, "big"))).encryptor()
    return keystream.update(bytes(size))
