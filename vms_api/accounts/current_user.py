"""Who is asking: the annotated dependencies that stand before the guard (see access.py)."""

from typing import Annotated

from fastapi import Depends, Request, Response

from vms_api.accounts.account import SESSION_ABSOLUTE, Caller, Session, User
from vms_api.accounts.desk import Login, Visitor
from vms_api.accounts.errors import SessionRequired
from vms_api.control import Control, ControlPart
from vms_api.errors import NotLoggedIn

COOKIE = "xueliang_session"
SECURE_COOKIE = "__Host-xueliang_session"
"""The prefix binds the cookie to this host and to HTTPS (RFC 6265bis clause 4.1.3.2)."""

_MAX_AGENT = 200


async def current_caller(request: Request, control: ControlPart) -> Caller:
    """Whose request this is: by the API token in the Authorization header (RFC 6750 clause 2.1), else by the cookie.

    Raises:
        NotLoggedIn: neither, or the session is over.
        TokenWrong: no such API token, or it has ended.

    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        caller = control.accounts.desk.token_caller(token.strip())
    else:
        session = await _session(request, control)
        caller = Caller(session.user, session.key)
    request.state.caller = caller  # a refusal later on is recorded with the person's name
    return caller


CurrentCaller = Annotated[Caller, Depends(current_caller)]


async def current_session(request: Request, control: ControlPart) -> Session:
    """The session of the request's cookie; for what a person alone may do.

    Raises:
        NotLoggedIn: no cookie, or its session is over.
        SessionRequired: asked with an API token.

    """
    if "authorization" in request.headers:
        await current_caller(request, control)
        raise SessionRequired
    return await _session(request, control)


CurrentSession = Annotated[Session, Depends(current_session)]


async def current_user(caller: CurrentCaller) -> User:
    """The person of the session or of the token."""
    return caller.user


CurrentUser = Annotated[User, Depends(current_user)]


def visitor(request: Request) -> Visitor:
    """Where a login comes from."""
    agent = "".join(letter for letter in request.headers.get("user-agent", "") if letter.isprintable())
    return Visitor(request.client.host if request.client else "", agent[:_MAX_AGENT])


def cookie_name(request: Request, control: Control) -> str:
    """HTTPS has a cookie of its own, which a page served over HTTP can neither read nor overwrite."""
    return SECURE_COOKIE if is_secure(request, control) else COOKIE


def set_cookie(request: Request, response: Response, control: Control, login: Login) -> None:
    """Hands the session's token to the browser."""
    response.set_cookie(
        cookie_name(request, control),
        login.token,
        max_age=int(SESSION_ABSOLUTE.total_seconds()),
        path="/",
        secure=is_secure(request, control),
        httponly=True,
        samesite="lax",
    )


def clear_cookie(request: Request, response: Response, control: Control) -> None:
    """Takes the cookie back; browsers ignore this for a `__Host-` cookie unless it is as strict as the cookie."""
    name, secure = cookie_name(request, control), is_secure(request, control)
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")


async def _session(request: Request, control: Control) -> Session:
    token = request.cookies.get(cookie_name(request, control))
    if not token:
        raise NotLoggedIn
    return await control.accounts.desk.session(token)


def is_secure(request: Request, control: Control) -> bool:
    """Whether the browser came by HTTPS, to this process or to the proxy before it."""
    return request.url.scheme == "https" or (control.settings.server.public_origin or "").startswith("https:")
