"""The session description of one stream, with its sound where it has some.

RFC 4566; H.264: RFC 6184 clause 8.2, H.265: RFC 7798 clause 7.2, AAC: RFC 3640 clause 4.1.
"""

from base64 import b64encode
from collections.abc import Iterable

from ingest.audio import AudioCodec, AudioDescription
from ingest.packet import Codec
from ingest.virtual_camera.clip import CLOCK_RATE, Clip
from ingest.virtual_camera.rtp import PAYLOAD_TYPE, SOUND_PAYLOAD_TYPES
from ingest.virtual_camera.sound import Sound

TRACK = "trackID=0"
"""The control address of the picture's track, relative to the presentation."""

SOUND_TRACK = "trackID=1"
"""That of the sound's."""

_SOUND_NAMES = {
    AudioCodec.PCMU: "PCMU",
    AudioCodec.PCMA: "PCMA",
    AudioCodec.AAC: "mpeg4-generic",
    AudioCodec.OPUS: "opus",
}


def describe(name: str, clip: Clip, host: str, sound: Sound | None = None) -> bytes:
    """The SDP of a live stream: no end, no seeking. `name` must be free of line breaks."""
    lines = (
        "v=0",
        f"o=- 0 0 IN {'IP6' if ':' in host else 'IP4'} {host}",
        f"s={name}",
        "t=0 0",
        "a=control:*",
        "a=range:npt=now-",
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}",
        "c=IN IP4 0.0.0.0",
        f"b=AS:{clip.bitrate_bps // 1000 + 1}",
        f"a=rtpmap:{PAYLOAD_TYPE} {'H264' if clip.codec is Codec.H264 else 'H265'}/{CLOCK_RATE}",
        f"a=fmtp:{PAYLOAD_TYPE} {_format_parameters(clip)}",
        f"a=framerate:{clip.frame_rate:.5g}",
        f"a=control:{TRACK}",
        *(_sound_lines(sound.description) if sound else ()),
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


def _format_parameters(clip: Clip) -> str:
    sets = clip.parameter_sets
    if clip.codec is Codec.H264:
        sprop = _base64(sets.sps + sets.pps)
        return f"packetization-mode=1;profile-level-id={sets.profile_level_id};sprop-parameter-sets={sprop}"
    return f"sprop-vps={_base64(sets.vps)};sprop-sps={_base64(sets.sps)};sprop-pps={_base64(sets.pps)}"


def _sound_lines(described: AudioDescription) -> Iterable[str]:
    kind = SOUND_PAYLOAD_TYPES[described.codec]
    channels = f"/{described.channels}" if described.channels > 1 else ""
    yield f"m=audio 0 RTP/AVP {kind}"
    yield f"a=rtpmap:{kind} {_SOUND_NAMES[described.codec]}/{described.clock_rate}{channels}"
    if described.codec is AudioCodec.AAC:
        lengths = "sizelength=13;indexlength=3;indexdeltalength=3"
        yield f"a=fmtp:{kind} streamtype=5;profile-level-id=1;mode=AAC-hbr;{lengths};config={described.config.hex()}"
    yield f"a=control:{SOUND_TRACK}"


def _base64(units: Iterable[bytes]) -> str:
    return ",".join(b64encode(unit).decode() for unit in units)
