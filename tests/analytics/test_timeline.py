"""Time that runs on through reconnects."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.timeline import RECONNECT_S, Timeline
from tests.fakes.picture import frame_at


def test_media_time_is_joined_over_a_short_reconnect() -> None:
    """The new epoch begins at another media time, and two seconds have passed."""
    timeline = Timeline()
    assert not timeline.is_seamless(frame_at(100.0))
    back = replace(frame_at(102.0, epoch=2), media_time_s=7.0)
    assert timeline.is_seamless(back)
    assert timeline.now_s(back) == pytest.approx(102.0)
    later = replace(frame_at(102.4, epoch=2), media_time_s=7.4)
    assert timeline.is_seamless(later)
    assert timeline.now_s(later) == pytest.approx(102.4)


def test_a_long_silence_is_a_seam() -> None:
    """Nobody knows who stands there now, and time is the new epoch's own."""
    timeline = Timeline()
    timeline.is_seamless(frame_at(1.0))
    back = replace(frame_at(2.0 + RECONNECT_S, epoch=2), media_time_s=7.0)
    assert not timeline.is_seamless(back)
    assert timeline.now_s(back) == 7.0


@given(
    st.lists(
        st.tuples(st.floats(0.01, 2 * RECONNECT_S), st.booleans(), st.floats(0, 1e6)),
        min_size=1,
        max_size=30,
    )
)
def test_time_never_runs_back_while_it_is_seamless(steps: list[tuple[float, bool, float]]) -> None:
    """Whatever media time each epoch starts with; and the same frame twice is the same moment."""
    timeline, arrived_s, epoch, media_s = Timeline(), 0.0, 1, 0.0
    latest_s: float | None = None
    for step_s, reconnects, start_s in steps:
        arrived_s += step_s
        epoch, media_s = (epoch + 1, start_s) if reconnects else (epoch, media_s + step_s)
        frame = replace(frame_at(arrived_s, epoch=epoch), media_time_s=media_s)
        seamless = timeline.is_seamless(frame)
        now_s = timeline.now_s(frame)
        if seamless and latest_s is not None:
            assert now_s - latest_s == pytest.approx(step_s, abs=1e-4)
        assert timeline.is_seamless(frame)
        assert timeline.now_s(frame) == now_s
        latest_s = now_s
