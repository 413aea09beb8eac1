"""Decoding with PyAV, on the thread that calls."""

from collections.abc import Callable, Iterator, Sequence
from threading import Lock
from typing import cast

import av
import av.error
import numpy as np
from av.codec.context import ThreadType
from av.codec.hwaccel import HWAccel
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from ingest.av_mask_painter import MaskPainter
from ingest.frame import Frame, Image
from ingest.mask import CurrentMasks, MaskSet
from ingest.packet import Codec, Packet
from ingest.surface import Surface

# More packets than any decoder holds back (H.264 A.4.1: at most 16 reference pictures).
_MAX_PENDING = 64
# 8192 x 4320, level 6.2 of H.264 and H.265: a stream that announces more is after our memory.
_MAX_PIXELS = 8192 * 4320
_SURFACES = frozenset({"nv12", "p010le"})
# Pixel formats whose first plane is 8-bit luma.
_LUMA_FIRST = frozenset({"gray", "nv12", "yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"})


class Colour:
    """Conversion to BGR. libswscale's context is expensive to make, so one serves all pictures of a decoder."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._reformatter = VideoReformatter()

    def convert(self, frame: av.VideoFrame, pixel_format: str, size: tuple[int, int] | None = None) -> Image:
        """The picture in that layout, scaled to `size` (width, height) if one is given."""
        width, height = size or (None, None)
        with self._lock:
            converted = self._reformatter.reformat(
                frame, width, height, format=pixel_format, interpolation=Interpolation.BILINEAR
            )
        return cast("Image", converted.to_ndarray())


class AvPicture:
    """A decoded picture in the decoder's own layout, converted only when asked. Safe to read from any thread.

    One that a GPU decoded stays there until somebody asks for its pixels here; from then on there are both.
    """

    def __init__(self, frame: av.VideoFrame, colour: Colour) -> None:
        self._frame = frame
        self._colour = colour
        self._fetched: av.VideoFrame | None = None

    @property
    def native(self) -> av.VideoFrame:
        """Libav's frame, masks painted in: for the encoder."""
        return self._frame

    @property
    def surface(self) -> Surface | None:
        """Its planes where they lie; None for any other layout than NV12 and P010."""
        frame = self._frame
        layout = frame.sw_format or frame.format
        if layout.name not in _SURFACES:
            return None
        luma, chroma = frame.planes
        is_full, is_wide = frame.color_range == ColorRange.JPEG, frame.colorspace == Colorspace.ITU709
        return Surface(luma, chroma, is_full, is_wide, frame)

    @property
    def width(self) -> int:
        """Pixels across."""
        return self._frame.width

    @property
    def height(self) -> int:
        """Pixels down."""
        return self._frame.height

    def luma(self) -> Image:
        """Brightness, (height, width) uint8, read-only: a view of the decoder's plane for 8-bit YUV."""
        frame = self._here()
        if frame.format.name not in _LUMA_FIRST:
            return self._colour.convert(frame, "gray")
        plane = frame.planes[0]
        rows = np.frombuffer(cast("bytes", plane), dtype=np.uint8).reshape(-1, plane.line_size)
        view = rows[: frame.height, : frame.width]
        view.flags.writeable = False
        return view

    def bgr(self, size: tuple[int, int] | None = None) -> Image:
        """Colour, (height, width, 3) uint8, blue first; a fresh array each time."""
        return self._colour.convert(self._here(), "bgr24", size)

    def _here(self) -> av.VideoFrame:
        """The picture in our own memory."""
        layout = self._frame.sw_format
        if layout is None:
            return self._frame
        fetched = self._fetched
        if fetched is None:
            # Two threads may both fetch it; the pictures are the same.
            self._fetched = fetched = self._frame.reformat(format=layout.name)
        return fetched


