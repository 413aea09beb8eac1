"""Open sessions and API tokens over the API."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.account import ApiToken, Session
from vms_api.accounts.current_user import CurrentSession
from vms_api.accounts.errors import Hidden
from vms_api.accounts.permission import Permission
from vms_api.audit.actor import CurrentActor
from vms_api.control import ControlPart
from vms_api.cursor import Page
from vms_api.errors import NotFound

router = APIRouter()

Id = Annotated[str, Path(max_length=64)]
UserFilter = Annotated[str | None, Query(max_length=64, description="Whose; the caller's own when absent.")]
TokenName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")
]
_MAX_DAYS = 366


class SessionShown(BaseModel):
    """An open session. `address` and `agent` say from where it began; `is_current` marks the one that asks."""

    id: str
    user_id: str
    created_at: datetime
    last_used_at: datetime
    address: str
    agent: str
    is_current: bool


class TokenIn(BaseModel):
    """An API token to be made for oneself. It can do no more than its scopes, and no more than its owner."""

    model_config = ConfigDict(extra="forbid")

    name: TokenName
    scopes: Annotated[list[Permission], Field(min_length=1, max_length=len(Permission))]
    days: Annotated[int, Field(ge=1, le=_MAX_DAYS, description="Days until it expires.")] = 90


class TokenShown(BaseModel):
    """An API token; its text is shown only when it is made."""

    id: str
    user_id: str
    name: str
    scopes: list[Permission]
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, token: ApiToken) -> "TokenShown":
        """As the API shows it."""
        return cls.model_validate(_token_fields(token))


class TokenMade(TokenShown):
    """A fresh API token with its text, for the header `Authorization: Bearer`."""

    token: str


@router.get("/sessions")
async def list_sessions(
    session: CurrentSession, access: CurrentAccess, control: ControlPart, user_id: UserFilter = None
) -> Page[SessionShown]:
    """One's own open sessions, or somebody's for those who manage users; all on one page."""
    _require_own(access, user_id)
    found = control.logins.sessions_of(user_id or access.user.id, control.clock.now())
    return Page(items=[_session_shown(other, session) for other in found], next_cursor=None)


@router.delete("/sessions/{session_id}", status_code=204)
async def end_session(
    _: CurrentSession, access: CurrentAccess, actor: CurrentActor, session_id: Id, control: ControlPart
) -> None:
    """Logs a session out; its views and event streams end."""
    session = control.logins.find_session(session_id)
    if session is None:
        raise NotFound("no such session")
    if not _manages(access, session.user.id):
        raise Hidden("no such session")
    await control.accounts.login_desk.end_session(session, actor)


@router.get("/tokens")
async def list_tokens(
    _: CurrentSession, access: CurrentAccess, control: ControlPart, user_id: UserFilter = None
) -> Page[TokenShown]:
    """One's own API tokens, or somebody's for those who manage users; all on one page, expired ones too."""
    _require_own(access, user_id)
    found = control.logins.tokens_of(user_id or access.user.id)
    return Page(items=[TokenShown.of(token) for token in found], next_cursor=None)


@router.post("/tokens", status_code=201)
async def add_token(
    _: CurrentSession, access: CurrentAccess, actor: CurrentActor, body: TokenIn, control: ControlPart
) -> TokenMade:
    """Makes an API token. Its text is in this answer and nowhere else."""
    text, token = await control.accounts.login_desk.issue_token(
        access.user, body.name, frozenset(body.scopes), timedelta(days=body.days), actor
    )
    return TokenMade.model_validate({**_token_fields(token), "token": text})


@router.delete("/tokens/{token_id}", status_code=204)
async def withdraw_token(
    _: CurrentSession, access: CurrentAccess, actor: CurrentActor, token_id: Id, control: ControlPart
) -> None:
    """Withdraws an API token; its event streams end."""
    token = control.logins.find_token(token_id)
    if token is None:
        raise NotFound("no such token")
    if not _manages(access, token.user.id):
        raise Hidden("no such token")
    await control.accounts.login_desk.withdraw_token(token, actor)


def _manages(access: Access, user_id: str) -> bool:
    return user_id == access.user.id or access.allows(Permission.USER_MANAGE, access.rights.tree.root.id)


def _require_own(access: Access, user_id: str | None) -> None:
    if user_id is not None and user_id != access.user.id:
        access.require_site(Permission.USER_MANAGE)


def _session_shown(session: Session, current: Session) -> SessionShown:
    return SessionShown(
        id=session.id,
        user_id=session.user.id,
        created_at=session.created_at,
        last_used_at=session.last_used_at,
        address=session.address,
        agent=session.agent,
        is_current=session.key == current.key,
    )


def _token_fields(token: ApiToken) -> dict[str, object]:
    return {
        "id": token.id,
        "user_id": token.user.id,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "created_at": token.created_at,
        "expires_at": token.expires_at,
    }
