"""Timestamps of cameras, repaired or refused."""

import itertools
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import TimestampsJumped
from ingest.timestamps import RTP_VIDEO_CLOCK, Stamp, TimestampGuard

PERIOD = 3600  # 25 fps on the RTP clock
WRAP = 1 << 32

stamps = st.one_of(st.none(), st.integers(-40_000, 40_000))


def run(guard: TimestampGuard, sent: list[tuple[int | None, int | None]]) -> list[Stamp]:
    """Passes access units through, one every 40 ms."""
    return [guard.check(pts, dts, index / 25) for index, (pts, dts) in enumerate(sent)]


@given(st.lists(st.tuples(stamps, stamps), max_size=60))
def test_whatever_comes_is_legal_or_refused(sent: list[tuple[int | None, int | None]]) -> None:
    """Decoding times rise strictly and no picture is shown before it is decoded."""
    guard, passed = TimestampGuard(RTP_VIDEO_CLOCK), []
    for index, (pts, dts) in enumerate(sent):
        try:
            passed.append(guard.check(pts, dts, index / 25))
        except TimestampsJumped:
            break
    assert all(later.dts > earlier.dts for earlier, later in itertools.pairwise(passed))
    assert all(stamp.pts >= stamp.dts for stamp in passed)


@given(st.integers(0, WRAP), st.lists(st.integers(1, 5 * PERIOD), min_size=1, max_size=40))
def test_legal_stamps_pass_untouched(start: int, steps: list[int]) -> None:
    """A good camera's stamps are not changed, whatever its frame rate."""
    sent, now = [], start
    for step in steps:
        sent.append((now, now))
        now += step
    assert run(TimestampGuard(RTP_VIDEO_CLOCK), sent) == [Stamp(pts, dts, repaired=False) for pts, dts in sent]


@given(st.integers(0, 20))
def test_the_rtp_clock_wraps_without_a_seam(before: int) -> None:
    """After 2^32 ticks (13 hours) time goes on rising by one period."""
    raw = [(WRAP - before * PERIOD + index * PERIOD) % WRAP for index in range(40)]
    passed = run(TimestampGuard(RTP_VIDEO_CLOCK), [(stamp, stamp) for stamp in raw])
    assert {later.pts - earlier.pts for earlier, later in itertools.pairwise(passed)} == {PERIOD}


def test_a_first_packet_without_stamps_is_placed_before_the_second() -> None:
    """What libav does on RTSP: none, then 0, 3600, ... becomes evenly spaced."""
    passed = run(TimestampGuard(RTP_VIDEO_CLOCK, 0.04), [(None, None), (0, 0), (PERIOD, PERIOD)])
    assert [stamp.pts for stamp in passed] == [0, PERIOD, 2 * PERIOD]
    assert [stamp.repaired for stamp in passed] == [True, False, False]


def test_missing_stamps_go_on_at_the_frame_rate() -> None:
    """A packet without times is put one period after the last."""
    passed = run(TimestampGuard(RTP_VIDEO_CLOCK, 0.04), [(0, 0), (None, None), (None, None)])
    assert [stamp.dts for stamp in passed] == [0, PERIOD, 2 * PERIOD]


@pytest.mark.parametrize("jump_s", [-3600, -1, 11, 3600])
def test_a_clock_that_was_set_ends_the_epoch(jump_s: int) -> None:
    """A jump beyond the limits cannot be repaired."""
    guard = TimestampGuard(RTP_VIDEO_CLOCK)
    guard.check(10**9, 10**9, 0.0)
    with pytest.raises(TimestampsJumped, match=f"{jump_s}"):
        guard.check(10**9 + jump_s * 90_000, 10**9 + jump_s * 90_000, 0.04)


def test_a_pause_of_the_camera_is_no_jump() -> None:
    """After a minute without packets the stream's clock may have gone on by a minute."""
    guard = TimestampGuard(RTP_VIDEO_CLOCK)
    guard.check(0, 0, 0.0)
    assert guard.check(60 * 90_000, 60 * 90_000, 60.0) == Stamp(60 * 90_000, 60 * 90_000, repaired=False)


def test_b_frames_keep_their_times() -> None:
    """Reordered pictures with good stamps pass, and the reordering is noticed."""
    order = [(0, -2), (3, -1), (1, 0), (2, 1), (6, 2), (4, 3), (5, 4)]
    sent = [(pts * PERIOD, dts * PERIOD) for pts, dts in order]
    guard = TimestampGuard(RTP_VIDEO_CLOCK)
    assert [(stamp.pts, stamp.dts) for stamp in run(guard, sent)] == sent
    assert guard.has_b_frames


def test_b_frames_without_decoding_times_become_legal() -> None:
    """Where only showing times are told, they are off by at most two periods and settle after the first group."""
    guard = TimestampGuard(RTP_VIDEO_CLOCK)
    shown = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8]
    passed = run(guard, [(pts * PERIOD, None) for pts in shown])
    assert all(abs(stamp.pts - pts * PERIOD) <= 2 * PERIOD + 2 for stamp, pts in zip(passed, shown, strict=True))
    assert [round(stamp.pts / PERIOD) for stamp in passed[4:]] == shown[4:]


@given(st.lists(st.integers(1, 4), min_size=3, max_size=12))
def test_told_reordering_leaves_every_showing_time_alone(groups: list[int]) -> None:
    """Anchors come before the pictures shown before them; decoding times rise by whole periods, none is repaired."""
    order, shown = [0], 0
    for size in groups:
        order += [shown + size, *range(shown + 1, shown + size)]
        shown += size
    guard = TimestampGuard(RTP_VIDEO_CLOCK, 0.04, reordering=1)
    stamps = [guard.check(3600 * place, None, index * 0.04) for index, place in enumerate(order)]
    assert [stamp.pts for stamp in stamps] == [3600 * place for place in order]
    assert [stamp.dts for stamp in stamps] == [3600 * (index - 1) for index in range(len(order))]


def test_reordering_that_is_not_told_is_found() -> None:
    """After the first group it shows in, all stamps are legal and every showing time is the camera's."""
    order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 12, 10, 11]
    guard = TimestampGuard(RTP_VIDEO_CLOCK, 0.04)
    stamps = [guard.check(3600 * place, None, index * 0.04) for index, place in enumerate(order)]
    assert all(later.dts > earlier.dts for earlier, later in pairwise(stamps))
    assert all(stamp.pts >= stamp.dts for stamp in stamps)
    assert [stamp.pts for stamp in stamps[4:]] == [3600 * place for place in order[4:]]


def test_without_b_frames_none_are_claimed() -> None:
    """A plain stream is not said to have B-frames."""
    guard = TimestampGuard(Fraction(1, 25))
    run(guard, [(index, index) for index in range(10)])
    assert not guard.has_b_frames
