"""The RTSP client before whole cameras: every byte and time, sound, clocks, encryption, and cameras that mean ill."""

import datetime as dt
import ssl
import struct
from base64 import b64encode
from collections.abc import Iterator
from ipaddress import ip_address
from itertools import islice, pairwise
from pathlib import Path
from socket import create_server
from threading import Event, Thread
from time import monotonic

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ingest.annexb import nal_units
from ingest.audio import AudioCodec, AudioPacket
from ingest.av_decoder import AvDecoder
from ingest.camera import Camera, CameraId, Credential, StreamProfile, StreamRole, Transport
from ingest.clock import SystemClock
from ingest.errors import AddressRefused, CredentialsRefused, SourceTimeout, StreamBroken, StreamChanged
from ingest.mask import NO_MASKS, CurrentMasks
from ingest.packet import Codec, Packet
from ingest.rtsp_source import RtspOpener, RtspSource
from ingest.settings import IngestSettings
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_file import read_clip
from ingest.virtual_camera.thread import VirtualCameraThread
from tests.conftest import MakeClip
from tests.fakes.rtsp_camera import AAC_MEDIA, H264_MEDIA, RtspCamera, Shot
from tests.ingest.test_rtsp_source import shots

SETTINGS = IngestSettings(allow_loopback=True, open_timeout_s=1, read_timeout_s=2)
LOGIN = Credential("操作员", 'p@ss:w"/1')


def dial(
    address: str,
    transport: Transport = Transport.TCP,
    credential: Credential | None = None,
    settings: IngestSettings = SETTINGS,
) -> RtspSource:
    """Opens a camera's only stream."""
    profile = StreamProfile(StreamRole.MAIN, address, transport)
    camera = Camera(CameraId("cam"), "Gate", (profile,), credential)
    return RtspOpener(settings, SystemClock()).open(camera, profile, 1)


def take(source: RtspSource, count: int) -> list[Packet]:
    """The first pictures; hangs up then."""
    packets = list(islice((packet for packet in source.packets() if isinstance(packet, Packet)), count))
    source.close()
    return packets


@pytest.mark.parametrize("transport", Transport)
@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_a_camera_s_own_bytes_arrive(make_clip: MakeClip, codec: str, transport: Transport) -> None:
    """Every picture of our virtual camera, logged in with Digest, bit by bit and without a loss."""
    clip = read_clip(make_clip(codec=codec, size=(640, 360), seconds=1.0, gop=10))
    with VirtualCameraThread([VirtualCamera("gate", clip, credential=LOGIN)]) as server:
        source = dial(server.url("gate"), transport, LOGIN)
        assert (source.description.codec, source.description.width) == (clip.codec, 640)
        assert source.description.frame_rate == pytest.approx(25)
        packets = take(source, 30)
        offset_s = source.clock_offset_s
    sent = {nal for unit in clip.units for nal in unit.nal_units}
    received = [packet.data[unit.start : unit.end] for packet in packets for unit in nal_units(clip.codec, packet.data)]
    assert set(received) <= sent
    assert {later.dts - earlier.dts for earlier, later in pairwise(packets)} == {3600}
    assert source.take_drops() == {}
    assert offset_s == pytest.approx(0, abs=0.5)


def test_b_frames_keep_their_times_and_decode(make_clip: MakeClip) -> None:
    """RTP tells when a picture is shown; when it is decoded is found out."""
    clip = read_clip(make_clip(b_frames=2, seconds=1.0, gop=25))
    assert any(unit.pts != unit.due for unit in clip.units)
    with VirtualCameraThread([VirtualCamera("gate", clip)]) as server:
        packets = take(dial(server.url("gate")), 45)
    assert all(later.dts > earlier.dts for earlier, later in pairwise(packets))
    first = next(index for index, packet in enumerate(packets) if packet.is_keyframe)
    decoder = AvDecoder(CurrentMasks(NO_MASKS))
    times = [frame.media_time_s for packet in packets[first:] for frame in decoder.decode(packet)]
    assert decoder.failed_count == 0
    assert {round(later - earlier, 3) for earlier, later in pairwise(times)} == {0.04}


def test_a_picture_is_there_when_its_last_packet_is(make_clip: MakeClip) -> None:
    """The next one need not begin first: of a camera that sent a single picture it is seen."""
    with RtspCamera(shots(make_clip)[:1]) as camera:
        source = dial(camera.address)
        assert next(source.packets()).is_keyframe
        source.close()


def test_sound_comes_beside_the_picture_on_the_same_time(make_clip: MakeClip) -> None:
    """AAC units with their configuration; their times run with the picture's, whatever the camera's numbers are."""
    sounds = [Shot(b"\0\x10\0\x40" + b"soundbit", 3_000_000 + 1024 * index) for index in range(40)]
    with RtspCamera(shots(make_clip), media=H264_MEDIA + AAC_MEDIA, sounds=sounds) as camera:
        source = dial(camera.address)
        items = list(islice((item for item in source.packets() if item is not None), 50))
        source.close()
    audio = source.description.audio
    assert audio is not None
    assert (audio.codec, audio.clock_rate, audio.config) == (AudioCodec.AAC, 16_000, b"\x14\x08")
    heard = [item for item in items if isinstance(item, AudioPacket)]
    seen = [item for item in items if isinstance(item, Packet)]
    assert len(heard) > 15
    assert {packet.data for packet in heard} == {b"soundbit"}
    assert [later.pts - earlier.pts for earlier, later in pairwise(heard)] == [1024] * (len(heard) - 1)
    assert float(heard[0].pts * heard[0].time_base) == pytest.approx(seen[0].media_time_s, abs=0.5)


