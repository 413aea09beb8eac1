"""What a camera says it will send: the session description (RFC 8866; RTSP's use of it: RFC 2326 appendix C)."""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ingest.audio import AudioCodec, AudioDescription
from ingest.errors import CodecRefused, NoVideo, StreamBroken
from ingest.packet import Codec
from ingest.rtsp.message import decimal
from ingest.rtsp.sound_payload import AacHeaderSizes

MAX_TRACKS = 8
"""A camera has a picture, sound, perhaps sound back and metadata."""

_MAX_LINES = 4096
_MAX_CHANNELS = 8
_MAX_FRAME_RATE = 240.0
_CLOCK_RATE = 90_000
_START_CODE = b"\x00\x00\x00\x01"
_VIDEO = {"h264": Codec.H264, "h265": Codec.H265, "hevc": Codec.H265, "jpeg": Codec.MJPEG}
_AUDIO = {
    "mpeg4-generic": AudioCodec.AAC,
    "pcma": AudioCodec.PCMA,
    "pcmu": AudioCodec.PCMU,
    "opus": AudioCodec.OPUS,
}
# RFC 3551 table 4 and 5: payload types that need no rtpmap.
_STATIC = {0: "PCMU/8000", 8: "PCMA/8000", 26: "JPEG/90000"}
_SETS = ("sprop-vps", "sprop-sps", "sprop-pps", "sprop-parameter-sets")


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """The picture. `extradata` holds the announced parameter sets in Annex B form, empty when there are none."""

    codec: Codec
    payload_type: int
    control: str
    frame_rate: float | None
    extradata: bytes = field(repr=False)
    clock_rate: int = _CLOCK_RATE


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """The sound."""

    description: AudioDescription
    payload_type: int
    control: str
    aac_sizes: AacHeaderSizes = field(default_factory=AacHeaderSizes)


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """The tracks that are taken, and the address that controls all of them together ("" for none)."""

    video: VideoTrack
    audio: AudioTrack | None
    control: str


@dataclass(slots=True)
class _Media:
    kind: str
    payload_type: int | None
    attributes: dict[str, str] = field(default_factory=dict)
    maps: dict[int, str] = field(default_factory=dict)
    formats: dict[int, str] = field(default_factory=dict)

    @property
    def encoding(self) -> list[str]:
        """Name, clock rate and channels of the media's first payload type."""
        payload_type = -1 if self.payload_type is None else self.payload_type
        return self.maps.get(payload_type, _STATIC.get(payload_type, "")).split("/")

    @property
    def parameters(self) -> Mapping[str, str]:
        """The format's parameters, names in lower case."""
        pairs = (pair.partition("=") for pair in self.formats.get(self.payload_type or 0, "").split(";"))
        return {name.strip().lower(): value.strip() for name, _, value in pairs}


def read_description(body: bytes) -> SessionDescription:
    """The first picture and the first sound whose codecs are let in.

    Raises:
        NoVideo: no track is announced as a picture.
        CodecRefused: none of the pictures has a codec that is let in.
        StreamBroken: more tracks or lines than a camera has.

    """
    session, media = _split(body)
    videos = [track for track in media if track.kind == "video"]
    if not videos:
        raise NoVideo("The stream carries no video.")
    video = next((track for track in map(_video, videos) if track), None)
    if video is None:
        names = ", ".join(sorted({_printable(track.encoding[0]) for track in videos}))
        raise CodecRefused(f"The video codec {names} is not among {', '.join(Codec)}, or in a form that is not taken.")
    sounds = (track for track in media if track.kind == "audio" and "sendonly" not in track.attributes)
    audio = next((track for track in map(_audio, sounds) if track), None)
    return SessionDescription(video, audio, session.attributes.get("control", ""))


def _split(body: bytes) -> tuple[_Media, list[_Media]]:
    lines = body.decode("utf-8", "replace").splitlines()
    if len(lines) > _MAX_LINES:
        raise StreamBroken("The camera's session description has too many lines.")
    session = _Media("session", None)
    media: list[_Media] = []
    for line in lines:
        kind, _, value = line.partition("=")
        if kind == "m":
            media.append(_read_media(value))
            if len(media) > MAX_TRACKS:
                raise StreamBroken(f"The camera announces more than {MAX_TRACKS} tracks.")
        elif kind == "a":
            _read_attribute(media[-1] if media else session, value)
    return session, media


