"""Who acts, as the audit log names the person: from the request and whoever it is let in for."""

from typing import Annotated

from fastapi import Depends, Request

from vms_api.accounts.account import User
from vms_api.accounts.current_user import CurrentSession
from vms_api.audit.entry import Actor

_SESSION_LETTERS = 16


def address_of(request: Request) -> str | None:
    """Where the request comes from."""
    return request.client.host if request.client else None


def actor_of(request: Request, user: User, session_key: str) -> Actor:
    """The person behind the request. Kept with the request, so that a refusal later on has a name."""
    actor = Actor(user.id, user.username, address_of(request), session_key[:_SESSION_LETTERS])
    request.state.actor = actor
    return actor


async def current_actor(request: Request, session: CurrentSession) -> Actor:
    """The person whose session it is."""
    return actor_of(request, session.user, session.key)


CurrentActor = Annotated[Actor, Depends(current_actor)]
