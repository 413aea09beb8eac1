"""Clients that others wrote see a camera."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from urllib.parse import quote

import av
import pytest
from aio_rtsp_toolkit import RtspSession, VideoFrame, VideoFrameEvent
from av.container import InputContainer

from ingest.camera import Credential
from ingest.packet import Codec
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.nal import is_parameter_set, split_annexb
from ingest.virtual_camera.stamp import read_stamp
from ingest.virtual_camera.thread import VirtualCameraThread
from tests.ingest.virtual_camera.conftest import LOGIN

# Without these FFmpeg watches every stream for five seconds before it opens it.
QUICK = {"analyzeduration": "300000", "fpsprobesize": "2"}


def _login(url: str, password: str = LOGIN.password) -> str:
    return url.replace("//", f"//{quote(LOGIN.username)}:{quote(password, safe='')}@")


def _open(url: str, transport: str) -> InputContainer:
    return av.open(url, options={"rtsp_transport": transport, **QUICK}, timeout=10)


def _stamps(container: InputContainer, count: int) -> Iterator[int | None]:
    frames = container.decode(video=0)
    for _ in range(count):
        yield read_stamp(next(frames).to_ndarray(format="gray"))


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_ffmpeg_sees_every_picture(town: VirtualCameraThread, transport: str):
    """FFmpeg logs in with Digest, decodes more than a loop without an error and misses no picture at the seam."""
    with _open(_login(town.url("gate")), transport) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.name, codec.width, codec.height) == ("h264", 320, 180)
        numbers = list(_stamps(container, 40))
    assert None not in numbers
    assert {(after - before) % 25 for before, after in pairwise(numbers)} == {1}


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_ffmpeg_gets_the_clips_own_bytes(town: VirtualCameraThread, h265_clip: Clip, transport: str):
    """The sub-stream in H.265 arrives bit by bit, with times that only run forwards."""
    own = {nal for unit in h265_clip.units for nal in unit.nal_units if not is_parameter_set(Codec.H265, nal)}
    with _open(_login(town.url("gate", "sub")), transport) as container:
        assert container.streams.video[0].codec_context.name == "hevc"
        demuxed = container.demux(video=0)
        packets = [next(demuxed) for _ in range(30)]
    received = {
        nal for packet in packets for nal in split_annexb(bytes(packet)) if not is_parameter_set(Codec.H265, nal)
    }
    assert received <= own
    assert len(received) >= len(h265_clip.units)
    times = [packet.dts for packet in packets if packet.dts is not None]
    assert all(before < after for before, after in pairwise(times))


def test_ffmpeg_is_told_why(town: VirtualCameraThread):
    """A wrong password and a wrong path are the errors that FFmpeg has for them."""
    with pytest.raises(av.HTTPUnauthorizedError):
        _open(_login(town.url("gate"), "wrong"), "tcp")
    with pytest.raises(av.HTTPUnauthorizedError):
        _open(town.url("gate"), "tcp")
    with pytest.raises(av.HTTPNotFoundError):
        _open(town.url("bridge").replace("bridge", "nowhere"), "tcp")


def test_many_clients_at_once(town: VirtualCameraThread):
    """Several clients of several cameras and both transports play side by side."""
    wanted = [
        (name, stream, transport)
        for name in ("bridge", "村口")
        for stream in ("main", "sub")
        for transport in ("tcp", "udp")
    ]
    with ExitStack() as stack:
        clients = [stack.enter_context(_open(town.url(name, stream), way)) for name, stream, way in wanted]
        decoded = [next(client.decode(video=0)) for client in clients]
        assert town.statistics().viewers == len(wanted)
    assert [frame.width for frame in decoded] == [192] * 4 + [320] * 4


@pytest.mark.anyio
@pytest.mark.parametrize("codec", [Codec.H264, Codec.H265])
async def test_aio_rtsp_toolkit_sees_a_camera(loop_clip: Clip, h265_clip: Clip, codec: Codec):
    """The third-party client logs in with Digest and reads the clip's own pictures, none of them damaged."""
    clip = loop_clip if codec is Codec.H264 else h265_clip
    login = Credential("viewer", "plain-password")  # this client does not decode percent signs
    with VirtualCameraThread([VirtualCamera("gate", clip, credential=login)]) as server:
        url = server.url("gate").replace("//", f"//{login.username}:{login.password}@")
        frames = await _watch(RtspSession(url, timeout=2, log_type=0), 30)
    own = {nal for unit in clip.units for nal in unit.nal_units}
    assert not any(frame.is_corrupt for frame in frames)
    assert {nal for frame in frames for nal in split_annexb(bytes(frame.data))} <= own
    times = [frame.timestamp for frame in frames]
    assert {(after - before) % 2**32 for before, after in pairwise(times)} <= {0, clip.duration // len(clip.units)}


async def _watch(session: RtspSession, count: int) -> list[VideoFrame]:
    stop, frames = asyncio.Event(), []
    async for event in session.iter_events(stop):
        if isinstance(event, VideoFrameEvent):
            frames.append(event.frame)
        if len(frames) >= count:
            stop.set()
    assert len(frames) >= count
    return frames
