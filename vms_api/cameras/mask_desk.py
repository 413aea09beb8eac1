"""Drawing and lifting privacy masks: each change is a new version, and a new version of what the node is to do."""

from ingest.clock import Clock
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.cameras import mask_store
from vms_api.cameras.camera import CameraRecord
from vms_api.cameras.mask import NEVER_MASKED, Masks, MasksIn, check_outlines
from vms_api.cameras.registry import CameraRegistry, existing_camera
from vms_api.database import Connection, Database
from vms_api.errors import MaskVersionStale


class MaskDesk:
    """Changes masks; each change is a change of its camera."""

    def __init__(self, database: Database, registry: CameraRegistry, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._registry = registry
        self._audit = audit
        self._clock = clock

    async def change(self, camera_id: str, body: MasksIn, actor: Actor) -> Masks:
        """Replaces all masks of a camera by those drawn, under the next version.

        Raises:
            NotFound: no such camera.
            ZoneSelfIntersecting: an outline crosses itself.
            MaskVersionStale: somebody else has changed them meanwhile.

        """
        check_outlines(body)
        async with self._database.write() as transaction:
            camera = await existing_camera(transaction.connection, camera_id)
            before = await latest_masks(transaction.connection, camera_id)
            if before.version != body.base_version:
                raise MaskVersionStale(f"the masks are at version {before.version}")
            masks = Masks(
                version=before.version + 1,
                polygons=body.polygons,
                changed_at=self._clock.now(),
                changed_by=actor.username,
            )
            await mask_store.insert_version(transaction, camera_id, masks)
            await self._registry.record_change(transaction, "camera.changed", camera)
            await self._audit.record(transaction, _entry(actor, camera, masks))
        return masks


def _entry(actor: Actor, camera: CameraRecord, masks: Masks) -> AuditEntry:
    """The outlines themselves are in their version, which is kept."""
    names = [polygon.name for polygon in masks.polygons or ()]
    detail = {"version": masks.version, "masks": names}
    return AuditEntry(AuditKind.MASK_CHANGE, actor, camera.place, camera.id, detail=detail)


async def latest_masks(connection: Connection, camera_id: str) -> Masks:
    """The camera's masks as they are stored now."""
    versions = await mask_store.list_versions(connection, camera_id)
    return versions[0] if versions else NEVER_MASKED
