"""Sound on its way to the recorder."""

from fractions import Fraction

import pytest

from ingest.audio import AudioPacket
from ingest.camera import CameraId, StreamRole
from ingest.mask import NO_MASKS, CurrentMasks, MaskSet
from ingest.sound import SoundFanout
from tests.fakes.clock import START

COVERED = MaskSet(3, (((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)),))


def sound(pts: int, epoch: int = 1) -> AudioPacket:
    """20 ms of G.711."""
    return AudioPacket(CameraId("cam"), StreamRole.MAIN, b"\xd5" * 160, pts, Fraction(1, 8000), epoch, START, 0.0)


def test_listeners_hear_what_comes_after_they_came() -> None:
    """Nothing is kept for later, nothing goes to who has left, and leaving twice is harmless."""
    fanout, heard = SoundFanout(CurrentMasks(NO_MASKS)), []
    fanout.publish(sound(0))
    subscription = fanout.subscribe(heard.append)
    fanout.publish(sound(160))
    subscription.close()
    subscription.close()
    fanout.publish(sound(320))
    assert [packet.pts for packet in heard] == [160]


@pytest.mark.parametrize(("masks", "is_heard"), [(NO_MASKS, True), (COVERED, True), (None, False)])
def test_masks_cover_pictures_and_unknown_masks_cover_all(masks: MaskSet | None, is_heard: bool) -> None:
    """Whether it may pass is asked for every packet, not when somebody subscribes."""
    current, heard = CurrentMasks(NO_MASKS), []
    fanout = SoundFanout(current)
    fanout.subscribe(heard.append)
    current.now = masks
    fanout.publish(sound(0))
    assert bool(heard) is is_heard


def test_an_older_epoch_is_not_heard_again() -> None:
    """A thread that was given up cannot disturb its successor."""
    fanout, heard = SoundFanout(CurrentMasks(NO_MASKS)), []
    fanout.subscribe(heard.append)
    for epoch in (1, 2, 1):
        fanout.publish(sound(0, epoch))
    assert [packet.epoch for packet in heard] == [1, 2]


def test_a_listener_that_fails_is_removed() -> None:
    """The others hear on."""
    fanout, heard = SoundFanout(CurrentMasks(NO_MASKS)), []

    def fail(_: AudioPacket) -> None:
        raise ZeroDivisionError

    fanout.subscribe(fail)
    fanout.subscribe(heard.append)
    fanout.publish(sound(0))
    fanout.publish(sound(160))
    assert [packet.pts for packet in heard] == [0, 160]
