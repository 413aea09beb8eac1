"""RTSP cameras that refuse, hang, change or lie."""

import socket
import traceback
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING

import pytest

from ingest.av_decoder import AvDecoder
from ingest.camera import Camera, CameraId, Credential, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.errors import (
    AddressRefused,
    CodecRefused,
    CredentialsRefused,
    HostRefused,
    HostUnresolved,
    IngestError,
    NoVideo,
    SourceTimeout,
    StreamBroken,
    StreamChanged,
    StreamNotFound,
    TimestampsJumped,
)
from ingest.file_source import FileOpener
from ingest.mask import NO_MASKS, CurrentMasks
from ingest.packet import Codec
from ingest.rtsp_source import RtspOpener, RtspSource
from ingest.settings import IngestSettings
from tests.conftest import MakeClip
from tests.fakes.rtsp_camera import AUDIO_MEDIA, VP8_MEDIA, RtspCamera, Shot
from tests.fakes.rtsp_server import RtspServerThread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ingest.packet import Packet

SETTINGS = IngestSettings(allow_loopback=True, open_timeout_s=1, read_timeout_s=2)
PASSWORD = "CANARY p@ss:w/rd%"


def dial(address: str, credential: Credential | None = None, settings: IngestSettings = SETTINGS) -> RtspSource:
    """Opens a camera's only stream."""
    profile = StreamProfile(StreamRole.MAIN, address)
    camera = Camera(CameraId("cam"), "Gate", (profile,), credential)
    return RtspOpener(settings, SystemClock()).open(camera, profile, 1)


def shots(make_clip: MakeClip, start: int = 0, **options: object) -> list[Shot]:
    """A tiny clip as a camera would send it, 25 pictures a second from the RTP time `start`."""
    profile = StreamProfile(StreamRole.MAIN, f"file:{make_clip(**{'size': (96, 96), 'seconds': 2.0, **options})}")
    source = FileOpener(SystemClock(), realtime=False).open(Camera(CameraId("c"), "c", (profile,)), profile, 1)
    packets: Iterator[Packet] = (packet for packet in source.packets() if packet is not None)
    made = [Shot(packet.data, start + index * 3600, 0.01) for index, packet in enumerate(islice(packets, 50))]
    source.close()
    return made


@pytest.mark.parametrize(
    ("answers", "media", "error"),
    [
        ({"DESCRIBE": "404 Not Found"}, "", StreamNotFound),
        ({"DESCRIBE": "403 Forbidden"}, "", CredentialsRefused),
        ({"DESCRIBE": "453 Not Enough Bandwidth"}, "", StreamBroken),
        ({"DESCRIBE": "500 Internal Error"}, "", StreamBroken),
        ({}, "", NoVideo),
        ({}, AUDIO_MEDIA, NoVideo),
        ({}, VP8_MEDIA, CodecRefused),
    ],
)
def test_each_refusal_has_its_own_error(answers: dict[str, str], media: str, error: type[IngestError]) -> None:
    """What a technician must do differs, so the errors differ."""
    with RtspCamera(answers=answers, media=media) as camera, pytest.raises(error):
        dial(camera.address)


def test_nobody_there_is_told_from_no_name() -> None:
    """A closed port is one thing, a name without an address another."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(HostRefused):
        dial(f"rtsp://127.0.0.1:{port}/live")
    with pytest.raises(HostUnresolved):
        dial("rtsp://no-such-camera.invalid/live")


def test_a_silent_host_costs_the_open_time_out_and_no_more() -> None:
    """A device that accepts and says nothing ends as a time-out, not as a hang."""
    begun = monotonic()
    with RtspCamera(is_mute=True) as camera, pytest.raises(SourceTimeout):
        dial(camera.address)
    assert monotonic() - begun < 3


def test_a_camera_that_describes_video_and_sends_none_times_out() -> None:
    """An open session without a picture is no stream."""
    with RtspCamera() as camera, pytest.raises(SourceTimeout):
        dial(camera.address)


def test_addresses_outside_the_policy_are_never_dialled() -> None:
    """Loopback is refused by default, and no request reaches the service there."""
    with RtspCamera() as camera:
        with pytest.raises(AddressRefused):
            dial(camera.address, settings=IngestSettings())
        assert camera.requests == []


def test_a_name_that_changes_its_address_is_dialled_where_it_was_checked(make_clip: MakeClip) -> None:
    """The host is resolved once; the answer that was checked is the one that is dialled (DNS rebinding)."""
    answers = [["127.0.0.1"], ["169.254.169.254"]]
    with RtspCamera(shots(make_clip)) as camera:
        profile = StreamProfile(StreamRole.MAIN, camera.address.replace("127.0.0.1", "camera.example"))
        opener = RtspOpener(SETTINGS, SystemClock(), resolve=lambda *_: answers.pop(0))
        source = opener.open(Camera(CameraId("cam"), "Gate", (profile,)), profile, 1)
        source.close()
    assert len(answers) == 1


def test_any_password_logs_in(make_clip: MakeClip) -> None:
    """Special characters survive the way through the dialled address to the camera's Digest check."""
    with RtspCamera(shots(make_clip), login=("op@r", PASSWORD)) as camera:
        source = dial(camera.address, Credential("op@r", PASSWORD))
        source.close()
    assert not any("CANARY" in request for request in camera.requests)


