"""Everything that can go wrong between a camera and a packet.

    IngestError
    ├── AddressRefused        scheme or host not allowed: never dialled
    ├── HostUnresolved        the name has no address
    ├── HostRefused           nobody listens on that port, or no route
    ├── SourceTimeout         connected or not, nothing came in time
    ├── CredentialsRefused    wrong user or password          (slow retry: cameras lock accounts)
    ├── StreamNotFound        the camera has no such stream   (slow retry)
    ├── NoVideo               a stream without pictures       (slow retry)
    ├── CodecRefused          a codec outside the allow-list  (slow retry)
    ├── StreamChanged         picture size changed            (dial at once: a new epoch)
    ├── TimestampsJumped      the stream's clock was set      (dial at once: a new epoch)
    ├── StreamBroken          bytes that are no media, or a protocol error
    ├── SourceEnded           the camera or the file ended the stream
    ├── NoKeyFrame            pictures come, but none that a decoder can begin with
    ├── CameraQuarantined     it has broken its reader again and again  (slow retry: the others come first)
    └── MasksUnavailable      the stream runs, but what must be covered is not known: nothing is shown

`code` is stable and goes to API, metrics and translations; the message is for a technician and free of secrets.
"""

from typing import ClassVar


class IngestError(Exception):
    """A source cannot be opened or read.

    `slow_retry` asks for minutes, not seconds, before the next try; `at_once` says that the camera is well and only
    the epoch is over.
    """

    code: ClassVar[str] = "ingest-failed"
    slow_retry: ClassVar[bool] = False
    at_once: ClassVar[bool] = False


class AddressRefused(IngestError):
    """The address is not one of a camera that may be dialled."""

    code = "address-refused"
    slow_retry = True


class HostUnresolved(IngestError):
    """The host name has no address."""

    code = "host-unresolved"


class HostRefused(IngestError):
    """Nobody listens there."""

    code = "host-refused"


class SourceTimeout(IngestError):
    """Nothing came within the read time-out."""

    code = "source-timeout"


class CredentialsRefused(IngestError):
    """Wrong user name or password."""

    code = "credentials-refused"
    slow_retry = True


class StreamNotFound(IngestError):
    """The camera answers, but has no stream at that path."""

    code = "stream-not-found"
    slow_retry = True


class NoVideo(IngestError):
    """The stream carries no video."""

    code = "no-video"
    slow_retry = True


class CodecRefused(IngestError):
    """The stream's video codec is not on the allow-list."""

    code = "codec-refused"
    slow_retry = True


class StreamChanged(IngestError):
    """The picture size changed in the middle of the stream."""

    code = "stream-changed"
    at_once = True


class TimestampsJumped(IngestError):
    """The stream's clock was set: times before and after cannot be compared."""

    code = "timestamps-jumped"
    at_once = True


class StreamBroken(IngestError):
    """Bytes that are no media, or a protocol error."""

    code = "stream-broken"


class SourceEnded(IngestError):
    """The stream ended."""

    code = "source-ended"


class NoKeyFrame(IngestError):
    """Pictures came for a long time, and none of them could start a decoder."""

    code = "no-keyframe"


class CameraQuarantined(IngestError):
    """The stream has crashed or hung its reader several times in a row and is left alone for a while."""

    code = "quarantined"
    slow_retry = True


class MasksUnavailable(IngestError):
    """What must be covered is not known: no picture, no view, no analysis."""

    code = "masks-unavailable"
