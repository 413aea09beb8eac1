"""Set-up, login, logout, and what one changes about oneself."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from vms_api.accounts.access import CurrentAccess
from vms_api.accounts.account import User
from vms_api.accounts.current_user import CurrentSession, CurrentUser, clear_cookie, set_cookie, visitor
from vms_api.accounts.permission import Permission
from vms_api.accounts.totp import enrolment_uri
from vms_api.audit.actor import CurrentActor
from vms_api.control import Control, ControlPart

router = APIRouter()

Username = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")
]
Password = Annotated[str, Field(max_length=1024, repr=False)]
Code = Annotated[str, Field(pattern=r"^\d{6}$", repr=False)]
Token = Annotated[str, Field(max_length=200, repr=False)]


class SetupState(BaseModel):
    """Whether the first user has still to be made."""

    needed: bool


class SetupIn(BaseModel):
    """The first user. `token` is from the link printed at start."""

    model_config = ConfigDict(extra="forbid")

    token: Token
    username: Username
    password: Password


class LoginIn(BaseModel):
    """Name and password, with a code where a second factor is set up; or the token of a one-time link."""

    model_config = ConfigDict(extra="forbid")

    username: Username | None = None
    password: Annotated[str | None, Field(max_length=1024, repr=False)] = None
    code: Annotated[str | None, Field(pattern=r"^\d{6}$", repr=False)] = None
    token: Annotated[str | None, Field(max_length=200, repr=False)] = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = ({"token"}, {"username", "password"}, {"username", "password", "code"})
        if {name for name in LoginIn.model_fields if getattr(self, name) is not None} not in ways:
            raise PydanticCustomError("login_incomplete", "either username and password, or token")
        return self


class Me(BaseModel):
    """Who is logged in. `language` is null until the person chooses one; `permissions` are those held somewhere.

    While `must_change_password` or `must_set_up_totp` is true, nothing else is answered than what serves that.
    `time_zone` is that of the site's clocks, by which its days are counted.
    """

    id: str
    username: str
    language: Literal["zh-CN", "en"] | None
    permissions: list[Permission]
    must_change_password: bool
    has_totp: bool
    must_set_up_totp: bool
    time_zone: str


class MePatch(BaseModel):
    """What one may change about oneself."""

    model_config = ConfigDict(extra="forbid")

    language: Literal["zh-CN", "en"] | None


class PasswordIn(BaseModel):
    """Another password of one's own."""

    model_config = ConfigDict(extra="forbid")

    present: Password
    password: Password


class PresentPassword(BaseModel):
    """The present password, to show that it is really the person who asks."""

    model_config = ConfigDict(extra="forbid")

    present: Password


class TotpOffer(BaseModel):
    """A second factor to be set up: the secret in base32, and the same as an address for a QR code."""

    secret: str
    uri: str


class TotpCode(BaseModel):
    """A code of the authenticator app."""

    model_config = ConfigDict(extra="forbid")

    code: Code


@router.get("/setup")
async def read_setup(control: ControlPart) -> SetupState:
    """Whether the first user has still to be made."""
    return SetupState(needed=await control.accounts.desk.is_setup_needed())


@router.post("/setup", status_code=201)
async def setup(body: SetupIn, request: Request, response: Response, control: ControlPart) -> Me:
    """Makes the first user, an administrator of the whole site, and logs in."""
    login = await control.accounts.desk.setup(body.token, body.username, body.password, visitor(request))
    set_cookie(request, response, control, login)
    return _me(login.session.user, control)


@router.post("/login")
async def log_in(body: LoginIn, request: Request, response: Response, control: ControlPart) -> Me:
    """Logs in by password, with the code of the second factor where there is one, or by one-time link."""
    if body.token is not None:
        login = await control.accounts.desk.login_by_token(body.token, visitor(request))
    else:
        name, password = body.username or "", body.password or ""
        request.state.claimed_name = name
        login = await control.accounts.desk.login(name, password, body.code, visitor(request))
    set_cookie(request, response, control, login)
    return _me(login.session.user, control)


class LoginLink(BaseModel):
    """A token that logs its issuer in once, within ten minutes: for another screen, a wall or the demo."""

    token: str


@router.post("/login-links", status_code=201)
async def create_login_link(
    _session: CurrentSession, _: CurrentAccess, actor: CurrentActor, control: ControlPart
) -> LoginLink:
    """Issues a one-time login for oneself; the page takes it as `/login#token=…`."""
    return LoginLink(token=await control.accounts.desk.issue_login_token(actor))


@router.post("/logout", status_code=204)
async def log_out(session: CurrentSession, request: Request, response: Response, control: ControlPart) -> None:
    """Ends the session with its views and event streams."""
    await control.accounts.desk.logout(session)
    clear_cookie(request, response, control)


@router.get("/me")
async def read_me(user: CurrentUser, control: ControlPart) -> Me:
    """Who is logged in."""
    return _me(user, control)


@router.patch("/me")
async def change_me(body: MePatch, session: CurrentSession, control: ControlPart) -> Me:
    """Chooses the language of the page."""
    return _me(await control.accounts.people.choose_language(session.user.id, body.language), control)


@router.post("/me/password", status_code=204)
async def change_password(body: PasswordIn, session: CurrentSession, actor: CurrentActor, control: ControlPart) -> None:
    """Chooses another password; one's other sessions end."""
    await control.accounts.people.change_own_password(session, body.present, body.password, actor)


@router.post("/me/totp", status_code=201)
async def offer_totp(body: PresentPassword, session: CurrentSession, control: ControlPart) -> TotpOffer:
    """Begins to set up a second factor; it counts once a code of it is confirmed. Replaces none before that."""
    await control.accounts.people.check_password(session.user, body.present)
    secret = control.accounts.factors.offer(session.user)
    return TotpOffer(secret=secret, uri=enrolment_uri(secret, control.settings.site.name, session.user.username))


@router.post("/me/totp/confirm", status_code=204)
async def confirm_totp(body: TotpCode, session: CurrentSession, actor: CurrentActor, control: ControlPart) -> None:
    """Sets up the second factor that was offered."""
    await control.accounts.factors.confirm(session.user, body.code, actor)


@router.post("/me/totp/remove", status_code=204)
async def remove_own_totp(
    body: PresentPassword, session: CurrentSession, actor: CurrentActor, control: ControlPart
) -> None:
    """Gives up the second factor."""
    await control.accounts.people.check_password(session.user, body.present)
    await control.accounts.factors.remove(session.user.id, actor)


def _me(user: User, control: Control) -> Me:
    return Me(
        id=user.id,
        username=user.username,
        language="zh-CN" if user.language == "zh-CN" else "en" if user.language == "en" else None,
        permissions=sorted(control.rights.index.permissions_anywhere(user.id)),
        must_change_password=user.must_change_password,
        has_totp=user.sealed_totp is not None,
        must_set_up_totp=user.sealed_totp is None and control.accounts.factors.is_needed(user.id),
        time_zone=control.settings.site.time_zone,
    )
