"""Stutter: pictures come too few, in bursts, or with stalls in between.

Value: the worst of three: how many times longer than the mean gap the longer ones are, how many times fewer pictures
come than usual, and how much of the last minute the stream stood still. A camera that sends few pictures evenly from
its first day on does so on purpose, and so does one that sends few of them by night: that is in its baseline. What it
declares counts only where the line loses packets.
"""

from analytics.quality.baseline import Usual
from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.finding import Finding, Limit, judged, unknown
from analytics.quality.light import Light
from analytics.quality.sample import StreamFacts

_FEW = 3  # packets; fewer say nothing
_LIMIT = Limit(1.0, 2.5)
_LINE = 0.01  # share of packets lost from which the line is at fault, not the camera
_LEAST_RATE = 1e-3
_FEWER = 1.6  # so that half of the usual pictures are clearly beyond the threshold
_WAVERS = 2.0  # mean deviations
_A_MINUTE_S = 60.0
_STALLED = 0.1  # share of a minute that is at the threshold: some seconds


def gap_of(stream: StreamFacts | None) -> float | None:
    """The 95th percentile of the gaps by the mean one."""
    if stream is None or stream.packets < _FEW:
        return None
    return stream.gap_p95_s * stream.fps_measured


def rate_of(stream: StreamFacts | None) -> float | None:
    """Measured by declared pictures a second; measured alone where none are declared."""
    if stream is None or stream.packets < _FEW:
        return None
    return stream.fps_measured / stream.fps_declared if stream.fps_declared > 0 else stream.fps_measured


def judge(case: Case) -> Finding:
    """Stutter when gaps are long, pictures few or stalls many, against what the camera usually does."""
    stream, numbers = case.sample.stream, case.features.numbers
    if stream is None or numbers.gap is None or numbers.frame_rate is None:
        return unknown(Category.STUTTER, "no-stream-facts")
    value = max(
        _unevenness(numbers.gap, case.usual("gap")),
        _scarcity(case, stream, numbers.frame_rate),
        1.0 + (_LIMIT.threshold - 1.0) * stream.stalled_s / (_A_MINUTE_S * _STALLED),
    )
    threshold = 1.0 + (_LIMIT.threshold - 1.0) * case.baseline.margin(Category.STUTTER)
    return judged(Category.STUTTER, value, Limit(_LIMIT.usual, threshold), _cause(stream))


def _unevenness(gap: float, usual: Usual | None) -> float:
    return gap / (1.0 if usual is None else max(usual.mean + _WAVERS * usual.spread, 1.0))


def _scarcity(case: Case, stream: StreamFacts, rate: float) -> float:
    """How many times fewer than usual; beside what is declared where nothing is usual and packets are lost.

    A camera that sends fewer by night begins with it at dusk, while its pictures are still taken for those of a day.
    """
    is_declared = stream.fps_declared > 0
    usual = case.usual("frame_rate")
    if usual is None:
        return 1.0 / max(rate, _LEAST_RATE) if is_declared and _line_loses(stream) else 1.0
    seen = [one for light in Light if (one := case.baseline.seen_by("frame_rate", light)) is not None]
    expected = min(one.mean - _WAVERS * one.spread for one in (usual, *seen))
    return _FEWER * (min(expected, 1.0) if is_declared else expected) / max(rate, _LEAST_RATE)


def _cause(stream: StreamFacts) -> str:
    return "line-loses-packets" if _line_loses(stream) else "camera-sends-unevenly"


def _line_loses(stream: StreamFacts) -> bool:
    return stream.lost > _LINE * (stream.packets + stream.lost)
