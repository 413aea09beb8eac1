"""Coordinates as maps of China give them (GCJ-02), and as they are stored (WGS-84). Pure.

GCJ-02 shifts a point by a few hundred metres in a way that was never published by whoever made it. The series below is
the one that became known in 2010 as the routine `wgtochina_lb` and that github.com/googollee/eviltransform gives with
points to check by. It is good to about a metre, and inverted by going back by the shift until it stands.
"""

import math

from vms_api.ledger.value import ValueUnfit

_AXIS_M = 6_378_245.0  # Krasovsky 1940
_SQUARED_ECCENTRICITY = 0.006_693_421_622_965_943
_ROUNDS = 6


def to_wgs84(longitude: float, latitude: float) -> tuple[float, float]:
    """The WGS-84 point, in degrees, of one read from a map in GCJ-02. Outside of China the two are the same."""
    found = longitude, latitude
    for _ in range(_ROUNDS):
        shifted = to_gcj02(*found)
        found = found[0] + longitude - shifted[0], found[1] + latitude - shifted[1]
    return round(found[0], 7), round(found[1], 7)


def to_gcj02(longitude: float, latitude: float) -> tuple[float, float]:
    """Where such a map shows a WGS-84 point."""
    if not (72.004 < longitude < 137.8347 and 0.8293 < latitude < 55.8271):  # noqa: PLR2004 - where the shift is made
        return longitude, latitude
    east, north = longitude - 105.0, latitude - 35.0
    radians = math.radians(latitude)
    flat = 1 - _SQUARED_ECCENTRICITY * math.sin(radians) ** 2
    north_m = _AXIS_M * (1 - _SQUARED_ECCENTRICITY) / flat**1.5
    east_m = _AXIS_M / math.sqrt(flat) * math.cos(radians)
    return longitude + math.degrees(_east_shift_m(east, north) / east_m), latitude + math.degrees(
        _north_shift_m(east, north) / north_m
    )


def check_pair(longitude: object, latitude: object) -> None:
    """Looks at the two together.

    Raises:
        ValueUnfit: one without the other, both nought, or the one in the place of the other.

    """
    if longitude is None and latitude is None:
        return
    if longitude is None or latitude is None:
        raise ValueUnfit("coordinate-alone")
    if longitude == 0 and latitude == 0:
        raise ValueUnfit("coordinates-nought")


def are_swapped(longitude: object, latitude: object) -> bool:
    """Whether two numbers make a point of China only the other way round."""
    if not isinstance(longitude, int | float) or not isinstance(latitude, int | float):
        return False
    return 3 < longitude < 54 and 73 < latitude < 136  # noqa: PLR2004 - the extent of China in degrees


def _waves(x: float) -> float:
    return 20.0 * math.sin(6.0 * math.pi * x) + 20.0 * math.sin(2.0 * math.pi * x)


def _north_shift_m(east: float, north: float) -> float:
    steady = -100.0 + 2.0 * east + 3.0 * north + 0.2 * north**2 + 0.1 * east * north + 0.2 * math.sqrt(abs(east))
    slow = 20.0 * math.sin(math.pi * north) + 40.0 * math.sin(math.pi * north / 3.0)
    slower = 160.0 * math.sin(math.pi * north / 12.0) + 320.0 * math.sin(math.pi * north / 30.0)
    return steady + (_waves(east) + slow + slower) * 2.0 / 3.0


def _east_shift_m(east: float, north: float) -> float:
    steady = 300.0 + east + 2.0 * north + 0.1 * east**2 + 0.1 * east * north + 0.1 * math.sqrt(abs(east))
    slow = 20.0 * math.sin(math.pi * east) + 40.0 * math.sin(math.pi * east / 3.0)
    slower = 150.0 * math.sin(math.pi * east / 12.0) + 300.0 * math.sin(math.pi * east / 30.0)
    return steady + (_waves(east) + slow + slower) * 2.0 / 3.0