def test_a_wrong_password_is_refused_and_never_shown(capfd: pytest.CaptureFixture[str]) -> None:
    """Neither the error, nor its traceback and chain, nor any output hold the password."""
    with RtspCamera(login=("admin", "right")) as camera, pytest.raises(CredentialsRefused) as refused:
        dial(camera.address, Credential("admin", PASSWORD))
    told = "".join(traceback.format_exception(refused.value, chain=True)) + "".join(capfd.readouterr())
    assert "CANARY" not in told
    assert refused.value.__context__ is None


def test_a_pause_is_reported_and_then_reading_goes_on(make_clip: MakeClip) -> None:
    """While nothing comes there is a sign of life each second; the packets after the pause are all there."""
    sent = shots(make_clip)
    sent[40] = Shot(sent[40].data, sent[40].timestamp, wait_s=1.8)
    with RtspCamera(sent) as camera:
        source = dial(camera.address)
        seen = list(islice(source.packets(), 46))
        source.close()
    quiet = [index for index, packet in enumerate(seen) if packet is None]
    assert len(quiet) >= 1
    packets = [packet for packet in seen if packet is not None]
    assert [packet.sequence for packet in packets] == list(range(1, len(packets) + 1))
    assert len(packets) > quiet[0]


def test_a_stream_that_stops_times_out(make_clip: MakeClip) -> None:
    """Connected but without packets for the read time-out, the camera must be dialled anew."""
    with RtspCamera(shots(make_clip)) as camera:
        source = dial(camera.address)
        with pytest.raises(SourceTimeout):
            for _ in source.packets():
                pass
        source.close()


def test_another_picture_size_ends_the_epoch(make_clip: MakeClip) -> None:
    """A camera that is switched to another resolution is noticed at its next key frame."""
    sent = [*shots(make_clip), *shots(make_clip, start=50 * 3600, size=(128, 64))]
    with RtspCamera(sent) as camera:
        source = dial(camera.address)
        with pytest.raises(StreamChanged, match="96x96 to 128x64"):
            for _ in source.packets():
                pass
        source.close()


def test_a_clock_that_is_set_ends_the_epoch(make_clip: MakeClip) -> None:
    """An hour's jump in RTP time is not passed on."""
    sent = [*shots(make_clip), *shots(make_clip, start=50 * 3600 + 3600 * 90_000)]
    with RtspCamera(sent) as camera:
        source = dial(camera.address)
        with pytest.raises(TimestampsJumped):
            for _ in source.packets():
                pass
        source.close()


def test_the_rtp_clock_wraps_in_the_middle_of_a_stream(make_clip: MakeClip) -> None:
    """After 2^32 ticks the picture goes on without a seam."""
    with RtspCamera(shots(make_clip, start=(1 << 32) - 30 * 3600)) as camera:
        source = dial(camera.address)
        packets = list(islice((packet for packet in source.packets() if packet is not None), 45))
        source.close()
    assert packets[44].media_time_s - packets[0].media_time_s == pytest.approx(44 / 25, abs=0.05)


def test_an_h265_camera_is_read_from_somebody_elses_server(make_clip: MakeClip) -> None:
    """The other codec of today's cameras comes through with its parameter sets, and decodes."""
    clip = make_clip(codec="libx265", seconds=3.0)
    with RtspServerThread(clip.parent) as server:
        source = dial(f"{server.address}/{clip.name}", settings=IngestSettings(allow_loopback=True))
        packets = list(islice((packet for packet in source.packets() if packet is not None), 40))
        source.close()
    decoder = AvDecoder(CurrentMasks(NO_MASKS))
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    assert source.description.codec is Codec.H265
    assert len(frames) >= 30
    assert decoder.failed_count == 0
