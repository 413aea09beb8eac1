"""Frozen pictures and still scenes."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest

from ingest.frame import Image
from ingest.freeze_detector import FreezeDetector
from tests.fakes.picture import frame_at

FROZEN_S, LENGTH_S = 10.0, 30
PICTURE = np.random.default_rng(1).integers(0, 256, (180, 320, 3), dtype=np.uint8)


def noisy(level: float) -> Iterator[Image]:
    """A still scene, one picture a second, as a sensor sees it: every value is off by up to `level`."""
    chance = np.random.default_rng(2)
    scene = np.full((180, 320, 3), 90, np.uint8)
    scene[60:120, 80:200] = 170
    for _ in range(LENGTH_S):
        noise = chance.normal(0, level, scene.shape[:2])[..., None]
        yield np.clip(scene + noise, 0, 255).astype(np.uint8)


def encoded(pictures: Iterator[Image], bitrate: int) -> Iterator[Image]:
    """What is left of pictures after an encoder that saves bits."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 320, 180, "yuv420p", Fraction(1)
    encoder.bit_rate, encoder.gop_size = bitrate, 20
    encoder.options = {"preset": "ultrafast", "tune": "zerolatency"}
    decoder = av.CodecContext.create("h264", "r")
    packets = [packet for picture in pictures for packet in encoder.encode(av.VideoFrame.from_ndarray(picture))]
    for packet in (*packets, *encoder.encode(None), None):
        for frame in decoder.decode(packet):
            yield frame.to_ndarray(format="bgr24")


def verdicts(pictures: Iterator[Image], **changes: object) -> list[bool]:
    """What the detector says to one picture a second."""
    detector = FreezeDetector(FROZEN_S)
    frames = (frame_at(float(at), picture) for at, picture in enumerate(pictures))
    return [detector.look(replace(frame, **changes)) for frame in frames]


def test_the_same_picture_for_long_enough_is_frozen() -> None:
    """Not before its time, and not after it moves again."""
    moving = 255 - PICTURE
    said = verdicts(iter([PICTURE] * 15 + [moving] * 3))
    assert said.index(True) in {9, 10, 11}
    assert all(said[11:15])
    assert not any(said[15:])


@pytest.mark.parametrize("level", [0.6, 2.0])
def test_a_still_scene_has_noise(level: float) -> None:
    """However little: what differs from picture to picture is alive."""
    assert not any(verdicts(noisy(level)))


@pytest.mark.parametrize("bitrate", [20_000, 400_000])
def test_a_still_scene_behind_a_thrifty_encoder_is_alive(bitrate: int) -> None:
    """An encoder takes most noise away, not all of it."""
    assert not any(verdicts(encoded(noisy(2.0), bitrate)))


def test_a_picture_that_its_encoder_sends_again_and_again_is_frozen() -> None:
    """Its key frames differ a little from the pictures between them."""
    assert any(verdicts(encoded(iter([PICTURE] * LENGTH_S), 4_000_000)))


def test_a_black_picture_is_another_fault() -> None:
    """A covered lens sends the same for hours."""
    assert not any(verdicts(iter([np.zeros((180, 320, 3), np.uint8)] * LENGTH_S)))


def test_a_new_connection_is_judged_anew() -> None:
    """What stood still before the camera was dialled again says nothing of it."""
    detector = FreezeDetector(FROZEN_S)
    said = [detector.look(frame_at(float(at), PICTURE, epoch=at // 8)) for at in range(LENGTH_S)]
    assert not any(said)


def test_pictures_between_two_looks_cost_nothing() -> None:
    """Only one picture a second is looked at."""

    class Untouchable:
        """Fails whoever looks."""

        def luma(self) -> Image:
            raise AssertionError

    detector = FreezeDetector(FROZEN_S)
    detector.look(frame_at(0.0, PICTURE))
    assert not detector.look(replace(frame_at(0.5, PICTURE), picture=Untouchable()))
