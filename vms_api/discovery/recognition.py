"""Which of the devices that were looked at are cameras of the site already. Pure."""

from collections.abc import Collection, Iterator, Sequence
from ipaddress import ip_address

from ingest.address import dial_target
from ingest.errors import AddressRefused
from vms_api.cameras.camera import CameraRecord
from vms_api.discovery.examination import Examined

_Place = tuple[str, int, str]


def recognised(row: Examined, cameras: Sequence[CameraRecord], managed: Collection[str] | None) -> Examined:
    """The row with the name of the camera that it is, if that is in an area of `managed` (None: all).

    Its picture is taken away if it is any camera of the site: that one may be masked, and who looks at it is asked for
    a purpose. A camera whose host is a name may be any device with its port and path.
    """
    streams = {place for stream in row.streams for place in _places(stream.address)}
    known = [camera for camera in cameras if not streams.isdisjoint(_streams(camera))]
    names = (camera.name for camera in known if managed is None or camera.area_id in managed)
    return row.model_copy(update={"known_as": next(names, None), "picture": None if known else row.picture})


def _streams(camera: CameraRecord) -> Iterator[_Place]:
    for address in (camera.address, camera.sub_address):
        if address:
            target = dial_target(address)
            yield target.host if _is_ip(target.host) else "", target.port, target.target


def _places(address: str) -> list[_Place]:
    """Where a stream is, and where it would be for a camera that is known by a host name."""
    try:
        target = dial_target(address)
    except AddressRefused:
        return []
    return [(target.host, target.port, target.target), ("", target.port, target.target)]


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
