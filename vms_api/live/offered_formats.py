"""What is negotiated with browsers beyond what aiortc knows: H.265, and when a picture was taken.

aiortc 1.16 makes descriptions out of two tables, `aiortc.codecs.CODECS` and `.HEADER_EXTENSIONS`. Both formats are
entered there, once; only our own sender makes them.
"""

from aiortc.codecs import CODECS, HEADER_EXTENSIONS
from aiortc.rtcrtpparameters import RTCRtcpFeedback, RTCRtpCodecParameters, RTCRtpHeaderExtensionParameters

from ingest.packet import Codec

MIME_TYPES = {Codec.H264: "video/H264", Codec.H265: "video/H265"}
RTX = "video/rtx"
CAPTURE_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"

_FIRST_PAYLOAD_TYPE = 110  # aiortc takes 97 to 102 for itself; an answer takes the browser's numbers anyway
_CAPTURE_TIME_ID = 5
_CLOCK_RATE = 90_000


def enter() -> None:
    """Enters both into aiortc's tables, unless they are there.

    H.265 comes without parameters, which means profile Main, tier Main (RFC 7798 clause 7.1): what cameras send.
    """
    video = CODECS["video"]
    if all(codec.mimeType != MIME_TYPES[Codec.H265] for codec in video):
        feedback = [RTCRtcpFeedback(type="nack"), RTCRtcpFeedback(type="nack", parameter="pli")]
        video += [
            RTCRtpCodecParameters(
                mimeType=MIME_TYPES[Codec.H265],
                clockRate=_CLOCK_RATE,
                payloadType=_FIRST_PAYLOAD_TYPE,
                rtcpFeedback=feedback,
            ),
            RTCRtpCodecParameters(
                mimeType=RTX,
                clockRate=_CLOCK_RATE,
                payloadType=_FIRST_PAYLOAD_TYPE + 1,
                parameters={"apt": _FIRST_PAYLOAD_TYPE},
            ),
        ]
    extensions = HEADER_EXTENSIONS["video"]
    if all(extension.uri != CAPTURE_TIME for extension in extensions):
        extensions.append(RTCRtpHeaderExtensionParameters(id=_CAPTURE_TIME_ID, uri=CAPTURE_TIME))