class AvDecoder:
    """Implements `Decoder` for H.264, H.265 and Motion JPEG. One thread uses it; libav starts none of its own.

    After a new epoch nothing comes out before a key frame, and pictures that libav marks as damaged never come out:
    a grey smear must not look like a scene. Pictures come out with the masks of that moment painted in; while the masks
    are not known, none come out.
    """

    def __init__(self, masks: CurrentMasks, open_context: Callable[[Codec], VideoCodecContext] | None = None) -> None:
        """`open_context` makes the codec, on the processor if none is given; what it raises goes to who decodes."""
        self._masks = masks
        self._open_context = open_context or new_context
        self._painter = MaskPainter()
        self._context: VideoCodecContext | None = None
        self._codec: Codec | None = None
        self._epoch = -1
        self._awaits_keyframe = True
        self._pending: dict[int, Packet] = {}
        self._colour = Colour()
        self._failed_count = 0

    @property
    def failed_count(self) -> int:
        """Packets that gave an error or a damaged picture so far."""
        return self._failed_count

    def decode(self, packet: Packet) -> Sequence[Frame]:
        """The frames that this packet completes, with the times of the packets they came in."""
        masks = self._masks.now
        if masks is None:
            self._context = None  # what is missed now cannot be predicted from later
            return ()
        context = self._context
        if context is None or packet.epoch != self._epoch or packet.codec is not self._codec:
            context = self._reset(packet)
        if self._awaits_keyframe and not packet.is_keyframe:
            return ()
        self._awaits_keyframe = False
        return self._tried(context, packet, masks, alone=False)

    def decode_alone(self, packet: Packet) -> Sequence[Frame]:
        """The key frame's picture at once."""
        masks = self._masks.now
        if masks is None or not packet.is_keyframe:
            return ()
        context = self._context
        if context is None or packet.epoch != self._epoch or packet.codec is not self._codec:
            context = self._reset(packet)
        context.flush_buffers()
        self._pending.clear()
        frames = self._tried(context, packet, masks, alone=True)
        context.flush_buffers()
        self._awaits_keyframe = True
        return frames

    def close(self) -> None:
        """Frees the codec."""
        self._context = None
        self._pending.clear()

    def _reset(self, packet: Packet) -> VideoCodecContext:
        self._context = context = self._open_context(packet.codec)
        self._codec = packet.codec
        self._epoch = packet.epoch
        self._awaits_keyframe = True
        self._pending.clear()
        return context

    def _tried(self, context: VideoCodecContext, packet: Packet, masks: MaskSet, *, alone: bool) -> Sequence[Frame]:
        try:
            return tuple(self._frames(context, packet, masks, alone=alone))
        except (av.error.FFmpegError, ValueError, MemoryError):
            self._failed_count += 1
            return ()

    def _frames(self, context: VideoCodecContext, packet: Packet, masks: MaskSet, *, alone: bool) -> Iterator[Frame]:
        self._pending[packet.pts] = packet
        if len(self._pending) > _MAX_PENDING:
            del self._pending[next(iter(self._pending))]
        encoded = av.Packet(packet.data)
        encoded.pts, encoded.dts, encoded.time_base = packet.pts, packet.dts, packet.time_base
        for decoded in (*context.decode(encoded), *(context.decode(None) if alone else ())):
            if decoded.is_corrupt:
                self._failed_count += 1
                continue
            yield self._frame(decoded, packet, masks)

    def _frame(self, decoded: av.VideoFrame, latest: Packet, masks: MaskSet) -> Frame:
        pts = latest.pts if decoded.pts is None else decoded.pts
        source = self._pending.get(pts, latest)
        # Frames come out in the order of presentation: what is due before this one was lost on the way.
        self._pending = {due: packet for due, packet in self._pending.items() if due > pts}
        return Frame(
            camera_id=source.camera_id,
            epoch=source.epoch,
            sequence=source.sequence,
            media_time_s=source.media_time_s,
            received_at=source.received_at,
            received_monotonic_s=source.received_monotonic_s,
            picture=AvPicture(self._painter.paint(decoded, masks), self._colour),
        )


def new_context(codec: Codec, device: HWAccel | None = None) -> VideoCodecContext:
    """A codec without threads of its own, on the processor or on that device.

    Raises:
        FFmpegError, RuntimeError, MemoryError: the device cannot be used, or not for this codec.

    """
    context = av.CodecContext.create(codec.value, "r", hwaccel=device)
    context.thread_count = 1
    context.thread_type = ThreadType.NONE
    context.options = {"max_pixels": str(_MAX_PIXELS)}
    return context
