"""Ways to log in, and the way by an OpenID Connect provider: browsers walk through these, so refusals are redirects."""

import hmac
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from vms_api.accounts.current_user import is_secure, set_cookie, visitor
from vms_api.accounts.errors import OidcDenied, OidcRefused
from vms_api.accounts.oidc import state_key
from vms_api.accounts.oidc_desk import LOGIN_LIFETIME_S, OidcDesk
from vms_api.audit.refusal import record_refusal
from vms_api.control import Control, ControlPart
from vms_api.errors import NotFound, Problem

router = APIRouter()

State = Annotated[str, Query(max_length=200)]
Code = Annotated[str, Query(max_length=8192)]
Issuer = Annotated[str | None, Query(max_length=2048)]
NextPath = Annotated[
    str,
    Query(
        alias="next",
        max_length=500,
        pattern=r"^/([^/\\\x00-\x1f][^\\\x00-\x1f]*)?$",
        description="Where the page goes on; a path of it.",
    ),
]
_SEE_OTHER = 303


class OidcMethod(BaseModel):
    """Login by an OpenID Connect provider; `label` is its name for people."""

    label: str


class LoginMethods(BaseModel):
    """How people may log in here."""

    password: bool
    oidc: OidcMethod | None


@router.get("/login/methods")
async def read_login_methods(control: ControlPart) -> LoginMethods:
    """The ways to log in."""
    return LoginMethods(
        password=True, oidc=OidcMethod(label=control.accounts.oidc.label) if control.accounts.oidc else None
    )


@router.get("/login/oidc", status_code=_SEE_OTHER, response_class=RedirectResponse)
async def begin_oidc_login(request: Request, control: ControlPart, next_path: NextPath = "/") -> RedirectResponse:
    """Sends the browser to the provider; 404 where there is none. If that fails, back to `/login?problem=<code>`."""
    desk = _desk(control)
    try:
        state, address = await desk.begin(next_path, visitor(request))
    except Problem as problem:
        return await _refused(request, problem)
    answer = RedirectResponse(address, _SEE_OTHER)
    answer.set_cookie(
        _state_cookie(request, control),
        state_key(state),
        max_age=int(LOGIN_LIFETIME_S),
        path="/",
        secure=is_secure(request, control),
        httponly=True,
        samesite="lax",  # the provider's redirect back is a top-level navigation, which brings it
    )
    return answer


@router.get("/login/oidc/callback", status_code=_SEE_OTHER, response_class=RedirectResponse)
async def finish_oidc_login(
    request: Request, control: ControlPart, state: State = "", code: Code = "", iss: Issuer = None
) -> RedirectResponse:
    """Where the provider sends the browser back to: logs in and goes on, or back to `/login?problem=<code>`."""
    desk = _desk(control)
    kept = request.cookies.get(_state_cookie(request, control), "")
    try:
        if not code or not hmac.compare_digest(kept.encode(), state_key(state).encode()):
            raise OidcRefused  # no code: the provider, or the person there, said no (RFC 6749 clause 4.1.2.1)
        login, next_path = await desk.finish(state, code, iss, visitor(request))
    except Problem as problem:
        answer = await _refused(request, problem)
    else:
        answer = RedirectResponse(next_path, _SEE_OTHER)
        set_cookie(request, answer, control, login)
    secure = is_secure(request, control)
    answer.delete_cookie(_state_cookie(request, control), path="/", secure=secure, httponly=True, samesite="lax")
    return answer


def _desk(control: Control) -> OidcDesk:
    if control.accounts.oidc is None:
        raise NotFound("no provider is set up")
    return control.accounts.oidc


async def _refused(request: Request, problem: Problem) -> RedirectResponse:
    """A browser is here, not the page: the page tells the person."""
    if isinstance(problem, OidcDenied):
        request.state.claimed_name = problem.username
    await record_refusal(request, problem)
    return RedirectResponse(f"/login?{urlencode({'problem': problem.code})}", _SEE_OTHER)


def _state_cookie(request: Request, control: Control) -> str:
    return ("__Host-" if is_secure(request, control) else "") + "xueliang_oidc"
