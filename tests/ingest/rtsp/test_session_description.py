"""Session descriptions of cameras, good and bad."""

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.audio import AudioCodec
from ingest.errors import CodecRefused, IngestError, NoVideo, StreamBroken
from ingest.packet import Codec
from ingest.rtsp.handshake import resolve
from ingest.rtsp.session_description import read_description
from ingest.rtsp.sound_payload import AacHeaderSizes

SPS, PPS, VPS = b"\x67sps", b"\x68pps", b"\x40\1vps"
H264 = (
    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=1\r\na=framerate:12.5\r\n"
    f"a=fmtp:96 packetization-mode=1; sprop-parameter-sets={b64encode(SPS).decode()},{b64encode(PPS).decode()}\r\n"
)


def sdp(*media: str) -> bytes:
    """A session description with these media."""
    return ("v=0\r\no=- 0 0 IN IP4 10.0.0.5\r\ns=x\r\nt=0 0\r\na=control:*\r\n" + "".join(media)).encode()


def test_a_camera_with_picture_and_sound() -> None:
    """The first of each that is let in, with all that a decoder must know."""
    sound = (
        "m=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/16000/1\r\na=control:trackID=2\r\n"
        "a=fmtp:97 streamtype=5;mode=AAC-hbr;config=1408;SizeLength=13;IndexLength=3;IndexDeltaLength=3;\r\n"
    )
    described = read_description(sdp(H264, sound, "m=application 0 RTP/AVP 107\r\n"))
    video, audio = described.video, described.audio
    assert (video.codec, video.payload_type, video.control) == (Codec.H264, 96, "trackID=1")
    assert (video.frame_rate, video.extradata) == (12.5, b"\0\0\0\1" + SPS + b"\0\0\0\1" + PPS)
    assert audio is not None
    assert (audio.description.codec, audio.description.clock_rate) == (AudioCodec.AAC, 16_000)
    assert (audio.description.config, audio.aac_sizes) == (b"\x14\x08", AacHeaderSizes())


def test_h265_and_a_payload_type_that_needs_no_map() -> None:
    """All three sets in their order; G.711 by its number alone."""
    video = (
        "m=video 0 RTP/AVP 98\na=rtpmap:98 H265/90000\n"
        f"a=fmtp:98 sprop-sps={b64encode(SPS).decode()};sprop-vps={b64encode(VPS).decode()}\n"
    )
    described = read_description(sdp(video, "m=audio 0 RTP/AVP 8\n"))
    assert (described.video.codec, described.video.extradata) == (Codec.H265, b"\0\0\0\1" + VPS + b"\0\0\0\1" + SPS)
    assert described.audio is not None
    assert (described.audio.description.codec, described.audio.description.clock_rate) == (AudioCodec.PCMA, 8000)


@pytest.mark.parametrize(
    ("media", "error"),
    [
        ([], NoVideo),
        (["m=audio 0 RTP/AVP 0\r\n"], NoVideo),
        (["m=video 0 RTP/AVP 96\r\na=rtpmap:96 VP9/90000\r\n"], CodecRefused),
        (["m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=2\r\n"], CodecRefused),
        ([H264] * 9, StreamBroken),
        ([H264, "a=x\r\n" * 5000], StreamBroken),
    ],
)
def test_what_is_not_taken(media: list[str], error: type[IngestError]) -> None:
    """Each for its own reason."""
    with pytest.raises(error):
        read_description(sdp(*media))


def test_a_codec_s_name_is_shown_only_as_far_as_it_is_safe() -> None:
    """It is the camera's text, and ends in a log and on a page."""
    with pytest.raises(CodecRefused, match="codec scriptx is"):
        read_description(sdp("m=video 0 RTP/AVP 96\r\na=rtpmap:96 <script>\tx/90000\r\n"))


@pytest.mark.parametrize("sound", ["m=audio 0 RTP/AVP 97\r\na=rtpmap:97 MP4A-LATM/16000\r\n", "m=audio\r\n"])
def test_sound_that_is_not_taken_costs_no_picture(sound: str) -> None:
    """The stream is then without sound."""
    assert read_description(sdp(H264, sound)).audio is None


@given(st.binary(max_size=200), st.text(max_size=100))
def test_garbage_is_refused_and_nothing_else(data: bytes, text: str) -> None:
    """Never another error than ours."""
    for body in (data, sdp(text), sdp(H264, f"a=fmtp:96 {text}\r\n"), sdp(f"m=video {text}\r\n", H264)):
        try:
            read_description(body)
        except IngestError:
            continue


@pytest.mark.parametrize(
    ("base", "control", "uri"),
    [
        ("rtsp://h/live/", "*", "rtsp://h/live/"),
        ("rtsp://h/live", "", "rtsp://h/live"),
        ("rtsp://h/live/", "trackID=1", "rtsp://h/live/trackID=1"),
        ("rtsp://h/live?a=b", "trackID=1", "rtsp://h/live?a=b/trackID=1"),
        ("rtsp://h/live", "rtsp://10.9.9.9/other", "rtsp://10.9.9.9/other"),
    ],
)
def test_tracks_have_addresses(base: str, control: str, uri: str) -> None:
    """Relative ones are appended; absolute ones are repeated to the camera as they are."""
    assert resolve(base, control) == uri


def test_an_address_cannot_smuggle_a_header() -> None:
    """Blanks and control characters are refused."""
    with pytest.raises(StreamBroken):
        resolve("rtsp://h/", "x RTSP/1.0\x0bX: y")
