"""By what a row of a spreadsheet is recognised as a camera that is there already. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from vms_api.accounts.account import name_key
from vms_api.cameras.camera import CameraRecord
from vms_api.ledger.ledger import NO_LEDGER, LedgerRecord, Values
from vms_api.ledger.stream_address import host_of

Key = tuple[str, ...]
"""What identifies a camera: the field that says so first, then its value."""


def keys_of(values: Values, address: str | None) -> Iterator[Key]:
    """The keys of a camera with this ledger and stream address. The strongest comes first."""
    for field in ("national_code", "serial"):
        if value := values.get(field):
            yield field, name_key(str(value))
    ip, channel = values.get("ipv4"), values.get("channel")
    if address:
        yield "stream_address", address
    if ip and (channel or not address):  # the host of an address alone is none: a recorder has many cameras behind one
        yield "ipv4", str(ip), str(channel or 1)


class KnownCameras:
    """The cameras that an importer sees, by what identifies them."""

    def __init__(self, cameras: Iterable[CameraRecord], ledgers: Mapping[str, LedgerRecord]) -> None:
        self.cameras = {camera.id: camera for camera in cameras}
        self.ledgers = ledgers
        self._by_key: dict[Key, str] = {}
        self._by_name: dict[tuple[str, str], str] = {}
        self._on_host: dict[str, list[str]] = {}
        for camera in self.cameras.values():
            self._by_name[camera.area_id, name_key(camera.name)] = camera.id
            values = self.ledger(camera.id).values
            host = str(values.get("ipv4") or host_of(camera.address) or "")
            self._on_host.setdefault(host, []).append(camera.id)
            for key in keys_of(values, camera.address):
                self._by_key.setdefault(key, camera.id)

    def ledger(self, camera_id: str) -> LedgerRecord:
        """The camera's ledger."""
        return self.ledgers.get(camera_id, NO_LEDGER)

    def matches(self, values: Values, address: str | None) -> dict[str, str]:
        """The cameras that a row may mean: id → the field by which."""
        found: dict[str, str] = {}
        for key in keys_of(values, address):
            if key in self._by_key:
                found.setdefault(self._by_key[key], key[0])
        ip = values.get("ipv4")
        if not found and ip and (values.get("channel") or 1) == 1:
            lone = self._on_host.get(str(ip), [])
            if len(lone) == 1 and not self.ledger(lone[0]).values.get("channel"):
                found[lone[0]] = "ipv4"
        return found

    def named(self, area_id: str, name: str) -> str | None:
        """The camera of that name in the area."""
        return self._by_name.get((area_id, name_key(name)))

    def contradicts(self, camera_id: str, values: Values) -> bool:
        """Whether the camera is known to be another device than the one with these values."""
        own = self.ledger(camera_id).values
        fields = ("national_code", "serial", "ipv4")
        return any(own.get(name) and values.get(name) and own[name] != values[name] for name in fields)
