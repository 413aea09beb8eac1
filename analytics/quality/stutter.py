"""Stutter: pictures come too few or in bursts.

Value: the worse of two: how many times longer than a frame the longer gaps are, and how many times fewer pictures come
than usual. Cameras that vary their rate on purpose have that in their baseline.
"""

from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.finding import Finding, Limit, judged, unknown
from analytics.quality.sample import StreamFacts

_FEW = 3  # packets; fewer say nothing
_LIMIT = Limit(1.0, 2.5)
_LINE = 0.01  # share of packets lost from which the line is at fault, not the camera


def gap_of(stream: StreamFacts | None) -> float | None:
    """The 95th percentile of the gaps, by the time that a frame should take."""
    if stream is None or stream.packets < _FEW:
        return None
    rate = stream.fps_declared or stream.fps_measured
    return stream.gap_p95_s * rate if rate > 0 else None


def rate_of(stream: StreamFacts | None) -> float | None:
    """Measured by declared pictures a second."""
    if stream is None or stream.packets < _FEW or stream.fps_declared <= 0:
        return None
    return stream.fps_measured / stream.fps_declared


def judge(case: Case) -> Finding:
    """Stutter when gaps are long or pictures few, against what the camera declares and usually does."""
    stream = case.sample.stream
    numbers = case.features.numbers
    if stream is None or numbers.gap is None:
        return unknown(Category.STUTTER, "no-stream-facts")
    usual_gap, usual_rate = case.usual("gap"), case.usual("frame_rate")
    value = numbers.gap / max(usual_gap.mean if usual_gap is not None else 1.0, 1.0)
    if numbers.frame_rate is not None:
        expected = min(usual_rate.mean, 1.0) if usual_rate is not None else 1.0
        value = max(value, 1.6 * expected / max(numbers.frame_rate, 1e-3))
    threshold = 1.0 + (_LIMIT.threshold - 1.0) * case.baseline.margin(Category.STUTTER)
    return judged(Category.STUTTER, value, Limit(_LIMIT.usual, threshold), _cause(stream))


def _cause(stream: StreamFacts) -> str:
    share = stream.lost / max(stream.packets + stream.lost, 1)
    return "line-loses-packets" if share > _LINE else "camera-sends-unevenly"
