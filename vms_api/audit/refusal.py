"""Refused requests on their way into the audit log: who asked, for what, and why not."""

from fastapi import Request

from vms_api.audit.actor import actor_of
from vms_api.audit.denials import Denial
from vms_api.audit.entry import AuditKind, Place
from vms_api.control import control_of
from vms_api.errors import Problem

_KINDS = {
    "/api/v1/login": AuditKind.LOGIN,
    "/api/v1/login/oidc": AuditKind.LOGIN,
    "/api/v1/login/oidc/callback": AuditKind.LOGIN,
    "/api/v1/setup": AuditKind.SETUP,
}
"""Refusals that are searched for as what was tried."""


async def record_refusal(request: Request, problem: Problem) -> None:
    """Records a problem that is a denial; all others are ordinary mistakes."""
    if not problem.is_denial:
        return
    path = request.scope["path"]
    actor = actor_of(request, getattr(request.state, "caller", None))
    kind = _KINDS.get(path, AuditKind.REQUEST_DENIED)
    denial = Denial(actor, problem.code, f"{request.method} {_template(request)}", kind, _place(request))
    await control_of(request).denials.record(denial)


def _place(request: Request) -> Place:
    """The camera that the request names, if there is one."""
    camera_id = request.path_params.get("camera_id", "")
    area_id = control_of(request).rights.area_of(camera_id)
    return Place(area_id, camera_id if area_id else None)


def _template(request: Request) -> str:
    """The path with names in place of ids; of its router, so without the prefix that the router is included under."""
    return getattr(request.scope.get("route"), "path", "unrouted")
