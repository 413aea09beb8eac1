"""What waits for the inference thread."""

from analytics.inbox import FrameInbox
from tests.fakes.clock import ManualClock
from tests.fakes.picture import CAMERA, frame_at


def test_a_newer_frame_overtakes_the_one_that_waits() -> None:
    """One slot per camera; what is lost is counted."""
    clock = ManualClock()
    inbox = FrameInbox(clock)
    inbox.admit([CAMERA])
    for index in range(3):
        inbox.put(frame_at(index / 5))
        clock.advance(0.2)
    assert [frame.media_time_s for frame in inbox.take([CAMERA])] == [0.4]
    assert (inbox.dropped_count(CAMERA), inbox.wait(0)) == (2, False)


def test_the_frames_with_which_a_camera_wakes_wait_in_a_row() -> None:
    """Each soon after the one before, seven at most, the oldest goes first; the next ordinary frame overtakes all."""
    clock = ManualClock()
    inbox = FrameInbox(clock)
    inbox.admit([CAMERA])
    for index in range(8):
        inbox.put(frame_at(index / 5))
        clock.advance(0.03)
    assert inbox.dropped_count(CAMERA) == 1
    assert [frame.media_time_s for frame in inbox.take([CAMERA])] == [0.2]
    clock.advance(0.2)
    inbox.put(frame_at(1.6))
    assert [frame.media_time_s for frame in inbox.take([CAMERA])] == [1.6]
    assert inbox.dropped_count(CAMERA) == 7
