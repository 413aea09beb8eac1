"""Who may read statistics, and that they were read: the same for all of them."""

from vms_api.accounts.access import Access
from vms_api.accounts.permission import Permission
from vms_api.audit.entry import Actor, AuditEntry, AuditKind, Place
from vms_api.control import Control
from vms_api.reports.span_filter import SpanFilter


async def areas_read(
    control: Control, access: Access, actor: Actor, asked: SpanFilter, needed: tuple[Permission, AuditKind]
) -> frozenset[str]:
    """The areas that are counted, once the reading is recorded. `needed` are the right it takes and the row it leaves.

    Raises:
        Hidden, NotAllowed: the caller may not, or not there.

    """
    permission, kind = needed
    area_ids = access.area_ids_below(permission, asked.area_id)
    if not area_ids:
        access.require_site(permission)
    detail = {"by": asked.by, "format": asked.kind, **asked.window.model_dump(mode="json")}
    place = Place(asked.area_id or access.rights.tree.root.id)
    await control.audit.record_alone(AuditEntry(kind, actor, place, detail=detail))
    return area_ids