@pytest.mark.parametrize(("told_s", "lead_s"), [(0.5, 0.5), (60.0, 0.0)])
def test_the_camera_s_own_clock_brings_sound_and_picture_together(
    make_clip: MakeClip, told_s: float, lead_s: float
) -> None:
    """Its sender reports say how far apart they are; one that says nonsense is not believed."""
    seconds = 3_900_000_000
    seen = struct.pack("!BBHIIIIII", 0x80, 200, 6, 96, seconds, 0, 0, 0, 0)
    apart = int(told_s * 65536) << 16
    heard = struct.pack("!BBHIIIIII", 0x80, 200, 6, 97, seconds + (apart >> 32), apart & 0xFFFFFFFF, 777, 0, 0)
    sounds = [Shot(b"\0\x10\0\x40" + b"soundbit", 777)]
    reports = [(1, seen), (3, heard)]
    with RtspCamera(shots(make_clip), media=H264_MEDIA + AAC_MEDIA, sounds=sounds, reports=reports) as camera:
        source = dial(camera.address)
        packet = next(item for item in source.packets() if isinstance(item, AudioPacket))
        source.close()
    assert float(packet.pts * packet.time_base) == pytest.approx(lead_s, abs=0.15)


def test_no_descriptor_is_left_open(make_clip: MakeClip) -> None:
    """Whether a camera was read or failed on the way."""
    with RtspCamera(shots(make_clip)) as camera, RtspCamera(answers={"PLAY": "500 Error"}) as broken:
        take(dial(camera.address), 3)
        before = psutil.Process().num_fds()
        for transport in (*Transport, *Transport):
            take(dial(camera.address, transport), 3)
            with pytest.raises(StreamBroken):
                dial(broken.address, transport)
        assert psutil.Process().num_fds() <= before + 2  # the fakes' own connections


def test_a_camera_that_gives_no_sound_is_seen(make_clip: MakeClip) -> None:
    """What is announced and cannot be set up is left out."""
    only_number = "m=audio 0 RTP/AVP 0\r\na=control:trackID=9\r\n"
    with RtspCamera(shots(make_clip), media=H264_MEDIA + only_number, refused_track="trackID=9") as camera:
        source = dial(camera.address)
        assert source.description.audio is None
        assert len(take(source, 5)) == 5


def test_a_camera_whose_description_is_old_is_believed_by_its_pictures(make_clip: MakeClip) -> None:
    """Its first key frame shows another size: the epoch ends, and the next one is described rightly."""
    before, now = shots(make_clip, size=(128, 64)), shots(make_clip)
    sets = [b64encode(before[0].data[unit.start : unit.end]) for unit in nal_units(Codec.H264, before[0].data)][:2]
    media = H264_MEDIA + f"a=fmtp:96 sprop-parameter-sets={b','.join(sets).decode()}\r\n"
    opener = RtspOpener(SETTINGS, SystemClock())
    with RtspCamera([*now[20:], *now], media=media) as camera:
        profile = StreamProfile(StreamRole.MAIN, camera.address)
        source = opener.open(Camera(CameraId("cam"), "Gate", (profile,)), profile, 1)
        assert source.description.width == 128
        with pytest.raises(StreamChanged, match="announces 128x64 and shows 96x96"):
            list(source.packets())
        source.close()
        source = opener.open(Camera(CameraId("cam"), "Gate", (profile,)), profile, 2)
        assert source.description.width == 96
        source.close()


def test_a_redirection_is_not_followed() -> None:
    """No other host is dialled, nor does it see the credential, without somebody entering it."""
    with RtspCamera(answers={"DESCRIBE": "302 Found"}) as camera, pytest.raises(AddressRefused):
        dial(camera.address, credential=LOGIN)


def test_a_wrong_password_is_tried_once() -> None:
    """Cameras lock accounts: one request without it, one with it."""
    with RtspCamera(login=("admin", "right")) as camera, pytest.raises(CredentialsRefused):
        dial(camera.address, credential=Credential("admin", "wrong"))
    assert [request.split()[0] for request in camera.requests] == ["OPTIONS", "DESCRIBE", "DESCRIBE"]


def dripping(stop: Event, drip: bytes) -> Iterator[str]:
    """A device that answers a byte at a time; yields its address."""

    def serve() -> None:
        client, _ = listener.accept()
        with client:
            while not stop.wait(0.05):
                try:
                    client.sendall(drip)
                except OSError:
                    return

    with create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"rtsp://127.0.0.1:{listener.getsockname()[1]}/live"
        stop.set()
        thread.join(2)


@pytest.mark.parametrize("drip", [b"R", b"X-Endless: 1\r\n"])
def test_a_camera_that_drips_costs_the_open_time_out(drip: bytes) -> None:
    """Neither a byte now and then nor endless headers keep a thread."""
    begun = monotonic()
    for address in dripping(Event(), drip):
        with pytest.raises((SourceTimeout, StreamBroken)):
            dial(address)
    assert monotonic() - begun < 3


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate that it signed itself, as cameras have them."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "camera")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "camera.pem"
    encoding = serialization.Encoding.PEM
    secret = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + made.public_bytes(encoding))
    return path


def test_rtsps_is_read_from_a_camera_that_is_trusted(make_clip: MakeClip, certificate: Path) -> None:
    """A stranger's certificate is refused, unless it was given to us, or nobody asks."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    trusting = (SETTINGS.model_copy(update=change) for change in ({"tls_ca_file": certificate}, {"tls_verify": False}))
    with RtspCamera(shots(make_clip), tls=context) as camera:
        with pytest.raises(StreamBroken, match="certificate"):
            dial(camera.address)
        for settings in trusting:
            assert len(take(dial(camera.address, Transport.UDP, settings=settings), 10)) == 10
