"""What PyAV tells about an open container, in our own words. Shared by the sources that read through libav."""

from fractions import Fraction

from av.container import InputContainer
from av.video.stream import VideoStream

from ingest.errors import CodecRefused, NoVideo, SourceTimeout
from ingest.packet import Codec, StreamDescription

# Cameras announce nonsense like 90000 frames per second (their RTP clock); nothing real is above this.
_MAX_FRAME_RATE = 240


def video_stream(container: InputContainer) -> VideoStream:
    """The container's first video stream of an allowed codec.

    Raises:
        NoVideo: there is none.
        CodecRefused: its codec is not on the allow-list.

    """
    if not container.streams.video:
        raise NoVideo("The stream carries no video.")
    stream = container.streams.video[0]
    name = stream.codec_context.name
    if name not in set(Codec):
        raise CodecRefused(f"The video codec {name} is not among {', '.join(Codec)}.")
    return stream


def describe(stream: VideoStream) -> StreamDescription:
    """What the stream says of itself.

    Raises:
        SourceTimeout: the camera announced video but sent none that could be read in time.

    """
    context = stream.codec_context
    if not context.width or not context.height:
        raise SourceTimeout("Video is announced, but no readable picture came in time.")
    rate = stream.average_rate or stream.guessed_rate
    return StreamDescription(
        codec=Codec(context.name),
        width=context.width,
        height=context.height,
        profile=context.profile,
        frame_rate=float(rate) if rate and rate <= _MAX_FRAME_RATE else None,
    )


def time_base(stream: VideoStream) -> Fraction:
    """Seconds per timestamp unit, as a plain Fraction whatever PyAV's version returns."""
    base = stream.time_base
    return Fraction(base.numerator, base.denominator) if base else Fraction(1, 90_000)
