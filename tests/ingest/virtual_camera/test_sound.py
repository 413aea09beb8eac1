"""Sound beside the picture."""

import math
import time
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.audio import AudioCodec, AudioDescription
from ingest.rtp_payloads import aac_payload
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.clip_file import read_sound
from ingest.virtual_camera.fault import Fault, FaultKind
from ingest.virtual_camera.scheduled_faults import ScheduledFaults
from ingest.virtual_camera.sdp import SOUND_TRACK
from ingest.virtual_camera.sound import tone
from ingest.virtual_camera.thread import VirtualCameraThread
from tests.ingest.virtual_camera.rtsp_client import TCP, RtspClient

SOUND_TCP = "RTP/AVP/TCP;unicast;interleaved=2-3"


def a_law_value(code: int) -> int:
    """ITU-T G.711, decoding: the 16-bit sample of a code."""
    code ^= 0x55
    step, segment = code & 0xF, code >> 4 & 7
    magnitude = (step << 4) + 8 if segment == 0 else (step << 4) + 0x108 << segment - 1
    return magnitude if code & 0x80 else -magnitude


def mu_law_value(code: int) -> int:
    """ITU-T G.711, decoding: the 16-bit sample of a code."""
    code = ~code & 0xFF
    magnitude = (((code & 0xF) << 3) + 0x84 << (code >> 4 & 7)) - 0x84
    return -magnitude if code & 0x80 else magnitude


@pytest.mark.parametrize(("codec", "value"), [(AudioCodec.PCMA, a_law_value), (AudioCodec.PCMU, mu_law_value)])
def test_the_tone_is_a_sine(codec: AudioCodec, value: object):
    """Decoded by the book it is the tone again, within the steps of G.711, and loops without a click."""
    sound = tone(codec, 400)
    samples = [value(code) for unit in sound.units for block in unit.nal_units for code in block]
    assert len(samples) == 8000
    worst = max(abs(s - 8000 * math.sin(2 * math.pi * 400 * n / 8000)) for n, s in enumerate(samples))
    assert worst <= 300
    assert sound.units[1].due == 1800


def test_a_tone_is_g711_only():
    """Other codecs need an encoder."""
    with pytest.raises(ValueError, match="aac"):
        tone(AudioCodec.AAC)


def test_aac_of_a_file_is_passed_through(footage_dir: Path):
    """Its description is the file's own, and it lasts as long as the pictures."""
    sound = read_sound(footage_dir / "car-park.mp4")
    assert sound is not None
    assert sound.description == AudioDescription(AudioCodec.AAC, 48_000, 2, bytes.fromhex("1190"))
    assert sound.duration == pytest.approx(30.16 * 90_000)
    assert len(sound.units) == pytest.approx(30.16 * 48_000 / 1024, abs=2)


def test_a_file_without_sound_has_none(h265_file: Path):
    """That is no error."""
    assert read_sound(h265_file) is None


def test_an_aac_unit_has_its_header():
    """RFC 3640: 16 bits of header, 13 of them the size."""
    assert aac_payload(b"x" * 300) == b"\x00\x10" + (300 << 3).to_bytes(2, "big") + b"x" * 300


def test_sound_is_a_track_of_its_own(loop_clip: Clip):
    """It is described, set up beside the picture, and comes on its own channel with its own clock."""
    with (
        VirtualCameraThread([VirtualCamera("gate", loop_clip, sound=tone())]) as server,
        RtspClient(server.url("gate")) as client,
    ):
        described = client.ask("DESCRIBE").body.decode()
        assert client.ask("SETUP", f"{client.url}/{SOUND_TRACK}", Transport=SOUND_TCP).status == 200
        played = client.play(TCP)
        heard = [data for channel, data in (client.packet() for _ in range(60)) if channel == 2]
    assert "m=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n" in described
    assert played.headers["rtp-info"].count("url=") == 2
    stamps = [int.from_bytes(data[4:8]) for data in heard]
    assert {(after - before) % 2**32 for before, after in pairwise(stamps)} == {160}
    assert {data[1] for data in heard} == {8}
    assert {len(data) for data in heard} == {172}


def test_sound_may_appear_later(loop_clip: Clip):
    """While the fault holds the description is silent about it."""
    faults = ScheduledFaults([Fault(0, FaultKind.NO_SOUND, 0.4)])
    camera = VirtualCamera("gate", loop_clip, sound=tone(), faults=faults)
    with VirtualCameraThread([camera]) as server, RtspClient(server.url("gate")) as client:
        seen, deadline_s = [], time.monotonic() + 10
        while not seen or (b"m=audio" not in seen[-1] and time.monotonic() < deadline_s):
            seen.append(client.ask("DESCRIBE").body)
    assert b"m=audio" not in seen[0]
    assert b"m=audio" in seen[-1]
