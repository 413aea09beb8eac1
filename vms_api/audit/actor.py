"""Who acts, as the audit log names the person: from the request and whoever it is let in for."""

from typing import Annotated

from fastapi import Depends, Request

from vms_api.accounts.account import Caller, name_key
from vms_api.accounts.current_user import CurrentCaller
from vms_api.audit.entry import SESSION_LETTERS, Actor
from vms_api.control import control_of


def actor_of(request: Request, caller: Caller | None) -> Actor:
    """The person of the request, or only the address it comes from."""
    address = request.client.host if request.client else None
    if caller is None:
        return Actor(username=_claimed(request), address=address)
    return Actor(caller.user.id, caller.user.username, address, caller.key[:SESSION_LETTERS])


async def current_actor(request: Request, caller: CurrentCaller) -> Actor:
    """The person who asks."""
    return actor_of(request, caller)


CurrentActor = Annotated[Actor, Depends(current_actor)]


def _claimed(request: Request) -> str | None:
    """The name of a login that failed, if somebody has that name: else it may be a password in the wrong field."""
    claimed = getattr(request.state, "claimed_name", None)
    if claimed is None:
        return None
    names = control_of(request).rights.index.usernames.values()
    return next((name for name in names if name_key(name) == name_key(claimed)), None)
