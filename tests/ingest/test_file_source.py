"""Files played as cameras."""

from itertools import islice, pairwise
from pathlib import Path
from time import monotonic

import av
import pytest

from ingest.av_decoder import AvDecoder
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.errors import AddressRefused, CodecRefused, NoVideo, StreamBroken, StreamNotFound
from ingest.file_source import FileOpener, FileSource
from ingest.mask import NO_MASKS, CurrentMasks
from ingest.packet import Codec, Packet
from tests.conftest import MakeClip


def open_file(path: Path | str, **options: bool) -> FileSource:
    """Opens a file as a camera's main stream."""
    profile = StreamProfile(StreamRole.MAIN, f"file:{path}" if isinstance(path, Path) else path)
    opener = FileOpener(SystemClock(), **{"realtime": False, **options})
    return opener.open(Camera(CameraId("cam"), "Gate", (profile,)), profile, 1)


def take(source: FileSource, count: int) -> list[Packet]:
    """The first packets; the file is closed after them."""
    packets = list(islice((packet for packet in source.packets() if packet is not None), count))
    source.close()
    return packets


@pytest.mark.parametrize(
    ("encoder", "codec"), [("libx264", Codec.H264), ("libx265", Codec.H265), ("mjpeg", Codec.MJPEG)]
)
def test_every_allowed_codec_is_read_and_decoded(make_clip: MakeClip, encoder: str, codec: Codec) -> None:
    """From file to picture, with the square of the test clip where it was drawn."""
    source = open_file(make_clip(codec=encoder, seconds=1.0))
    assert source.description.codec is codec
    decoder = AvDecoder(CurrentMasks(NO_MASKS))
    frames = [frame for packet in take(source, 25) for frame in decoder.decode(packet)]
    assert len(frames) >= 20
    luma = frames[0].picture.luma()
    assert luma.shape == (240, 320)
    assert luma[90, 30] > 150
    assert luma[200, 200] < 100
    assert not luma.flags.writeable
    blue, green, red = frames[0].picture.bgr()[90, 30]
    assert min(blue, green, red) > 200


def test_a_loop_goes_on_in_time(make_clip: MakeClip) -> None:
    """At the end the file begins again, and its clock runs on without a seam."""
    packets = take(open_file(make_clip(seconds=1.0), loop=True), 70)
    assert {round((later.media_time_s - earlier.media_time_s) * 25) for earlier, later in pairwise(packets)} == {1}
    assert [packet.sequence for packet in packets if packet.is_keyframe] == [1, 26, 51]


def test_b_frames_keep_their_order(make_clip: MakeClip) -> None:
    """Pictures that are decoded before they are shown pass with both times, also through a loop."""
    packets = take(open_file(make_clip(seconds=1.0, b_frames=2), loop=True), 60)
    assert any(later.pts < earlier.pts for earlier, later in pairwise(packets))
    assert all(later.dts > earlier.dts for earlier, later in pairwise(packets))
    decoder = AvDecoder(CurrentMasks(NO_MASKS))
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    assert [frame.media_time_s for frame in frames] == sorted(frame.media_time_s for frame in frames)


def test_real_time_is_kept(make_clip: MakeClip) -> None:
    """Half a second of video takes half a second."""
    source, begun = open_file(make_clip(), realtime=True), monotonic()
    take(source, 13)
    assert 0.45 <= monotonic() - begun < 1.5


def test_files_that_are_no_camera_are_told_apart(tmp_path: Path) -> None:
    """No such file, no video file, no video in it, another codec, no file address at all."""
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(StreamNotFound):
        open_file(tmp_path / "gone.mp4")
    with pytest.raises(StreamBroken):
        open_file(tmp_path / "text.mp4")
    with pytest.raises(NoVideo):
        open_file(write_sound(tmp_path / "sound.wav"))
    with pytest.raises(CodecRefused, match="mpeg4"):
        open_file(write_mpeg4(tmp_path / "old.mp4"))
    with pytest.raises(AddressRefused):
        open_file("rtsp://10.0.0.5/live")


@pytest.mark.footage
@pytest.mark.parametrize("name", ["town-square.mp4", "car-park.mp4"])
def test_real_footage_decodes_whole(footage_dir: Path, name: str) -> None:
    """Every packet of the first ten seconds gives its picture, undamaged."""
    packets = take(open_file(footage_dir / name), 100)
    decoder = AvDecoder(CurrentMasks(NO_MASKS))
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    assert (len(frames), decoder.failed_count) == (100, 0)


def write_sound(path: Path) -> Path:
    """A second of silence."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame(format="s16", layout="mono", samples=8000)
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    return path


def write_mpeg4(path: Path) -> Path:
    """One picture in a codec that is not allowed."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))
    return path
