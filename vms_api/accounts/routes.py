"""Set-up, login, logout, me."""

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from vms_api.accounts.account import User
from vms_api.accounts.current_user import CurrentSession, CurrentUser, clear_cookie, set_cookie
from vms_api.control import ControlPart

router = APIRouter()

Username = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")
]
Password = Annotated[str, Field(max_length=1024, repr=False)]
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
    """Name and password, or the token of a one-time link."""

    model_config = ConfigDict(extra="forbid")

    username: Username | None = None
    password: Annotated[str | None, Field(max_length=1024, repr=False)] = None
    token: Annotated[str | None, Field(max_length=200, repr=False)] = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = ({"token"}, {"username", "password"})
        if {name for name in LoginIn.model_fields if getattr(self, name) is not None} not in ways:
            raise PydanticCustomError("login_incomplete", "either username and password, or token")
        return self


class Me(BaseModel):
    """Who is logged in. `language` is null until the person chooses one."""

    id: str
    username: str
    language: Literal["zh-CN", "en"] | None

    @classmethod
    def of(cls, user: User) -> "Me":
        """As the API shows it."""
        return cls.model_validate({"id": user.id, "username": user.username, "language": user.language})


class MePatch(BaseModel):
    """What one may change about oneself."""

    model_config = ConfigDict(extra="forbid")

    language: Literal["zh-CN", "en"] | None


@router.get("/setup")
async def read_setup(control: ControlPart) -> SetupState:
    """Whether the first user has still to be made."""
    return SetupState(needed=await control.accounts.is_setup_needed())


@router.post("/setup", status_code=201)
async def setup(body: SetupIn, request: Request, response: Response, control: ControlPart) -> Me:
    """Makes the first user and logs in."""
    login = await control.accounts.setup(body.token, body.username, body.password)
    set_cookie(request, response, control, login)
    return Me.of(login.session.user)


@router.post("/login")
async def log_in(body: LoginIn, request: Request, response: Response, control: ControlPart) -> Me:
    """Logs in by password or by one-time link."""
    if body.token is not None:
        login = await control.accounts.login_by_token(body.token)
    else:
        address = request.client.host if request.client else ""
        login = await control.accounts.login(body.username or "", body.password or "", address)
    set_cookie(request, response, control, login)
    return Me.of(login.session.user)


class LoginLink(BaseModel):
    """A token that logs its issuer in once, within ten minutes: for another screen, a wall or the demo."""

    token: str


@router.post("/login-links", status_code=201)
async def create_login_link(user: CurrentUser, control: ControlPart) -> LoginLink:
    """Issues a one-time login for oneself; the page takes it as `/login#token=…`."""
    return LoginLink(token=control.accounts.issue_login_token(user.id))


@router.post("/logout", status_code=204)
async def log_out(session: CurrentSession, request: Request, response: Response, control: ControlPart) -> None:
    """Ends the session."""
    await control.accounts.logout(session)
    clear_cookie(request, response, control)


@router.get("/me")
async def read_me(user: CurrentUser) -> Me:
    """Who is logged in."""
    return Me.of(user)


@router.patch("/me")
async def change_me(body: MePatch, user: CurrentUser, control: ControlPart) -> Me:
    """Chooses the language of the page."""
    return Me.of(await control.accounts.choose_language(user, body.language))
