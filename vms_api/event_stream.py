"""GET /events: the event log as server-sent events, resumable by Last-Event-ID (WHATWG HTML clause 9.2)."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

import structlog
from fastapi import APIRouter, Header
from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from vms_api.accounts.access import Access, CurrentAccess
from vms_api.accounts.permission import Permission
from vms_api.control import Control, ControlPart
from vms_api.event_filter import as_told, horizon, is_heard
from vms_api.events import Event, EventLog, Listener

router = APIRouter()
log = structlog.get_logger()

PING_S = 15
SEND_TIMEOUT_S = 20.0
"""A client that takes nothing for this long is let go; it can resume where it was."""


class EventStreamResponse(EventSourceResponse):
    """An event stream that lets go of a client that does not read."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Streams until the client leaves, the log closes, or a send takes too long."""
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            log.info("event_stream.client_let_go", reason="it did not read", limit_s=SEND_TIMEOUT_S)


@router.get("/events", response_class=EventStreamResponse)
async def stream_events(
    control: ControlPart,
    access: CurrentAccess,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> EventStreamResponse:
    """Alerts, camera and node states as they happen; `hello` first, or what was missed since Last-Event-ID.

    Everybody hears what concerns the areas he sees. `reset` says to load all lists anew: the number asked for is not
    kept any more, or the caller's rights have changed.
    """
    asked = int(last_event_id) if last_event_id is not None and last_event_id.isdecimal() else None
    return EventStreamResponse(_frames(control, access, asked), ping=PING_S, send_timeout=SEND_TIMEOUT_S)


async def _frames(control: Control, access: Access, asked: int | None) -> AsyncIterator[ServerSentEvent]:
    events = control.events
    with events.listen(access.caller.key) as listener:
        opening, number = await _opening(events, asked)
        seen = horizon(access)
        for event in [*opening, *await control.passing_states(access.area_ids(Permission.CAMERA_VIEW))]:
            yield _frame(event)
        listener.wake()
        while not listener.is_closed:
            await listener.wait()
            if seen != (seen := horizon(access)):
                yield _frame(Event(None, "reset", {}))
            async for event in _pending(events, listener, number):
                number = event.id or number
                if is_heard(event, access):
                    yield _frame(as_told(event, access))


async def _opening(events: EventLog, asked: int | None) -> tuple[Sequence[Event], int]:
    """The first event of a connection, if it needs one, and the number to read on from."""
    oldest, newest = await events.span()
    if asked is None:
        return [Event(newest, "hello", {"last_event_id": newest})], newest
    if asked > newest or asked < oldest - 1:
        return [Event(newest, "reset", {})], newest
    return [], asked


async def _pending(events: EventLog, listener: Listener, number: int) -> AsyncIterator[Event]:
    while recorded := await events.after(number):
        for event in recorded:
            number = event.id or number
            yield event
    for event in listener.take_passing():
        yield event


def _frame(event: Event) -> ServerSentEvent:
    data = json.dumps(event.data, ensure_ascii=False, separators=(",", ":"))
    return ServerSentEvent(data, event=event.kind, id=None if event.id is None else str(event.id))
