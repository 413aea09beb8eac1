"""What the demo shows: four cameras, where they look, and what is watched for."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.detection import MOTION
from ingest.camera import Credential
from vms_api.demo.site import LocalSite


@dataclass(frozen=True, slots=True)
class Watch:
    """A zone or line with the rule on it. Points are normalised."""

    name: str
    kind: str
    points: tuple[tuple[float, float], ...]
    labels: tuple[str, ...]
    severity: str
    cooldown_s: float
    instructions: str

    def zone(self) -> dict[str, Any]:
        """The zone as the API takes it."""
        return {"name": self.name, "kind": "area" if self.kind == "intrusion" else "line", "points": self.points}

    def rule(self, zone_id: str, *, motion_only: bool) -> dict[str, Any]:
        """The rule as the API takes it; a detector that knows motion alone can serve no other class."""
        return {
            "name": self.name,
            "kind": self.kind,
            "zone_id": zone_id,
            "labels": (MOTION,) if motion_only else self.labels,
            "severity": self.severity,
            "cooldown_s": self.cooldown_s,
            "instructions": self.instructions,
        }


@dataclass(frozen=True, slots=True)
class Place:
    """One demo camera. `scene` names the clip by its stem; any clip will do where that one is not there."""

    path: str
    name: str
    village: str
    scene: str
    start_s: float
    watches: tuple[Watch, ...]


CITY = "清河市 Qinghe city"
TOWNSHIP = "柳林镇 Willow township"
TOWN, FARM = "镇中心社区 Town centre", "东桥村 Eastbridge village"

PEOPLE = ("person",)
VEHICLES = ("car", "truck", "bus", "motorcycle", MOTION)
"""Seen from above, a small model has no name for most cars: what moves there is certain all the same."""

PLACES = (
    Place(
        "square-north",
        "镇广场 · 北侧 Town square north",
        TOWN,
        "town-square",
        0.0,
        (
            Watch(
                "广场中线 Centre line",
                "line_crossing",
                ((0.50, 0.30), (0.50, 0.72)),
                PEOPLE,
                "low",
                10.0,
                "查看画面，确认通行正常。 Look at the picture; confirm that people pass freely.",
            ),
        ),
    ),
    Place(
        "square-lawn",
        "镇广场 · 草坪 Town square lawn",
        TOWN,
        "town-square",
        37.0,
        (
            Watch(
                "草坪保护区 Lawn, keep off",
                "intrusion",
                ((0.01, 0.44), (0.30, 0.52), (0.62, 0.78), (0.97, 0.93), (0.97, 0.99), (0.01, 0.99)),
                PEOPLE,
                "medium",
                20.0,
                "用广播提醒离开草坪。 Ask over the loudspeaker to leave the lawn.",
            ),
        ),
    ),
    Place(
        "car-park",
        "村委会停车场 Village car park",
        FARM,
        "car-park",
        0.0,
        (
            Watch(
                "出入口 Gate line",
                "line_crossing",
                ((0.02, 0.50), (0.98, 0.50)),
                VEHICLES,
                "low",
                15.0,
                "核对车辆出入时间。 Check the times of entry and exit.",
            ),
        ),
    ),
    Place(
        "fire-lane",
        "消防通道 Fire lane",
        FARM,
        "car-park",
        14.0,
        (
            Watch(
                "消防通道禁停 Fire lane, keep clear",
                "intrusion",
                ((0.30, 0.25), (0.75, 0.25), (0.80, 0.80), (0.25, 0.80)),
                VEHICLES,
                "high",
                30.0,
                "联系车主挪车，必要时派人到场。 Have the vehicle moved; send somebody if need be.",
            ),
        ),
    ),
)


def clip_for(place: Place, clips: tuple[Path, ...]) -> Path | None:
    """The clip of the place's scene, any clip where that one is missing, None where there is none."""
    return next((clip for clip in clips if clip.stem == place.scene), clips[0] if clips else None)


def register(site: LocalSite, place: Place, address: str, login: Credential) -> str:
    """Adds the camera with its zones and rules; returns its id."""
    login_fields = {"username": login.username, "password": login.password}
    body = {"name": place.name, "area_id": village(site, place.village), "address": address, **login_fields}
    camera = site.call("POST", "/cameras", body)
    watch_over(site, place, camera["id"])
    return str(camera["id"])


def watch_over(site: LocalSite, place: Place, camera_id: str) -> None:
    """Draws the zones of a camera and makes the rules on them."""
    motion_only = site.call("GET", "/system")["detector"]["name"] == MOTION
    for watch in place.watches:
        zone = site.call("POST", f"/cameras/{camera_id}/zones", watch.zone())
        site.call("POST", f"/cameras/{camera_id}/rules", watch.rule(zone["id"], motion_only=motion_only))


def village(site: LocalSite, name: str) -> str:
    """The id of a village of the demo's township; city, township and village are made as they are needed."""
    areas = {area["name"]: area for area in site.call("GET", "/areas")["items"]}
    if name in areas:
        return str(areas[name]["id"])
    township_id = areas[TOWNSHIP]["id"] if TOWNSHIP in areas else _township(site)
    made = site.call("POST", "/areas", {"name": name, "kind": "village", "parent_id": township_id})
    return str(made["id"])


def _township(site: LocalSite) -> str:
    """The site as a city with one township, whose duty officer is whoever tries the demo."""
    root = next(area for area in site.call("GET", "/areas")["items"] if area["parent_id"] is None)
    site.call("PATCH", f"/areas/{root['id']}", {"name": CITY, "kind": "city"})
    township = site.call("POST", "/areas", {"name": TOWNSHIP, "kind": "township", "parent_id": root["id"]})
    me = site.call("GET", "/me")["id"]
    site.call("POST", "/grants", {"user_id": me, "role": "dispatcher", "area_id": township["id"]})
    return str(township["id"])
