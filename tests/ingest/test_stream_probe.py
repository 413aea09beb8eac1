"""What is seen of a stream in a few seconds."""

import pytest

from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.errors import StreamNotFound
from ingest.file_source import FileOpener
from ingest.packet import Codec
from ingest.stream_probe import StreamFacts, probe_stream
from tests.conftest import MakeClip


def probed(address: str, patience_s: float = 6.0) -> StreamFacts:
    profile = StreamProfile(StreamRole.MAIN, address)
    opener = FileOpener(SystemClock(), realtime=False, loop=True)
    return probe_stream(opener, Camera(CameraId("cam"), "Gate", (profile,)), profile, SystemClock(), patience_s)


@pytest.mark.parametrize(("codec", "expected"), [("libx264", Codec.H264), ("libx265", Codec.H265)])
def test_codec_size_and_key_frames(make_clip: MakeClip, codec: str, expected: Codec):
    """What the stream has, and the seconds between its key frames."""
    facts = probed(f"file:{make_clip(codec=codec, gop=10)}")
    assert (facts.codec, facts.width, facts.height, facts.gop_s) == (expected, 320, 240, 0.4)
    assert not facts.has_b_frames
    assert not facts.has_audio


def test_b_frames_are_seen(make_clip: MakeClip):
    """Pictures that are not sent in the order in which they are shown."""
    assert probed(f"file:{make_clip(b_frames=2)}").has_b_frames


def test_a_look_ends(make_clip: MakeClip):
    """Without a second key frame in time there is no figure, and no waiting for one."""
    assert probed(f"file:{make_clip()}", patience_s=0.0).gop_s is None


def test_what_is_not_there():
    """The reason is the opener's."""
    with pytest.raises(StreamNotFound):
        probed("file:/nowhere.mp4")
