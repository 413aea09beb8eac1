"""How a stream differs from how it is wanted. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from ingest.onvif.messages import VideoSettings
from ingest.packet import Codec
from vms_api.cameras.health import StreamHealth
from vms_api.care.device import StreamSettings

TOLERANCE: Mapping[str, float] = MappingProxyType({"fps": 0.1, "bitrate_kbps": 0.2, "gop_s": 0.25})
"""By how much of its expected value a rate may differ before it counts; codec and size are the same or not."""


def drift(expected: StreamSettings | None, actual: StreamSettings | None) -> list[str]:
    """The names of what differs; what is not known of either does not."""
    if expected is None or actual is None:
        return []
    pairs = ((name, getattr(expected, name), getattr(actual, name)) for name in StreamSettings.model_fields)
    return [name for name, wanted, found in pairs if _differs(name, wanted, found)]


def _differs(name: str, wanted: str | float | None, found: str | float | None) -> bool:
    if wanted is None or found is None:
        return False
    if isinstance(wanted, str) or isinstance(found, str):
        return wanted != found
    return abs(found - wanted) > TOLERANCE.get(name, 0.0) * abs(wanted)


def actual_settings(told: VideoSettings | None, seen: StreamHealth | None) -> StreamSettings:
    """A stream's settings: what was seen of it goes before what the device tells (Media 1 cannot say H.265).

    Rates are those that are set: what comes varies with the scene.
    """
    settings = _told(told)
    if seen is None or seen.codec is None:
        return settings
    return settings.model_copy(
        update={
            "codec": seen.codec,
            "width": seen.width or settings.width,
            "height": seen.height or settings.height,
            "fps": settings.fps or seen.frame_rate,
        }
    )


_CODECS = MappingProxyType({"H264": Codec.H264, "H265": Codec.H265, "JPEG": Codec.MJPEG})


def _told(told: VideoSettings | None) -> StreamSettings:
    if told is None:
        return StreamSettings()
    gop_s = round(told.gop_frames / told.frame_rate, 2) if told.gop_frames and told.frame_rate else None
    return StreamSettings(
        codec=_CODECS.get(told.codec),
        width=told.width or None,
        height=told.height or None,
        fps=told.frame_rate,
        bitrate_kbps=told.bitrate_kbps,
        gop_s=gop_s,
    )
