"""All that is used of aiortc beyond its published interface. What is used of aioice stands in `ice_session`.

aiortc makes the session: description, ICE, DTLS, and the RTCP that comes in. Its RTP loop costs four times what sending
costs (docs/decisions/0011), and it has no other place to put a different one. Of aiortc 1.16 and aioice 0.13 are used:

=============================================  ======================================================================
`RTCRtpSender._ssrc`, `._rtx_ssrc`             the SSRCs that the answer tells the browser
`RTCRtpSender._retransmit(sequence_number)`    replaced: called for each packet of a NACK
`RTCRtpSender._send_keyframe()`                replaced: called for PLI and FIR
`RTCRtpSender.__ntp_timestamp`, `__rtp_...`    written: its sender reports tell them
`RTCRtpSender._stream_id`                      set: picture and sound of a camera are one stream
`RTCRtpTransceiver._codecs`                    the payload types agreed on
`RTCRtpTransceiver._headerExtensions`          the numbers agreed on for what pictures say
`RTCDtlsTransport._ssl`, `._role`              the key material and whose half of it is ours
`RTCDtlsTransport._tx_srtp`                    protects what is not AES-GCM
`RTCIceTransport._connection._nominated`       the socket and address that ICE has chosen
=============================================  ======================================================================

Two tables of aiortc that are added to stand in `offered_formats`.

`tests/vms_api/live/test_fast_sender.py` watches a view through all of it; another version falls back to aiortc's own
sender until somebody has looked.
"""

from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Any

from aioice import Connection
from aiortc import RTCRtpTransceiver
from aiortc.rtcdtlstransport import SRTP_AEAD_AES_128_GCM, SRTP_AEAD_AES_256_GCM

from vms_api.live.datagram_line import DatagramLine
from vms_api.live.offered_formats import CAPTURE_TIME, PLAYOUT_DELAY
from vms_api.live.picture_extension import LARGEST_ID, ExtensionIds
from vms_api.live.srtp import GcmProtector, RtpProtector, SessionProtector

KNOWN_VERSION = "1.16."
_GCM = {profile.openssl_profile: profile for profile in (SRTP_AEAD_AES_128_GCM, SRTP_AEAD_AES_256_GCM)}
_COMPONENT = 1
_REPORTED = tuple(
    f"_RTCRtpSender__{name}" for name in ("ntp_timestamp", "rtp_timestamp", "packet_count", "octet_count")
)
_EXPORTER_LABEL = b"EXTRACTOR-dtls_srtp"  # RFC 5764 clause 4.2


class InternalsUnknown(Exception):
    """This aiortc is not the one that was looked into."""


def are_known() -> bool:
    """Whether the installed aiortc is one that was looked into."""
    return version("aiortc").startswith(KNOWN_VERSION)


def ice_connection(transceiver: RTCRtpTransceiver) -> Connection:
    """The ICE connection below a sender."""
    connection: Connection = transceiver.sender.transport.transport._connection  # noqa: SLF001
    return connection


def share_stream(first: RTCRtpTransceiver, second: RTCRtpTransceiver) -> None:
    """Makes the description tell one stream of both, which browsers play in step (RFC 8830)."""
    sender: Any = second.sender
    sender._stream_id = first.sender._stream_id  # noqa: SLF001


class SenderInternals:
    """One connected sender, looked into.

    Raises:
        InternalsUnknown: something of the table above is not there.

    """

    def __init__(self, transceiver: RTCRtpTransceiver) -> None:
        self._sender: Any = transceiver.sender
        self._dtls: Any = transceiver.sender.transport
        try:
            self._ice: Any = ice_connection(transceiver)
            self.ssrc: int = self._sender._ssrc  # noqa: SLF001
            self.rtx_ssrc: int = self._sender._rtx_ssrc  # noqa: SLF001
            self.payload_type, self.rtx_payload_type = _payload_types(transceiver._codecs)  # noqa: SLF001
            self.extension_ids = _extension_ids(transceiver._headerExtensions)  # noqa: SLF001
            self._pair: Any = None
            self._gcm_master = self._master_key()
            self._protect_session: Callable[[bytes], bytes] = self._dtls._tx_srtp.protect  # noqa: SLF001
            _ = self._ice._nominated, self._sender._retransmit, self._sender._send_keyframe  # noqa: SLF001
            _ = getattr(self._sender, _REPORTED[0])
        except (AttributeError, LookupError) as missing:
            raise InternalsUnknown(str(missing)) from missing

    @property
    def cipher(self) -> str:
        """What protects the packets, for logs and reports."""
        return "aes-gcm" if self._gcm_master is not None else "aes-cm"

    def protector(self, ssrc: int) -> RtpProtector:
        """Protection for one of the sender's two SSRCs; ask once for each."""
        if self._gcm_master is not None:
            return GcmProtector(self._gcm_master, ssrc)
        return SessionProtector(self._protect_session, ssrc)

    def listen(self, on_nack: Callable[[int], None], on_keyframe_wanted: Callable[[], None]) -> None:
        """Has the browser's feedback told to us: each lost packet's sequence number, and its wish to start anew."""

        async def retransmit(sequence_number: int) -> None:
            on_nack(sequence_number)

        answer: Callable[[int], Awaitable[None]] = retransmit
        self._sender._retransmit = answer  # noqa: SLF001
        self._sender._send_keyframe = on_keyframe_wanted  # noqa: SLF001

    def line(self, present: DatagramLine | None) -> DatagramLine | None:
        """A line to where ICE sends at this moment: the present one unless that has changed; None if nowhere."""
        pair = self._ice._nominated.get(_COMPONENT)  # noqa: SLF001
        if pair is self._pair and present is not None:
            return present
        if present is not None:
            present.close()
        self._pair = pair
        if pair is None:
            return None
        descriptor = pair.protocol.transport.get_extra_info("socket").fileno()
        return DatagramLine(descriptor, pair.remote_addr) if descriptor >= 0 else None

    def report(self, ntp: int, ticks: int, packets: int, octets: int) -> None:
        """What the next sender report says (RFC 3550 clause 6.4.1): a moment on both clocks, and counts so far."""
        for name, value in zip(_REPORTED, (ntp, ticks, packets, octets), strict=True):
            setattr(self._sender, name, value)

    def _master_key(self) -> bytes | None:
        ssl = self._dtls._ssl  # noqa: SLF001
        profile = _GCM.get(ssl.get_selected_srtp_profile())
        if profile is None:
            return None
        material = ssl.export_keying_material(_EXPORTER_LABEL, 2 * (profile.key_length + profile.salt_length))
        return profile.get_key_and_salt(material, 1 if self._dtls._role == "server" else 0)  # noqa: SLF001


def _payload_types(codecs: list[Any]) -> tuple[int, int | None]:
    """The first codec's payload type and that of its retransmission (RFC 4588 clause 8.6), if agreed on."""
    chosen = codecs[0].payloadType
    rtx = (c for c in codecs if c.mimeType.lower() == "video/rtx" and c.parameters.get("apt") == chosen)
    return chosen, next((codec.payloadType for codec in rtx), None)


def _extension_ids(extensions: list[Any]) -> ExtensionIds:
    """The numbers of our header extensions, if agreed on and short enough for a one-byte header."""
    ids = {extension.uri: extension.id for extension in extensions if extension.id <= LARGEST_ID}
    return ExtensionIds(ids.get(CAPTURE_TIME), ids.get(PLAYOUT_DELAY))
