"""Puts the overview together out of what each domain knows, each part by the caller's own rights."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from vms_api.accounts.access import Access
from vms_api.accounts.permission import Permission
from vms_api.alerts.alert import Alert
from vms_api.alerts.incident import DONE
from vms_api.alerts.lifecycle import AlertState
from vms_api.alerts.list_store import AlertQuery, find_alerts
from vms_api.cameras import store as camera_store
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.health import CameraHealth
from vms_api.cameras.store import CameraQuery
from vms_api.control import Control
from vms_api.database import Connection
from vms_api.nodes.link import NODE_ID, NodeState
from vms_api.overview import store
from vms_api.overview.camera_standing import CameraCounts, counts_of
from vms_api.overview.day import Change, ChangeKind, Today, camera_changes, midnight, today_of
from vms_api.overview.patrols_now import patrol_changes, patrol_troubles
from vms_api.overview.repairs import ticket_troubles, tickets_today
from vms_api.overview.standings import standings_of
from vms_api.overview.storage_forecast import Limits, StorageForecast, Written, forecast
from vms_api.overview.trouble import Trouble, TroubleList, listed
from vms_api.patrols.round import RoundSummary
from vms_api.recordings.store import newest_at, oldest_at

LISTED = 60
_ALERTS = 200
_DAY = timedelta(days=1)
_OPEN = tuple(state for state in AlertState if state not in DONE)
_SURE_DOWN_S = 30.0
"""A stream that connects again within this is no news for a duty room."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What all parts of one overview are made of: `cameras` are those of the areas asked about, by id."""

    control: Control
    access: Access
    area_id: str | None
    cameras: Mapping[str, CameraRecord]
    healths: Mapping[str, CameraHealth]
    now: datetime
    midnight: datetime

    def area_ids(self, permission: Permission) -> frozenset[str]:
        """The areas asked about in which the caller may do that."""
        return self.access.area_ids_below(permission, self.area_id)

    def sees(self, permission: Permission) -> bool:
        """Whether there is any such area."""
        return bool(self.area_ids(permission))


async def ground_of(control: Control, access: Access, area_id: str | None) -> Ground:
    """The cameras with their health, at this moment.

    Raises:
        NotFound: the caller does not see that area.

    """
    area_ids = access.area_ids_below(Permission.CAMERA_VIEW, area_id)
    async with control.database.read() as connection:
        found = await camera_store.list_cameras(connection, CameraQuery(area_ids))
    now, zone = control.clock.now(), ZoneInfo(control.settings.site.time_zone)
    cameras = {camera.id: camera for camera in found}
    healths = {camera.id: control.health.of(camera) for camera in found}
    return Ground(control, access, area_id, cameras, healths, now, midnight(now, zone))


async def camera_counts(ground: Ground, connection: Connection) -> CameraCounts:
    """How many cameras stand how."""
    return counts_of(standings_of(ground.healths, await store.cameras_at_fault(connection)).values())


async def troubles(ground: Ground, connection: Connection, rounds: Sequence[RoundSummary]) -> TroubleList:
    """What is wrong now, and who has it in hand."""
    alerts = await _open_alerts(ground, connection) if ground.sees(Permission.ALERT_VIEW) else []
    tickets = []
    if ground.sees(Permission.TICKET_VIEW):
        tickets = await ticket_troubles(connection, ground.area_ids(Permission.TICKET_VIEW), ground.now)
    found = [*_cameras_down(ground), *map(_of_alert, alerts), *tickets, *patrol_troubles(rounds, ground.now)]
    return listed([*found, *await _of_system(ground)], LISTED)


async def _open_alerts(ground: Ground, connection: Connection) -> Sequence[Alert]:
    """Alerts that want somebody: of each incident the first, those that are low only if they are late."""
    area_ids = ground.area_ids(Permission.ALERT_VIEW)
    found = await find_alerts(connection, AlertQuery(area_ids, _OPEN, is_folded=True, limit=_ALERTS))
    return [alert for alert in found if alert.severity != "low" or alert.overdue]


