"""What may have to do with an alert: what happened around it, and which cameras look at the place too."""

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from pydantic import BaseModel

from vms_api.alerts.alert import Alert

AROUND = timedelta(minutes=15)
"""Alerts so long before and after may be of the same cause."""
NEAR_M = 500.0
MOST_ALERTS, MOST_CAMERAS = 50, 20

_EARTH_M = 6_371_008.8
"""Mean radius (IUGG)."""


class Point(NamedTuple):
    """A place in degrees, WGS-84."""

    longitude: float
    latitude: float


class NearCamera(BaseModel):
    """A camera of the surroundings; `distance_m` None where one of the two has no coordinates."""

    id: str
    name: str
    distance_m: float | None


class Related(BaseModel):
    """Alerts of the same area and its neighbours in the same minutes, and the cameras near, the nearest first."""

    alerts: list[Alert]
    cameras: list[NearCamera]


def near_cameras(alert: Alert, cameras: Mapping[str, tuple[str, str]], points: Mapping[str, Point]) -> list[NearCamera]:
    """`cameras` are area id and name by camera id. Those within reach; without coordinates those of the same area."""
    here = points.get(alert.camera_id)
    found = []
    for camera_id, (area_id, name) in cameras.items():
        there = points.get(camera_id)
        distance = distance_m(here, there) if here and there else None
        is_near = area_id == alert.area_id if distance is None else distance <= NEAR_M
        if is_near and camera_id != alert.camera_id:
            found.append(NearCamera(id=camera_id, name=name, distance_m=distance and round(distance, 1)))
    return sorted(found, key=lambda camera: (camera.distance_m is None, camera.distance_m, camera.name))[:MOST_CAMERAS]


def distance_m(one: Point, other: Point) -> float:
    """Along the ground, by the haversine formula."""
    east = math.radians(other.longitude - one.longitude)
    north = math.radians(other.latitude - one.latitude)
    scale = math.cos(math.radians(one.latitude)) * math.cos(math.radians(other.latitude))
    chord = math.sin(north / 2) ** 2 + scale * math.sin(east / 2) ** 2
    return 2 * _EARTH_M * math.asin(min(1.0, math.sqrt(chord)))


def points_of(ledgers: Mapping[str, Mapping[str, object]]) -> Mapping[str, Point]:
    """Where the cameras stand, as far as their ledgers say."""
    found = {}
    for camera_id, values in ledgers.items():
        longitude, latitude = values.get("longitude"), values.get("latitude")
        if isinstance(longitude, int | float) and isinstance(latitude, int | float):
            found[camera_id] = Point(float(longitude), float(latitude))
    return found
