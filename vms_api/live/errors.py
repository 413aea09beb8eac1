"""Why a view cannot be opened.

ViewRefused
├── OfferUnusable       the SDP offer is none we can answer
│   └── OfferOneSided   it does not ask to receive video
├── AnswerUnusable      the SDP answer to our counter-offer is none
├── NotLive             the stream has no packets to show now
├── NotViewable         WebRTC cannot carry what the camera sends (codec, B-frames)
├── RestartUnsupported  the ICE session cannot be restarted; a new view can be opened
├── BodyTooLarge        nobody describes a view at such length
├── TooManyEncodes      the node encodes as many streams as it may
└── TooManyViews        the node serves as many as it may
"""

from typing import ClassVar


class ViewRefused(Exception):
    """`code` is stable, `status` the HTTP status it becomes, `retry_after_s` set where trying again makes sense."""

    code: ClassVar[str] = "view-refused"
    status: ClassVar[int] = 409
    retry_after_s: ClassVar[int | None] = None


class OfferUnusable(ViewRefused):
    """No H.264 video to receive, or not an offer at all."""

    code = "offer-unusable"
    status = 406


class OfferOneSided(OfferUnusable):
    """No video that the browser would receive: it may take an offer of ours (draft-ietf-wish-whep-04, 406)."""


class AnswerUnusable(ViewRefused):
    """Not an answer to our counter-offer, too late for one, or nobody was asked for one."""

    code = "answer-unusable"
    status = 422


class NotLive(ViewRefused):
    """The camera sends nothing at the moment."""

    code = "camera-not-live"
    retry_after_s = 3


class CodecNotViewable(ViewRefused):
    """Browsers do not take this codec over WebRTC."""

    code = "codec-not-viewable"


class HasBFrames(ViewRefused):
    """WebRTC sends frames in display order only; a stream with B-frames would show its key frames and nothing else."""

    code = "stream-has-b-frames"


class RestartUnsupported(ViewRefused):
    """New ICE credentials for a running view (draft-ietf-wish-whep-04: 422 where only trickle ICE is supported)."""

    code = "ice-restart-unsupported"
    status = 422


class BodyTooLarge(ViewRefused):
    """An offer or a fragment that is larger than any browser's."""

    code = "body-too-large"
    status = 413


class TooManyEncodes(ViewRefused):
    """The node's limit of streams that are encoded for browsers is reached."""

    code = "too-many-encodes"
    status = 503
    retry_after_s = 10


class TooManyViews(ViewRefused):
    """The node's limit of views is reached."""

    code = "too-many-views"
    status = 503
    retry_after_s = 5
