"""Changing recording plans: each change is a change of its camera."""

from ingest.clock import Clock
from vms_api.audit.difference import difference
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.cameras.registry import CameraRegistry, existing_camera
from vms_api.database import Database
from vms_api.recordings import plan_store
from vms_api.recordings.plan import RecordingPlan, check_plan, default_plan
from vms_api.recordings.settings import RecordingSettings


class PlanDesk:
    """Reads and replaces plans."""

    def __init__(
        self,
        database: Database,
        registry: CameraRegistry,
        audit: AuditLog,
        clock: Clock,
        settings: RecordingSettings,
    ) -> None:
        self._database = database
        self._registry = registry
        self._audit = audit
        self._clock = clock
        self._settings = settings

    async def read(self, camera_id: str) -> RecordingPlan:
        """The camera's plan: its own, or that of all who have none."""
        async with self._database.read() as connection:
            return await plan_store.find_plan(connection, camera_id) or default_plan(self._settings)

    async def change(self, camera_id: str, plan: RecordingPlan, actor: Actor) -> RecordingPlan:
        """Replaces the camera's plan.

        Raises:
            NotFound: no such camera.
            InvalidRequest: a mode without what it needs, or less retention than the site keeps.

        """
        check_plan(plan, self._settings)
        async with self._database.write() as transaction:
            camera = await existing_camera(transaction.connection, camera_id)
            before = await plan_store.find_plan(transaction.connection, camera_id) or default_plan(self._settings)
            await plan_store.put_plan(transaction, camera_id, plan, self._clock.now())
            await self._registry.record_change(transaction, "camera.changed", camera)
            changes = difference(before.model_dump(mode="json"), plan.model_dump(mode="json"))
            entry = AuditEntry(AuditKind.RECORDING_PLAN, actor, camera.place, detail=changes)
            await self._audit.record(transaction, entry)
        return plan
