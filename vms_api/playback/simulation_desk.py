"""Rules tried on recordings: what is recorded, under which masks, and the node that tries them."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ingest.identifier import new_identifier
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.cameras import watch_store
from vms_api.cameras.mask_desk import latest_masks
from vms_api.cameras.rule import RuleIn, check_zone_kind
from vms_api.cameras.zone import Zone
from vms_api.errors import NotFound
from vms_api.nodes.desired_state import desired_masks, desired_rule
from vms_api.nodes.simulation_client import SimulationClient
from vms_api.playback.errors import NotRecorded
from vms_api.playback.simulation import SimulationIn, SimulationOut
from vms_api.recordings.desk import Surroundings
from vms_api.recordings.segment import Segment
from vms_api.recordings.store import segments_between

_REMEMBERED = 64


class _Begun(NamedTuple):
    camera_id: str
    recorded_s: float


class SimulationDesk:
    """Knows whose camera a simulation is of; how far it has come is the node's to tell."""

    def __init__(self, around: Surroundings, time_zone: str) -> None:
        self._database = around.database
        self._audit = around.audit
        self._client = SimulationClient(around.client)
        self._time_zone = time_zone
        self._begun: OrderedDict[str, _Begun] = OrderedDict()

    async def start(self, place: Place, body: SimulationIn, actor: Actor) -> SimulationOut:
        """Begins to try the rule.

        Raises:
            ZoneKindWrong: the zone is not there or of the other kind.
            NotRecorded: nothing of the range.
            NodeUnavailable: the files cannot be reached now.
            NodeProblem: another simulation runs, or the masks are not known.

        """
        camera_id, rule = place.camera_id or "", body.rule
        async with self._database.read() as connection:
            zone = await watch_store.find_zone(connection, camera_id, rule.zone_id)
            check_zone_kind(rule, zone)
            masks = await latest_masks(connection, camera_id)
            found = await segments_between(connection, camera_id, body.start, body.end)
        if not found or zone is None:
            raise NotRecorded
        plan = _plan(body, zone, found)
        own = {"camera_id": camera_id, "time_zone": self._time_zone}
        masked = desired_masks(masks)
        shown = masked if isinstance(masked, str) else masked.model_dump(mode="json")
        simulation_id = new_identifier()
        await self._client.start(simulation_id, {**plan, **own, "masks": shown})
        self._begun[simulation_id] = _Begun(camera_id, _recorded_s(found, body.start, body.end))
        if len(self._begun) > _REMEMBERED:
            self._begun.popitem(last=False)
        detail = {"rule_kind": rule.kind, "from": body.start.isoformat(), "to": body.end.isoformat()}
        await self._audit.record_alone(AuditEntry(AuditKind.RULE_SIMULATE, actor, place, simulation_id, detail=detail))
        return await self.state(camera_id, simulation_id)

    async def state(self, camera_id: str, simulation_id: str) -> SimulationOut:
        """How far it has come.

        Raises:
            NotFound: no such simulation of this camera.
            NodeUnavailable: the node cannot be asked now.

        """
        begun = self._own(camera_id, simulation_id)
        told = await self._client.state(simulation_id)
        return SimulationOut(id=simulation_id, recorded_s=begun.recorded_s, **told.model_dump())

    async def cancel(self, camera_id: str, simulation_id: str) -> None:
        """Ends it.

        Raises:
            NotFound: no such simulation of this camera.
            NodeUnavailable: the node cannot be asked now.

        """
        self._own(camera_id, simulation_id)
        await self._client.cancel(simulation_id)

    def _own(self, camera_id: str, simulation_id: str) -> _Begun:
        begun = self._begun.get(simulation_id)
        if begun is None or begun.camera_id != camera_id:
            raise NotFound("no such simulation")
        return begun


def _plan(body: SimulationIn, zone: Zone, found: Sequence[Segment]) -> dict[str, Any]:
    told = {"volume_id", "path", "duration_s", "started_at"}
    files = [segment.model_dump(mode="json", include=told) for segment in found]
    return {
        "rule": desired_rule(_drafted(body.rule), zone),
        "start": body.start.isoformat(),
        "end": body.end.isoformat(),
        "files": files,
    }


def _drafted(rule: RuleIn) -> dict[str, Any]:
    """The draft as if it were stored; it is tried though it may not be enabled."""
    return {**rule.model_dump(mode="json"), "id": "draft"}


def _recorded_s(found: Sequence[Segment], start: datetime, end: datetime) -> float:
    total_s, until = 0.0, start
    for segment in found:
        begins, ends = max(segment.started_at, until), min(segment.ended_at, end)
        total_s += max((ends - begins).total_seconds(), 0.0)
        until = max(until, ends)
    return round(total_s, 1)
