"""Problems as answers: application/problem+json (RFC 9457), in one place."""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import Response

from vms_api.errors import FieldError, InvalidRequest, MethodNotAllowed, NotFound, Problem

_NAME = re.compile("[a-z][a-z0-9_]{0,39}")
"""What a field of ours may be called. Of an unknown one that looks different, nothing is repeated."""

OnProblem = Callable[[Request, Problem], Awaitable[None]]


class FieldProblemDocument(BaseModel):
    """One field that was refused."""

    field: str
    code: str
    message: str


class ProblemDocument(BaseModel):
    """Why a request was refused. `code` is stable and what the page translates.

    With `not-allowed` come the permission that is missing and the names of people who can grant it.
    """

    type: str
    title: str
    status: int
    detail: str | None
    code: str
    errors: list[FieldProblemDocument] | None = None
    permission: str | None = None
    who_can_grant: list[str] | None = None


PROBLEM_RESPONSES: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "The request was refused",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
    }
}


JPEG_RESPONSES: dict[int | str, dict[str, Any]] = {200: {"description": "A picture", "content": {"image/jpeg": {}}}}
"""Of routes that answer with pixels: a test takes them from the OpenAPI document and looks for their audit rows."""


def problem_response(problem: Problem) -> JSONResponse:
    """The answer that a problem is."""
    document = problem.document()
    headers = {} if problem.retry_after_s is None else {"Retry-After": str(problem.retry_after_s)}
    return JSONResponse(document, document["status"], headers, media_type="application/problem+json")


def field_errors(details: Iterable[Mapping[str, Any]]) -> Sequence[FieldError]:
    """Pydantic's findings as ours: without the input, which may be a password."""
    return [
        FieldError(_field(detail["loc"]), str(detail["type"]).replace("_", "-"), str(detail["msg"]))
        for detail in details
    ]


def install_problem_handlers(app: FastAPI, on_problem: OnProblem) -> None:
    """Every refusal ends in one kind of document; mistakes of ours are answered by the request guard.

    `on_problem` hears of each before it is answered.
    """

    async def answer(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, Problem)  # noqa: S101 - what the handler is registered for
        await on_problem(request, problem)
        return problem_response(problem)

    app.add_exception_handler(Problem, answer)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)


def _field(location: Sequence[int | str]) -> str:
    parts = location[1:] if location and location[0] in {"body", "query", "path", "header"} else location
    return ".".join(str(part) if isinstance(part, int) or _NAME.fullmatch(part) else "?" for part in parts)


async def _on_invalid_request(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what the handler is registered for
    return problem_response(InvalidRequest(errors=field_errors(error.errors())))


async def _on_http_exception(_request: Request, error: Exception) -> Response:
    """What the framework itself refuses: unknown paths and methods, bodies that end in one of our problems."""
    assert isinstance(error, HTTPException)  # noqa: S101 - what the handler is registered for
    if isinstance(error.__cause__, Problem):
        return problem_response(error.__cause__)
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return problem_response(NotFound())
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return problem_response(MethodNotAllowed())
        case _:
            return problem_response(InvalidRequest("the request cannot be read"))
