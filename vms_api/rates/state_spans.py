"""From changes of a state to the spans that it lasted: streams that were live, findings that stood. Pure."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from vms_api.rates.spans import Span, merged

LIVE = "live"


class StateChange(NamedTuple):
    """Something of a camera came into a state, microseconds since 1970 UTC.

    `of` is the role of a stream, or the category of a finding ("" of the picture as a whole).
    """

    at_us: int
    of: str
    state: str


def spans_in(states: Collection[str], changes: Iterable[StateChange], window: Span, of: Sequence[str]) -> list[Span]:
    """When any of those was in one of the states within the window.

    `changes` in any order, the last one before the window among them; the same one told twice changes nothing. Of two
    at the same instant that which leads out of the states holds.
    """
    spans: list[Span] = []
    start, end = window
    wanted = [change for change in changes if change.of in of]
    for one in {change.of for change in wanted}:
        since: int | None = None
        for at_us, leads_out in sorted((c.at_us, c.state not in states) for c in wanted if c.of == one):
            if since is None and not leads_out:
                since = at_us
            elif since is not None and leads_out:
                spans.append((max(since, start), min(at_us, end)))
                since = None
        if since is not None:
            spans.append((max(since, start), end))
    return merged(spans)


def live_spans(changes: Iterable[StateChange], window: Span, roles: Sequence[str]) -> list[Span]:
    """When any of the streams was live."""
    return spans_in((LIVE,), changes, window, roles)
