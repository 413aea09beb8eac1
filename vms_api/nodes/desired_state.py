"""What a node is to do: all its cameras with streams, login and armed rules, under a version that only grows."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, Field

from vms_api.cameras import mask_store, store, watch_store
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.mask import NEVER_MASKED, Masks
from vms_api.cameras.rule import Rule
from vms_api.cameras.sealing import PasswordSeal
from vms_api.cameras.zone import Point, Zone
from vms_api.database import Connection
from vms_api.diagnosis import picture_store
from vms_api.linkage import store as link_store
from vms_api.recordings import plan_store, volume_store
from vms_api.recordings.plan import RecordingPlan, default_plan
from vms_api.settings import SiteFile

_WATCHED = {
    *("id", "name", "kind", "labels", "direction", "dwell_s", "schedule", "severity", "cooldown_s"),
    *("size", "parameters"),
}


class DesiredStream(BaseModel):
    """Where one stream is; the address is free of credentials."""

    role: Literal["main", "sub"]
    address: str
    transport: Literal["tcp", "udp"]


class DesiredMasks(BaseModel):
    """What is to be covered: outlines in normalised picture coordinates."""

    version: int
    polygons: list[list[Point]]


class DesiredVolume(BaseModel):
    """Where recordings go. The node writes to a volume only if it finds that identity there.

    `volume_id` null: the volume is new, and is given one if its folder is empty.
    """

    name: str
    volume_id: str | None


class DesiredCamera(BaseModel):
    """One camera. `rules` are the enabled ones, each with its zone inside; without `masks` it shows no picture.

    `recording` null: nothing of it is recorded. `reference_id`: the picture that shows how it should point.
    """

    id: str
    name: str
    enabled: bool
    analysed: bool
    streams: list[DesiredStream]
    username: str | None
    password: str | None = Field(repr=False)
    rules: list[dict[str, Any]]
    masks: DesiredMasks | Literal["unavailable"]
    recording: dict[str, Any] | None = None
    reference_id: str | None = None


class DesiredState(BaseModel):
    """The whole of what a node is to do."""

    version: int
    cameras: list[DesiredCamera]
    time_zone: str
    volumes: list[DesiredVolume] = []


async def read_desired_state(connection: Connection, seal: PasswordSeal, site: SiteFile) -> DesiredState:
    """As the rows of one transaction and the site file have it.

    Raises:
        SecretKeyRefused: a password was sealed with another key.

    """
    zones = {zone.id: zone for _camera_id, zone in await watch_store.list_zones(connection)}
    rules: dict[str, list[Rule]] = defaultdict(list)
    for camera_id, rule in await watch_store.list_rules(connection):
        rules[camera_id].append(rule)
    masks = await mask_store.current_masks(connection)
    recordings, default = await plan_store.list_plans(connection), default_plan(site.recording)
    references = await picture_store.confirmed_references(connection)
    on_order = await link_store.list_bursts(connection)
    cameras = [
        _camera(camera, rules[camera.id], zones, seal, masks.get(camera.id, NEVER_MASKED)).model_copy(
            update={
                "recording": _recording(recordings.get(camera.id, default), is_on_order=camera.id in on_order)
                if site.recording.enabled
                else None,
                "reference_id": references.get(camera.id),
            }
        )
        for camera in await store.list_cameras(connection)
        if camera.address
    ]
    known = await volume_store.volume_ids(connection)
    names = [volume.name for volume in site.recording.volumes_of(site.storage.data_dir)]
    return DesiredState(
        version=await store.desired_version(connection),
        cameras=cameras,
        time_zone=site.site.time_zone,
        volumes=[DesiredVolume(name=name, volume_id=known.get(name)) for name in names],
    )


def _camera(
    camera: CameraRecord, rules: list[Rule], zones: dict[str, Zone], seal: PasswordSeal, masks: Masks
) -> DesiredCamera:
    addresses: tuple[tuple[Literal["main", "sub"], str | None], ...] = (
        ("main", camera.address),
        ("sub", camera.sub_address),
    )
    return DesiredCamera(
        id=camera.id,
        name=camera.name,
        enabled=camera.enabled,
        analysed=camera.analysed,
        streams=[
            DesiredStream(role=role, address=address, transport=camera.transport)
            for role, address in addresses
            if address
        ],
        username=camera.username,
        password=seal.open(camera.sealed_password, camera.id) if camera.sealed_password else None,
        rules=[desired_rule(rule.model_dump(mode="json"), zones[rule.zone_id]) for rule in rules if rule.enabled],
        masks=desired_masks(masks),
    )


def _recording(plan: RecordingPlan, *, is_on_order: bool) -> dict[str, Any] | None:
    """What the node is told of a plan; a camera that is recorded on order is recorded whatever its plan says."""
    return (plan.model_copy(update={"mode": "continuous"}) if is_on_order else plan).desired()


def desired_rule(fields: Mapping[str, Any], zone: Zone) -> dict[str, Any]:
    """The parts of a rule that a node needs, with the zone it looks at."""
    return {**{name: value for name, value in fields.items() if name in _WATCHED}, "zone": zone.model_dump(mode="json")}


def desired_masks(masks: Masks) -> DesiredMasks | Literal["unavailable"]:
    """The masks as a node is told them."""
    if masks.polygons is None:
        return "unavailable"
    return DesiredMasks(version=masks.version, polygons=[polygon.points for polygon in masks.polygons])
