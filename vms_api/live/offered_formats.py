"""What is negotiated with browsers beyond what aiortc knows: H.265, when a picture was taken, and that it may not wait.

aiortc 1.16 makes descriptions out of two tables, `aiortc.codecs.CODECS` and `.HEADER_EXTENSIONS`. All three are
entered there, once; only our own sender makes them.
"""

from aiortc.codecs import CODECS, HEADER_EXTENSIONS
from aiortc.rtcrtpparameters import RTCRtcpFeedback, RTCRtpCodecParameters, RTCRtpHeaderExtensionParameters

from ingest.packet import Codec

MIME_TYPES = {Codec.H264: "video/H264", Codec.H265: "video/H265"}
RTX = "video/rtx"
CAPTURE_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
PLAYOUT_DELAY = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"

_FIRST_PAYLOAD_TYPE = 110  # aiortc takes 97 to 102 for itself; an answer takes the browser's numbers anyway
_EXTENSION_IDS = {CAPTURE_TIME: 5, PLAYOUT_DELAY: 6}
_CLOCK_RATE = 90_000


def enter() -> None:
    """Enters all of them into aiortc's tables, unless they are there.

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
    known = {extension.uri for extension in extensions}
    extensions += [
        RTCRtpHeaderExtensionParameters(id=number, uri=uri)
        for uri, number in _EXTENSION_IDS.items()
        if uri not in known
    ]
