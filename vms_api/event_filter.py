"""Who may hear which event."""

from collections.abc import Mapping
from dataclasses import replace

from vms_api.accounts.access import Access
from vms_api.accounts.permission import Permission
from vms_api.cameras.camera import HOW_IT_IS_REACHED
from vms_api.events import Event

_ABOUT_AREAS: Mapping[str, Permission] = {
    "alert": Permission.ALERT_VIEW,
    "camera": Permission.CAMERA_VIEW,
    "area": Permission.AREA_VIEW,
    "device": Permission.CAMERA_VIEW,
    "ticket": Permission.TICKET_VIEW,
    "patrol": Permission.PATROL_VIEW,
}
_OF_CAMERAS = {"camera.added", "camera.changed"}
_PASSING = {"camera.health", "device.notice"}
"""Told of a camera, wherever it is now."""
_FOR_ALL = {"node.state"}
_SYSTEM = "recording"
"""How the disks are and whether deleting goes well: for whoever looks after the system anywhere."""

Horizon = tuple[frozenset[str], ...]


def is_heard(event: Event, access: Access) -> bool:
    """Whether the event concerns the caller. What is not known to be harmless is not heard."""
    if event.kind in _FOR_ALL:
        return True
    if event.kind.partition(".")[0] == _SYSTEM:
        return access.allows_somewhere(Permission.SYSTEM_VIEW)
    permission = _ABOUT_AREAS.get(event.kind.partition(".")[0])
    area_id = access.board.area_of(event.data["camera_id"]) if event.kind in _PASSING else event.area_id
    return permission is not None and area_id is not None and access.allows(permission, area_id)


def as_told(event: Event, access: Access) -> Event:
    """The event as the caller may hear it: how a camera is reached is for those who manage it."""
    if event.kind not in _OF_CAMERAS or access.allows(Permission.CAMERA_MANAGE, event.area_id or ""):
        return event
    return replace(event, data={**event.data, **HOW_IT_IS_REACHED})


def horizon(access: Access) -> Horizon:
    """The areas out of which the caller hears something; when it changes, the caller's lists are no longer right."""
    return tuple(access.area_ids(permission) for permission in _ABOUT_AREAS.values())
