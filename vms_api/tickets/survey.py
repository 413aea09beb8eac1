"""Everything that may be wrong, as it is at one moment."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from ingest.address import dial_target
from ingest.clock import Clock
from ingest.errors import AddressRefused
from vms_api.accounts.rights_board import RightsBoard
from vms_api.cameras import store as camera_store
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.health_board import HealthBoard
from vms_api.care import store as care_store
from vms_api.care.device import DeviceState
from vms_api.database import Connection, Database
from vms_api.nodes.link import NODE_ID, NodeLink, NodeState
from vms_api.ptz import store as link_store
from vms_api.ptz.command import LinkedDevice
from vms_api.recordings.problem_board import ProblemBoard
from vms_api.recordings.volume_board import VolumeBoard
from vms_api.tickets import maintenance_store, store
from vms_api.tickets.cause import WATCHED, Cause
from vms_api.tickets.fold import Whereabouts
from vms_api.tickets.maintenance import MaintenanceWindow, covers
from vms_api.tickets.reading import Reading, camera_readings, volume_reading
from vms_api.tickets.settings import TicketSettings
from vms_api.tickets.standing import Concern
from vms_api.tickets.ticket import Ticket


@dataclass(frozen=True, slots=True)
class WatchGround:
    """What is looked at, and with what."""

    database: Database
    health: HealthBoard
    node: NodeLink
    volumes: VolumeBoard
    problems: ProblemBoard
    rights: RightsBoard
    clock: Clock
    settings: TicketSettings


@dataclass(slots=True)
class Survey:
    """One look: the cameras in service, the open tickets with their cameras, and what is read of each concern."""

    cameras: Mapping[str, CameraRecord]
    places: Mapping[str, Whereabouts]
    open: Sequence[Ticket]
    members: Mapping[str, frozenset[str]]
    readings: dict[Concern, Reading] = field(default_factory=dict)

    def of_camera(self, camera_id: str) -> Reading:
        """Whether the camera is away."""
        return self.readings.get(offline(camera_id), Reading(None, {}))


def offline(camera_id: str) -> Concern:
    """That this camera may be away."""
    return Concern(f"camera:{camera_id}", Cause.OFFLINE)


async def surveyed(ground: WatchGround) -> Survey:
    """Reads all that is known now, in one view of the database and from the boards."""
    now, tree = ground.clock.now(), ground.rights.index.tree
    async with ground.database.read() as connection:
        found = await camera_store.list_cameras(connection)
        cameras = {camera.id: camera for camera in found if camera.enabled and camera.address}
        areas = {area.id: tuple(area.lineage) for area in tree}
        places = {c.id: Whereabouts(areas.get(c.area_id, ()), _host(c)) for c in cameras.values()}
        tickets = await store.list_open(connection, WATCHED)
        survey = Survey(cameras, places, tickets, await store.cameras_of_open(connection, Cause.OFFLINE))
        windows = await maintenance_store.approved_windows(connection, now, now)
        devices = await _devices(connection)
    survey.readings.update(_of_cameras(ground, survey, windows, devices, now))
    survey.readings.update(await _of_the_system(ground))
    survey.readings.update(_of_shared(survey, ground.settings.fold_share))
    return survey


_Devices = tuple[Mapping[str, DeviceState], Mapping[str, LinkedDevice]]


async def _devices(connection: Connection) -> _Devices:
    return await care_store.list_states(connection), await link_store.list_links(connection)


def _of_cameras(
    ground: WatchGround, survey: Survey, windows: Sequence[MaintenanceWindow], devices: _Devices, now: datetime
) -> Iterator[tuple[Concern, Reading]]:
    """Of every camera; one in maintenance may be well, but nothing is found wrong with it."""
    states, links = devices
    for camera in survey.cameras.values():
        link, path = links.get(camera.id), survey.places[camera.id].area_path
        is_excused = covers(windows, camera.id, path, now) is not None
        health, limit_s = ground.health.of(camera), ground.settings.clock_limit_s
        told = camera_readings(health, states.get(camera.id), link.expected if link else None, limit_s)
        for cause, reading in told.items():
            is_wrong = None if is_excused and reading.is_wrong else reading.is_wrong
            yield Concern(f"camera:{camera.id}", cause), Reading(is_wrong, reading.facts)


async def _of_the_system(ground: WatchGround) -> dict[Concern, Reading]:
    is_up = ground.node.state is NodeState.UP
    found = {Concern(f"node:{NODE_ID}", Cause.NODE): Reading(not is_up, {"node_state": ground.node.state})}
    for volume in await ground.volumes.states():
        reading = volume_reading(volume, ground.problems.problems, is_node_up=is_up)
        found[Concern(f"volume:{volume.name}", Cause.STORAGE)] = reading
    return found


def _of_shared(survey: Survey, share: float) -> Iterator[tuple[Concern, Reading]]:
    """Cameras that share a ticket are well again once most of those of which anything is known are."""
    for ticket in survey.open:
        if ticket.cause is not Cause.OFFLINE or ticket.camera_id is not None:
            continue
        told = [survey.of_camera(camera_id).is_wrong for camera_id in survey.members.get(ticket.id, ())]
        known = [is_wrong for is_wrong in told if is_wrong is not None]
        is_wrong = sum(known) > (1 - share) * len(known) if known else None
        yield Concern(ticket.subject, ticket.cause), Reading(is_wrong, {})


def _host(camera: CameraRecord) -> str:
    with suppress(AddressRefused):
        return dial_target(camera.address).host
    return ""
