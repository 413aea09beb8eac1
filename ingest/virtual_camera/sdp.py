"""The session description of one stream (RFC 4566; H.264: RFC 6184 clause 8.2, H.265: RFC 7798 clause 7.2)."""

from base64 import b64encode
from collections.abc import Iterable

from ingest.packet import Codec
from ingest.virtual_camera.clip import CLOCK_RATE, Clip
from ingest.virtual_camera.rtp import PAYLOAD_TYPE

TRACK = "trackID=0"
"""The control address of the one track, relative to the presentation."""


def describe(name: str, clip: Clip, host: str) -> bytes:
    """The SDP of a live stream: no end, no seeking, one video track. `name` must be free of line breaks."""
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
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


def _format_parameters(clip: Clip) -> str:
    sets = clip.parameter_sets
    if clip.codec is Codec.H264:
        sprop = _base64(sets.sps + sets.pps)
        return f"packetization-mode=1;profile-level-id={sets.profile_level_id};sprop-parameter-sets={sprop}"
    return f"sprop-vps={_base64(sets.vps)};sprop-sps={_base64(sets.sps)};sprop-pps={_base64(sets.pps)}"


def _base64(units: Iterable[bytes]) -> str:
    return ",".join(b64encode(unit).decode() for unit in units)