async def changed_today(
    ground: Ground, connection: Connection, alerts: store.AlertFigures | None, rounds: Sequence[RoundSummary]
) -> Today:
    """What has happened since midnight."""
    names = {camera.id: camera.name for camera in ground.cameras.values()}
    changes = camera_changes(await store.stream_moments(connection, ground.midnight), names) + patrol_changes(rounds)
    counts: dict[ChangeKind, int] = {}
    if alerts is not None:
        counts |= {"alert-raised": alerts.raised_today, "alert-closed": alerts.closed_today}
        asked = AlertQuery(ground.area_ids(Permission.ALERT_VIEW), since=ground.midnight, is_folded=True, limit=LISTED)
        changes += [_raised(alert) for alert in await find_alerts(connection, asked)]
    if ground.sees(Permission.TICKET_VIEW):
        area_ids = ground.area_ids(Permission.TICKET_VIEW)
        tickets = await tickets_today(connection, area_ids, ground.midnight, LISTED)
        counts |= {"ticket-opened": tickets.opened, "ticket-closed": tickets.closed}
        changes += tickets.changes
    return today_of(ground.midnight, changes, counts, LISTED)


async def storage(ground: Ground, connection: Connection) -> list[StorageForecast]:
    """How long the disks last."""
    desk, recording = ground.control.recordings, ground.control.settings.recording
    found = []
    for state in await desk.volumes.states():
        told = desk.volumes.settings.get(state.name)
        limits = Limits(
            quota_bytes=told.quota_bytes if told else None,
            reserve_bytes=told.reserve_bytes if told else 0,
            floor=timedelta(days=recording.retention_min_days),
            ceiling=timedelta(days=recording.retention_max_days),
        )
        since = ground.now - _DAY
        size = await store.written_bytes(connection, state.volume_id, since) if state.volume_id else 0
        oldest = await oldest_at(connection, state.volume_id) if state.volume_id else None
        newest = await newest_at(connection, state.volume_id) if state.volume_id else None
        found.append(forecast(state, limits, Written(size, since, ground.now, oldest, newest)))
    return found


def _cameras_down(ground: Ground) -> Iterator[Trouble]:
    for id_, health in ground.healths.items():
        camera = ground.cameras[id_]
        down = health.state in {"silent", "waiting", "refused"} and _is_lasting(health, ground.now)
        if not down and not health.frozen:
            continue
        yield Trouble(
            kind="camera",
            code=_fault_of(health) if down else "frozen",
            severity="medium",
            name=camera.name,
            since=health.since,
            camera_id=id_,
            area_id=camera.area_id,
        )


def _is_lasting(health: CameraHealth, now: datetime) -> bool:
    return (now - health.since).total_seconds() >= _SURE_DOWN_S


def _fault_of(health: CameraHealth) -> str:
    faults = [stream.fault.code for stream in health.streams if stream.fault]
    return faults[0] if faults else health.state


def _of_alert(alert: Alert) -> Trouble:
    due_at = alert.acknowledge_by if alert.state is AlertState.NEW else alert.resolve_by
    return Trouble(
        kind="alert",
        code=alert.kind,
        severity=alert.severity,
        name=alert.rule_name,
        since=alert.raised_at,
        subject_id=alert.id,
        camera_id=alert.camera_id,
        area_id=alert.area_id,
        who=alert.owner,
        centre=alert.centre_name,
        due_at=due_at,
        overdue=alert.overdue is not None,
        repeats=alert.repeats,
    )


def _raised(alert: Alert) -> Change:
    told = {"camera_id": alert.camera_id, "subject_id": alert.id, "code": alert.severity}
    return Change(kind="alert-raised", at=alert.raised_at, name=alert.rule_name, **told)


async def _of_system(ground: Ground) -> Collection[Trouble]:
    """Node and disks, for whoever looks after the system anywhere."""
    if not ground.access.allows_somewhere(Permission.SYSTEM_VIEW):
        return []
    control = ground.control
    return [*_of_node(control), *await _of_disks(control)]


def _of_node(control: Control) -> Iterator[Trouble]:
    node = control.node
    if node.state is not NodeState.UP:
        yield Trouble(kind="node", code=node.state, severity="high", name=NODE_ID, since=node.since)


async def _of_disks(control: Control) -> list[Trouble]:
    volumes, problems = await control.recordings.volumes.states(), control.recordings.problems.problems
    return [
        *(
            Trouble(kind="volume", code=volume.state, severity="high", name=volume.name, since=volume.at)
            for volume in volumes
            if volume.state != "ok"
        ),
        *(
            Trouble(kind="recording", code=problem.code, severity="high", name=problem.subject, since=problem.since)
            for problem in problems
        ),
    ]
