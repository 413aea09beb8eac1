"""Each flaw does to a picture what it is named after, measured by other means than it is drawn with."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.packet import Codec
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.flaw import Flaw, spoil
from ingest.virtual_camera.painter import ScenePainter
from ingest.virtual_camera.scene import Scene
from tests.ingest.virtual_camera.decode import decode_clip

PICTURE = ScenePainter(Scene()).picture(0)


def _spoilt(flaw: Flaw, seed: int = 1) -> NDArray[np.float64]:
    return spoil(PICTURE, flaw, np.random.default_rng(seed)).astype(float)


def _edges(picture: NDArray[np.float64]) -> float:
    return float(np.abs(np.diff(picture.mean(axis=2), axis=1)).mean())


def test_brightness():
    """Black is near nothing, bright clips more than half, a cover leaves a quarter as it was."""
    assert _spoilt(Flaw.BLACK).max() < 20
    assert (_spoilt(Flaw.BRIGHT).max(axis=2) == 255).mean() > 0.5
    covered = _spoilt(Flaw.COVER)
    assert covered[:, :480].mean() < 45
    assert np.array_equal(covered[:, 480:], PICTURE[:, 480:])


def test_sharpness_and_colour():
    """A blur takes nearly all edges; a cast moves green away from the others."""
    assert _edges(_spoilt(Flaw.BLUR)) < _edges(PICTURE.astype(float)) / 3
    blue, green, red = _spoilt(Flaw.CAST).mean(axis=(0, 1))
    assert green > blue + 60
    assert green > red + 60


@pytest.mark.parametrize("flaw", [Flaw.SNOW, Flaw.STRIPES, Flaw.BLACK])
def test_noise_differs_from_picture_to_picture(flaw: Flaw):
    """As interference does, and a sensor in the dark."""
    assert not np.array_equal(_spoilt(flaw, 1), _spoilt(flaw, 2))


def test_stripes_lie_across():
    """Rows differ, columns do not."""
    change = _spoilt(Flaw.STRIPES) - PICTURE
    assert change.mean(axis=(1, 2)).std() > 20
    assert change.mean(axis=(0, 2)).std() < 5


def test_a_shift_shows_the_same_place_elsewhere():
    """What was in the middle lies an eighth of the width and a tenth of the height further."""
    marked = PICTURE.copy()
    marked[175:186, 315:326] = (255, 0, 255)
    seen = spoil(marked, Flaw.SHIFT, np.random.default_rng(1)).astype(int)
    rows, columns = np.nonzero((seen[..., 0] > 200) & (seen[..., 1] < 60) & (seen[..., 2] > 200))
    assert columns.mean() == pytest.approx(320 + 640 / 8, abs=2)
    assert rows.mean() == pytest.approx(180 + 360 / 10, abs=2)


def test_a_spoilt_clip_is_made_once_and_keeps_size_and_pace(tmp_path: Path, loop_clip: Clip, h265_clip: Clip):
    """The clip's own pictures, spoilt, at its own rate; H.264 also of an H.265 clip."""
    cache = ClipCache(tmp_path)
    for clip in (loop_clip, h265_clip):
        spoilt = cache.play_spoilt(clip, Flaw.BLACK)
        assert (spoilt.codec, spoilt.width, spoilt.height) == (Codec.H264, clip.width, clip.height)
        assert spoilt.frame_rate == pytest.approx(clip.frame_rate)
        assert len(spoilt.units) == len(clip.units)
        assert max(picture.max() for picture in decode_clip(spoilt)) < 30
    made = sorted(path.stat().st_mtime_ns for path in tmp_path.iterdir())
    cache.play_spoilt(loop_clip, Flaw.BLACK)
    assert sorted(path.stat().st_mtime_ns for path in tmp_path.iterdir()) == made
