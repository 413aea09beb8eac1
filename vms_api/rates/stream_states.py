"""When a camera's streams were live, from the changes of their states. Pure."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from vms_api.rates.spans import Span, merged

LIVE = "live"


class StreamChange(NamedTuple):
    """A stream came into a state, microseconds since 1970 UTC."""

    at_us: int
    role: str
    state: str


def live_spans(changes: Iterable[StreamChange], window: Span, roles: Sequence[str]) -> list[Span]:
    """When any of the streams was live within the window.

    `changes` in any order, the last one before the window among them; the same one told twice changes nothing. Of two
    at the same instant that which says "not live" holds.
    """
    spans: list[Span] = []
    start, end = window
    for role in roles:
        since: int | None = None
        told = sorted((change.at_us, change.state != LIVE) for change in changes if change.role == role)
        for at_us, is_down in told:
            if since is None and not is_down:
                since = at_us
            elif since is not None and is_down:
                spans.append((max(since, start), min(at_us, end)))
                since = None
        if since is not None:
            spans.append((max(since, start), end))
    return merged(spans)
