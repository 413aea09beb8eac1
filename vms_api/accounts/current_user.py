"""Who is asking: the annotated dependencies that guard the routes."""

from typing import Annotated

from fastapi import Depends, Request, Response

from vms_api.accounts.account import SESSION_ABSOLUTE, Session, User
from vms_api.accounts.desk import Login
from vms_api.control import Control, ControlPart
from vms_api.errors import NotLoggedIn

COOKIE = "xueliang_session"
SECURE_COOKIE = "__Host-xueliang_session"
"""The prefix binds the cookie to this host and to HTTPS (RFC 6265bis clause 4.1.3.2)."""


async def current_session(request: Request, control: ControlPart) -> Session:
    """The session of the request's cookie.

    Raises:
        NotLoggedIn: no cookie, or its session is over.

    """
    token = request.cookies.get(cookie_name(request, control))
    if not token:
        raise NotLoggedIn
    return await control.accounts.session(token)


CurrentSession = Annotated[Session, Depends(current_session)]


def current_user(session: CurrentSession) -> User:
    """The person of the session."""
    return session.user


CurrentUser = Annotated[User, Depends(current_user)]


def cookie_name(request: Request, control: Control) -> str:
    """HTTPS has a cookie of its own, which a page served over HTTP can neither read nor overwrite."""
    return SECURE_COOKIE if _is_secure(request, control) else COOKIE


def set_cookie(request: Request, response: Response, control: Control, login: Login) -> None:
    """Hands the session's token to the browser."""
    response.set_cookie(
        cookie_name(request, control),
        login.token,
        max_age=int(SESSION_ABSOLUTE.total_seconds()),
        path="/",
        secure=_is_secure(request, control),
        httponly=True,
        samesite="lax",
    )


def clear_cookie(request: Request, response: Response, control: Control) -> None:
    """Takes the cookie back; browsers ignore this for a `__Host-` cookie unless it is as strict as the cookie."""
    name, secure = cookie_name(request, control), _is_secure(request, control)
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")


def _is_secure(request: Request, control: Control) -> bool:
    return request.url.scheme == "https" or (control.settings.server.public_origin or "").startswith("https:")