def _read_media(value: str) -> _Media:
    words = value.split()
    return _Media(words[0].lower() if words else "", decimal(words[3]) if len(words) > 3 else None)  # noqa: PLR2004


def _read_attribute(media: _Media, value: str) -> None:
    name, _, rest = value.partition(":")
    name = name.strip().lower()
    if name in {"rtpmap", "fmtp"}:
        number, _, text = rest.strip().partition(" ")
        payload_type = decimal(number)
        if payload_type is not None:
            (media.maps if name == "rtpmap" else media.formats)[payload_type] = text.strip()
    else:
        media.attributes.setdefault(name, rest.strip())


def _video(media: _Media) -> VideoTrack | None:
    codec = _VIDEO.get(media.encoding[0].lower())
    if codec is None or media.payload_type is None or _is_interleaved(codec, media.parameters):
        return None
    return VideoTrack(
        codec,
        media.payload_type,
        media.attributes.get("control", ""),
        _frame_rate(media.attributes.get("framerate", "")),
        b"" if codec is Codec.MJPEG else _parameter_sets(media.parameters),
        _number(media.encoding, 1) or _CLOCK_RATE,
    )


def _is_interleaved(codec: Codec, parameters: Mapping[str, str]) -> bool:
    """Units sent in another order than they are decoded in, which no camera does (RFC 6184 8.1, RFC 7798 7.1)."""
    if codec is Codec.H264:
        return parameters.get("packetization-mode") == "2"
    return codec is Codec.H265 and parameters.get("sprop-max-don-diff", "0") != "0"


def _audio(media: _Media) -> AudioTrack | None:
    codec = _AUDIO.get(media.encoding[0].lower())
    clock_rate = _number(media.encoding, 1)
    channels = _number(media.encoding, 2) or 1
    if codec is None or media.payload_type is None or not clock_rate or channels > _MAX_CHANNELS:
        return None
    config, sizes = b"", AacHeaderSizes()
    if codec is AudioCodec.AAC:
        config = _hexadecimal(media.parameters.get("config", ""))
        sizes = _aac_sizes(media.parameters)
        if not config or sizes.size == 0 or media.parameters.get("mode", "").lower() not in {"aac-hbr", "aac-lbr"}:
            return None
    description = AudioDescription(codec, clock_rate, channels, config)
    return AudioTrack(description, media.payload_type, media.attributes.get("control", ""), sizes)


def _aac_sizes(parameters: Mapping[str, str]) -> AacHeaderSizes:
    """RFC 3640 clause 4.1: a field that is not named has no bits."""
    sizes = (decimal(parameters.get(name, "0")) or 0 for name in ("sizelength", "indexlength", "indexdeltalength"))
    return AacHeaderSizes(*(min(size, 32) for size in sizes))


def _parameter_sets(parameters: Mapping[str, str]) -> bytes:
    """The announced sets (RFC 6184 clause 8.1, RFC 7798 clause 7.1); those that are damaged are left out."""
    return b"".join(_START_CODE + unit for unit in _decoded(parameters.get(name, "") for name in _SETS))


def _decoded(lists: Iterable[str]) -> Iterable[bytes]:
    for text in ",".join(lists).split(","):
        try:
            unit = b64decode(text.strip() + "=" * (-len(text.strip()) % 4)).rstrip(b"\x00")
        except (Base64Error, ValueError):
            continue
        if unit:
            yield unit


def _hexadecimal(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def _frame_rate(text: str) -> float | None:
    try:
        rate = float(text)
    except ValueError:
        return None
    return rate if 0 < rate <= _MAX_FRAME_RATE else None


def _number(words: list[str], index: int) -> int:
    return (decimal(words[index]) or 0) if len(words) > index else 0


def _printable(name: str) -> str:
    """A name that is safe to show: it is the camera's."""
    kept = "".join(letter for letter in name[:24] if letter.isascii() and (letter.isalnum() or letter in "-._"))
    return kept or "without a name"
