"""The stream's address of a camera of which a spreadsheet tells the parts. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from ingest.address import dial_target
from ingest.errors import AddressRefused
from vms_api.ledger.field import folded

_PATHS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "hikvision": ("/Streaming/Channels/{channel}01", "/Streaming/Channels/{channel}02"),
        "dahua": ("/cam/realmonitor?channel={channel}&subtype=0", "/cam/realmonitor?channel={channel}&subtype=1"),
        "uniview": ("/media/video1", "/media/video2"),
    }
)
"""Main and sub stream as these makers document them; with a recorder between, channels count from 1."""
_MAKERS = MappingProxyType(
    {
        "hikvision": "hikvision",
        "海康威视": "hikvision",
        "海康": "hikvision",
        "dahua": "dahua",
        "大华": "dahua",
        "大华股份": "dahua",
        "uniview": "uniview",
        "宇视": "uniview",
        "宇视科技": "uniview",
    }
)


def composed(ip: str, port: int | None, path: str | None, vendor: str | None, channel: int) -> tuple[str, str | None]:
    """Main and sub stream address; empty where neither a path nor a maker whose paths are known is told."""
    root = f"rtsp://{ip}" if port in (None, 554) else f"rtsp://{ip}:{port}"
    if path:
        return f"{root}/{path.lstrip('/')}", None
    paths = _PATHS.get(_MAKERS.get(folded(vendor or ""), ""))
    if paths is None:
        return "", None
    main, sub = (root + text.format(channel=channel) for text in paths)
    return main, sub


def host_of(address: str | None) -> str | None:
    """The host of a camera's address."""
    try:
        return dial_target(address).host if address else None
    except AddressRefused:
        return None


def moved(address: str, ip: str) -> str:
    """The same stream on another host."""
    target = dial_target(address)
    port = "" if target.port == 554 else f":{target.port}"  # noqa: PLR2004 - the port of RTSP
    return f"{target.scheme}://{ip}{port}{target.target}"
