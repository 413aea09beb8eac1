"""What opening a live view takes, whichever way its pictures go: the right, the purpose, and the record of it."""

from contextlib import suppress
from dataclasses import dataclass

from vms_api.accounts.access import Access
from vms_api.accounts.permission import Permission
from vms_api.audit.entry import Actor, Place, StatedPurpose
from vms_api.audit.look_store import OpenLook
from vms_api.control import Control
from vms_api.errors import NodeProblem, NodeUnavailable
from vms_api.nodes.view_board import OpenView
from vms_api.purposes.settings import Occasion


@dataclass(frozen=True, slots=True)
class ViewOpening:
    """Somebody who may open a view of a camera, on the node of `epoch`; `seconds` is how long it may last at most."""

    place: Place
    actor: Actor
    access: Access
    permission: Permission
    purpose: StatedPurpose | None
    seconds: float | None
    epoch: int
    hears: bool = False

    @property
    def is_unmasked(self) -> bool:
        """Whether the camera is shown without its privacy masks."""
        return self.permission is Permission.UNMASKED_VIEW

    async def kept(self, control: Control, view_id: str, stream: str) -> OpenView:
        """The view that the node has opened, recorded; without a record nobody looks, and the node ends it."""
        record = OpenLook(view_id, self.actor, self.place, self.purpose, control.clock.now())
        try:
            await control.journal.opened(record, stream, unmasked=self.is_unmasked, audio=self.hears)
        except BaseException:
            with suppress(NodeUnavailable, NodeProblem):
                await control.node_client.close_view(view_id)
            raise
        camera_id = self.place.camera_id or ""
        view = OpenView(view_id, camera_id, self.access.caller, self.epoch, self.permission, hears=self.hears)
        control.views.add(view)
        return view


async def opening(
    control: Control, access: Access, actor: Actor, camera_id: str, *, unmasked: bool, hears: bool = False
) -> ViewOpening:
    """What the person needs to look at the camera, or past its masks, and to hear it.

    Raises:
        Hidden, NotAllowed: the right is missing.
        UnmaskGrantNeeded: nobody has approved looking past the masks.
        PurposeRequired: it has to be said why.

    """
    permission = Permission.UNMASKED_VIEW if unmasked else Permission.LIVE_VIEW
    place = Place(access.require_camera(permission, camera_id), camera_id)
    if hears:
        access.require_camera(Permission.LIVE_LISTEN, camera_id)
    grant = await control.unmasks.grant(camera_id, access.user) if unmasked else None
    purpose = grant.purpose if grant else await control.purposes.go_by(Occasion.OTHER_AREA, actor, place)
    seconds = grant.seconds_left if grant else None
    return ViewOpening(place, actor, access, permission, purpose, seconds, control.node.epoch, hears)
