"""How long somebody was really at a stop, as far as the server believes it. Pure.

A report speaks for the time since the one before it, and for no more than that: reports that come faster count no more,
one that comes late counts nothing, and what lies between two screens, or two lives of the server, is such a gap.
"""

from dataclasses import dataclass, replace

MOST_GAP_S = 6.0
"""Reports come every two seconds: after three of them are missing, nobody knows what was on the screen."""
INPUT_LASTS_S = 60.0
"""For how long a touched mouse, key or screen shows that somebody sits there."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a page tells: whether it is in view, whether its pictures move, whether it was touched since the last."""

    visible: bool
    playing: bool
    touched: bool


@dataclass(frozen=True, slots=True)
class Presence:
    """What was counted until `at_s` of monotonic time (None: nothing is known of the time before the next report).

    `present_s`: in view, with moving pictures, by somebody who touched the page not long ago. `attended_s`: the same,
    whether the pictures moved or not. `last` is what was last told, `touched_at_s` when the page was last touched.
    """

    present_s: float = 0.0
    attended_s: float = 0.0
    at_s: float | None = None
    last: Report | None = None
    touched_at_s: float | None = None


def arrived(present_s: float, attended_s: float, now_s: float) -> Presence:
    """Somebody has just come to a stop that had so many seconds: to come there takes a touch."""
    here = Report(visible=True, playing=False, touched=True)
    return Presence(present_s, attended_s, at_s=now_s, last=here, touched_at_s=now_s)


def heard(presence: Presence, report: Report, now_s: float) -> Presence:
    """The count after a report. It counts only what was so before and after."""
    touched_at_s = now_s if report.touched else presence.touched_at_s
    after = replace(presence, at_s=now_s, last=report, touched_at_s=touched_at_s)
    if presence.at_s is None or presence.last is None or touched_at_s is None:
        return after
    passed_s = now_s - presence.at_s
    is_known = 0 < passed_s <= MOST_GAP_S and now_s - touched_at_s <= INPUT_LASTS_S
    if not (is_known and report.visible and presence.last.visible):
        return after
    is_playing = report.playing and presence.last.playing
    present_s = presence.present_s + (passed_s if is_playing else 0.0)
    return replace(after, present_s=present_s, attended_s=presence.attended_s + passed_s)
