"""The ledgers of the demo's cameras. Numbers, names and places are made up; no code of a real place is among them."""

from collections.abc import Mapping

from vms_api.demo.scenario import FARM
from vms_api.demo.story import MADE_UP, POSITIONS

Values = Mapping[str, str | int | float | bool | None]

_DIVISIONS = {False: "990100001001", True: "990100001002"}
"""Of the town centre and of the farm village. No province has the number 99."""
_SQUARES, _WATER = frozenset({"square-north", "square-lawn"}), frozenset({"river-bend", "reservoir"})
_DIRECTIONS = ("north", "south", "east", "west", "southeast")

_MISSING: Mapping[str, tuple[str, ...]] = {
    "market": ("administrator_phone",),
    "river-bend": ("pole_number", "sign_on", "sign_place"),
}
"""What nobody has filled in yet."""


def ledger_of(path: str, name: str, village: str) -> Values:
    """The fields of a camera's ledger."""
    number = [*POSITIONS].index(path) + 1
    latitude, longitude = POSITIONS[path]
    division = _DIVISIONS[village == FARM]
    values: dict[str, str | int | float | bool | None] = {
        "national_code": f"{division[:8]}00131{number:07}",
        "division_code": division,
        "point_type": "class_2",
        "place_kind": "square" if path in _SQUARES else "village_road",
        "purpose": "water_safety" if path in _WATER else "public_security",
        "owner_unit": "柳林镇人民政府 Willow township",
        "owner_code": "990100001",
        "managing_unit": "柳林镇综治中心 Willow township centre",
        "administrator": "陈刚 Chen Gang",
        "administrator_phone": "0571 0000 0000",
        "maintainer_unit": "清河安防 Qinghe Security",
        "vendor": "Xueliang",
        "camera_type": "bullet",
        "codec": "h264",
        "resolution": "768x432",
        "address": name,
        "landmark": name,
        "latitude": latitude,
        "longitude": longitude,
        "coordinate_system": "wgs84",
        "situation": "outdoor",
        "direction": _DIRECTIONS[number % len(_DIRECTIONS)],
        "pole_number": f"LL-{number:03}",
        "access_network": "local",
        "ipv4": "127.0.0.1",
        "mac": f"02:00:00:00:00:{number:02x}",
        "enabled_on": "2024-05-20",
        "device_status": "in_use",
        "retention_days": 30,
        "sign_on": "2024-05-20",
        "sign_place": name,
        "notes": MADE_UP,
    }
    return {field: value for field, value in values.items() if field not in _MISSING.get(path, ())}
