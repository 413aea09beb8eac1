"""Clips in files: read without touching a byte of the pictures, or encoded once. The only user of PyAV here."""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.stream import VideoStream

from ingest.audio import AudioCodec, AudioDescription
from ingest.errors import CodecRefused, NoVideo, StreamBroken
from ingest.frame import Image
from ingest.packet import Codec
from ingest.virtual_camera.clip import CLOCK_RATE, AccessUnit, Clip
from ingest.virtual_camera.nal import MalformedNalUnits, is_parameter_set, split_annexb, split_length_prefixed
from ingest.virtual_camera.parameter_sets import CodecConfiguration, ParameterSets, gather, read_configuration
from ingest.virtual_camera.sound import Sound

MAX_CLIP_BYTES = 512 * 1024 * 1024
"""A clip is kept in memory, shared by all cameras that play it."""

_PASSED_THROUGH = {"h264": Codec.H264, "hevc": Codec.H265}


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a clip is encoded: H.264 without B-frames, a key frame exactly every `gop_s` seconds.

    `max_height` scales larger pictures down, keeping their shape.
    """

    gop_s: float = 2.0
    max_height: int | None = None


def read_clip(path: Path) -> Clip:
    """Reads the first video track of a file.

    Raises:
        CodecRefused: it is neither H.264 nor H.265; `transcode` makes it so.
        NoVideo: the file has no video track.
        StreamBroken: it cannot be read as media, or is too large to be played from memory.

    """
    with _opened(path) as (container, stream):
        codec = _PASSED_THROUGH.get(stream.codec_context.name)
        if codec is None:
            raise CodecRefused(f"{path.name}: {stream.codec_context.name} cannot be passed through")
        context = stream.codec_context
        try:
            configuration = read_configuration(codec, context.extradata or b"")
            units = tuple(_read_units(container, stream, configuration.length_size))
            return _assemble(codec, (context.width, context.height), configuration, units)
        except MalformedNalUnits as error:
            raise StreamBroken(f"{path.name}: {error}") from error


def read_sound(path: Path) -> Sound | None:
    """A file's AAC as it is, as long as its pictures; None where it has no AAC.

    Raises:
        NoVideo: the file has no video track.
        StreamBroken: it cannot be read as media.

    """
    with _opened(path) as (container, video):
        found = next((stream for stream in container.streams.audio if stream.codec_context.name == "aac"), None)
        if found is None or video.duration is None or video.time_base is None:
            return None
        context = found.codec_context
        description = AudioDescription(AudioCodec.AAC, context.sample_rate, context.channels, context.extradata or b"")
        duration = round(video.duration * video.time_base * CLOCK_RATE)
        units = tuple(unit for unit in _read_sound(container, found) if 0 <= unit.due < duration)
        return Sound(description, duration, units)


def transcode(source: Path, target: Path, encoding: Encoding) -> None:
    """Decodes the first video track of any file and writes it as H.264 in MP4, at its own pace.

    Raises:
        NoVideo: the file has no video track.
        StreamBroken: it cannot be read as media.

    """
    with _opened(source) as (container, stream):
        context = stream.codec_context
        rate = stream.average_rate or Fraction(10)
        size = _scaled(context.width, context.height, encoding.max_height)
        _encode(target, _decoded(container, stream, size), size, rate, encoding.gop_s)


def encode_pictures(target: Path, pictures: Iterable[Image], size: tuple[int, int], rate: int, gop_s: float) -> None:
    """Writes pictures ((height, width, 3) uint8, blue first; `size` is width, height) as H.264 in MP4."""
    frames = (av.VideoFrame.from_ndarray(picture, format="bgr24") for picture in pictures)
    stamped = ((frame, Fraction(index, rate)) for index, frame in enumerate(frames))
    _encode(target, stamped, size, Fraction(rate), gop_s)


def redraw(clip: Clip, target: Path, change: Callable[[Image], Image], seconds: float) -> None:
    """Writes the first seconds of a clip with every picture changed, as H.264 in MP4.

    Raises:
        StreamBroken: it cannot be decoded.

    """
    context = av.CodecContext.create("hevc" if clip.codec is Codec.H265 else "h264", "r")
    size = clip.width // 2 * 2, clip.height // 2 * 2
    rate = Fraction(clip.frame_rate).limit_denominator(1000)
    try:
        _encode(target, _redrawn(context, clip, change, (size, seconds)), size, rate, Encoding().gop_s)
    except av.FFmpegError as error:
        raise StreamBroken(f"the clip cannot be decoded: {error.strerror}") from error


def _redrawn(
    context: VideoCodecContext, clip: Clip, change: Callable[[Image], Image], extent: tuple[tuple[int, int], float]
) -> Iterator[tuple[av.VideoFrame, Fraction]]:
    (width, height), seconds = extent
    packets = (_annexb(unit) for unit in clip.units if unit.due < seconds * CLOCK_RATE)
    for packet in (*packets, None):
        for frame in context.decode(packet):
            picture = change(cast("Image", frame.reformat(width=width, height=height, format="bgr24").to_ndarray()))
            yield av.VideoFrame.from_ndarray(picture, format="bgr24"), Fraction(frame.pts or 0, CLOCK_RATE)


def _annexb(unit: AccessUnit) -> "av.Packet[Any]":
    packet = av.Packet(b"".join(b"\0\0\0\1" + nal for nal in unit.nal_units))
    packet.pts, packet.dts, packet.time_base = unit.pts, unit.due, Fraction(1, CLOCK_RATE)
    return packet


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise NoVideo(f"{path.name} has no video track")
            yield container, container.streams.video[0]
    except av.FFmpegError as error:
        raise StreamBroken(f"{path.name}: {error.strerror}") from error


def _read_units(container: InputContainer, stream: VideoStream, length_size: int | None) -> Iterator[AccessUnit]:
    total = 0
    for packet in container.demux(stream):
        if packet.size == 0:  # the flush packet at the end
            continue
        total += packet.size
        if total > MAX_CLIP_BYTES:
            raise StreamBroken(f"the clip is larger than {MAX_CLIP_BYTES} bytes")
        data = bytes(packet)
        nals = split_annexb(data) if length_size is None else split_length_prefixed(data, length_size)
        dts = packet.dts if packet.dts is not None else packet.pts
        if dts is None or packet.time_base is None:
            raise MalformedNalUnits("a picture has no time")
        pts = packet.pts if packet.pts is not None else dts
        ticks = packet.time_base * CLOCK_RATE
        yield AccessUnit(nals, round(pts * ticks), round(dts * ticks), packet.is_keyframe)


def _read_sound(container: InputContainer, stream: AudioStream) -> Iterator[AccessUnit]:
    for packet in container.demux(stream):
        if packet.size and packet.pts is not None and packet.time_base is not None:
            at = round(packet.pts * packet.time_base * CLOCK_RATE)
            yield AccessUnit((bytes(packet),), at, at, is_keyframe=True)


def _assemble(
    codec: Codec, size: tuple[int, int], configuration: CodecConfiguration, read: tuple[AccessUnit, ...]
) -> Clip:
    """Cuts what stands before the first key frame, counts times from there, repeats parameter sets."""
    start = next((index for index, unit in enumerate(read) if unit.is_keyframe), None)
    if start is None:
        raise MalformedNalUnits("the clip has no key frame")
    kept = read[start:]
    gaps = sorted(after.due - before.due for before, after in pairwise(kept))
    if not gaps or gaps[0] < 0 or gaps[-1] <= 0:
        raise MalformedNalUnits("the times of the clip do not run forwards")
    sets = gather(codec, (*configuration.units, *(nal for unit in kept for nal in unit.nal_units)))
    origin = kept[0].due
    duration = kept[-1].due - origin + gaps[len(gaps) // 2]
    units = tuple(_prepared(codec, sets, unit, origin) for unit in kept)
    return Clip(codec, *size, len(units) * CLOCK_RATE / duration, duration, sets, units)


def _prepared(codec: Codec, sets: ParameterSets, unit: AccessUnit, origin: int) -> AccessUnit:
    nals = unit.nal_units
    if unit.is_keyframe and not any(is_parameter_set(codec, nal) for nal in nals):
        nals = sets.units + nals
    return AccessUnit(nals, unit.pts - origin, unit.due - origin, unit.is_keyframe)


def _scaled(width: int, height: int, max_height: int | None) -> tuple[int, int]:
    """The size in even numbers, which 4:2:0 needs."""
    ratio = min(1.0, max_height / height) if max_height else 1.0
    return max(2, round(width * ratio / 2) * 2), max(2, round(height * ratio / 2) * 2)


def _decoded(
    container: InputContainer, stream: VideoStream, size: tuple[int, int]
) -> Iterator[tuple[av.VideoFrame, Fraction]]:
    origin: Fraction | None = None
    for frame in container.decode(stream):
        if frame.pts is None or frame.time_base is None:
            continue
        time = frame.pts * frame.time_base
        origin = time if origin is None else origin
        yield frame.reformat(width=size[0], height=size[1], format="yuv420p"), time - origin


def _encode(
    target: Path,
    frames: Iterable[tuple[av.VideoFrame, Fraction]],
    size: tuple[int, int],
    rate: Fraction,
    gop_s: float,
) -> None:
    gop = max(1, round(gop_s * rate))
    options = {"preset": "veryfast", "crf": "23", "x264-params": f"keyint={gop}:min-keyint={gop}:scenecut=0:bframes=0"}
    with av.open(str(target), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, CLOCK_RATE)
        for frame, time in frames:
            frame.pts, frame.time_base = round(time * CLOCK_RATE), Fraction(1, CLOCK_RATE)
            frame.pict_type = PictureType.NONE  # the encoder decides: a decoded frame remembers what it was
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
