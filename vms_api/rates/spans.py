"""Spans of time and what can be done with them. Pure.

A span is (start, end) in microseconds since 1970 UTC, half open. `Spans` are in order, apart from each other and none
of them is empty.
"""

from collections.abc import Iterable, Sequence

Span = tuple[int, int]
Spans = Sequence[Span]


def merged(spans: Iterable[Span], *, bridging_us: int = 0) -> list[Span]:
    """Any spans as `Spans`: what overlaps or touches is one, and so is what lies at most `bridging_us` apart."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if joined and start - joined[-1][1] <= bridging_us:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def both(first: Spans, second: Spans) -> list[Span]:
    """What lies in both."""
    shared: list[Span] = []
    left = right = 0
    while left < len(first) and right < len(second):
        start = max(first[left][0], second[right][0])
        end = min(first[left][1], second[right][1])
        if start < end:
            shared.append((start, end))
        if first[left][1] < second[right][1]:
            left += 1
        else:
            right += 1
    return shared


def without(spans: Spans, taken: Spans) -> list[Span]:
    """What of `spans` lies in none of `taken`."""
    if not taken:
        return list(spans)
    rest: list[Span] = []
    next_taken = 0
    for start, end in spans:
        cursor = start
        while next_taken < len(taken) and taken[next_taken][1] <= cursor:
            next_taken += 1
        at = next_taken
        while at < len(taken) and taken[at][0] < end:
            if cursor < taken[at][0]:
                rest.append((cursor, taken[at][0]))
            cursor = max(cursor, taken[at][1])
            at += 1
        if cursor < end:
            rest.append((cursor, end))
    return rest


def length_us(spans: Spans) -> int:
    """How long they are together."""
    return sum(end - start for start, end in spans)
