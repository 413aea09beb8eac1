"""From polygons to covered pixels: nothing inside is ever left open, and not much outside is covered."""

import math

import cv2
import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.mask import NO_MASKS, CurrentMasks, MaskSet, Polygon, cover, patch, subsampled

shares = st.floats(0, 1)
sizes = st.tuples(st.integers(2, 97), st.integers(2, 71))


@st.composite
def outlines(draw: st.DrawFn) -> Polygon:
    """Star-shaped outlines around a point of the picture, cut off at its edges."""
    middle = draw(shares), draw(shares)
    angles = sorted(draw(st.lists(st.integers(0, 359), min_size=3, max_size=12, unique=True)))
    radii = draw(st.lists(st.floats(0.02, 0.8), min_size=len(angles), max_size=len(angles)))
    return tuple(
        (
            min(1.0, max(0.0, middle[0] + radius * math.cos(math.radians(angle)))),
            min(1.0, max(0.0, middle[1] + radius * math.sin(math.radians(angle)))),
        )
        for angle, radius in zip(angles, radii, strict=True)
    )


def points_inside(outline: Polygon, chance: np.random.Generator, count: int = 200) -> np.ndarray:
    """Points of the picture that lie in the outline or on it, by OpenCV's exact test in doubles."""
    contour = np.array(outline, np.float32).reshape(-1, 1, 2)
    low, high = contour.reshape(-1, 2).min(axis=0), contour.reshape(-1, 2).max(axis=0)
    candidates = np.vstack([chance.uniform(low, high, (count, 2)), contour.reshape(-1, 2)])
    return np.array(
        [point for point in candidates if cv2.pointPolygonTest(contour, tuple(map(float, point)), False) >= 0]
    )


def pixel_of(points: np.ndarray, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the pixel that holds each point."""
    columns = np.minimum((points[:, 0] * width).astype(int), width - 1)
    rows = np.minimum((points[:, 1] * height).astype(int), height - 1)
    return rows, columns


@given(outlines(), sizes, st.integers(0, 2**32 - 1))
@example(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0)), (64, 36), 1)
def test_every_point_inside_is_covered_with_a_margin_of_one_pixel(
    outline: Polygon, size: tuple[int, int], seed: int
) -> None:
    """The pixel of each point of the polygon is covered, and so are the eight around it."""
    width, height = size
    raster = cover(MaskSet(1, (outline,)), width, height)
    rows, columns = pixel_of(points_inside(outline, np.random.default_rng(seed)), width, height)
    for down in (-1, 0, 1):
        for across in (-1, 0, 1):
            assert raster[np.clip(rows + down, 0, height - 1), np.clip(columns + across, 0, width - 1)].all()


@given(outlines(), sizes)
def test_not_much_outside_is_covered(outline: Polygon, size: tuple[int, int]) -> None:
    """A covered pixel is never further than a few pixels from the polygon."""
    width, height = size
    raster = cover(MaskSet(1, (outline,)), width, height)
    contour = (np.array(outline) * size).astype(np.float32).reshape(-1, 1, 2)
    for row, column in np.argwhere(raster):
        assert cv2.pointPolygonTest(contour, (float(column) + 0.5, float(row) + 0.5), True) >= -5


@given(outlines(), outlines(), sizes)
def test_masks_that_overlap_leave_no_hole(first: Polygon, second: Polygon, size: tuple[int, int]) -> None:
    """Two masks cover what each of them covers alone."""
    both = cover(MaskSet(1, (first, second)), *size)
    assert (both >= (cover(MaskSet(1, (first,)), *size) | cover(MaskSet(1, (second,)), *size))).all()


@given(outlines(), sizes, st.sampled_from([(2, 2), (2, 1), (1, 2), (4, 4)]))
def test_colour_samples_are_covered_with_a_margin_of_one_sample(
    outline: Polygon, size: tuple[int, int], step: tuple[int, int]
) -> None:
    """Every sample of a smaller plane that belongs to a covered pixel is covered, and its neighbours are."""
    across, down = step
    raster = cover(MaskSet(1, (outline,)), *size)
    samples = subsampled(raster, across, down)
    assert samples.shape == (-(-size[1] // down), -(-size[0] // across))
    rows, columns = raster.nonzero()
    for row in (-1, 0, 1):
        for column in (-1, 0, 1):
            near = (
                np.clip(rows // down + row, 0, samples.shape[0] - 1),
                np.clip(columns // across + column, 0, samples.shape[1] - 1),
            )
            assert samples[near].all()


@given(outlines(), sizes)
def test_a_patch_is_all_that_is_covered(outline: Polygon, size: tuple[int, int]) -> None:
    """Bounding box and inside together are the raster again."""
    raster = cover(MaskSet(1, (outline,)), *size)
    found = patch(raster)
    assert found is not None
    again = np.zeros_like(raster)
    again[found.rows, found.columns] = found.covered
    assert (again == raster).all()


def test_no_masks_cover_nothing() -> None:
    """An empty set leaves the picture alone; a camera whose masks are not known hides everything."""
    assert patch(cover(NO_MASKS, 8, 8)) is None
    assert CurrentMasks(NO_MASKS).hides_nothing()
    assert not CurrentMasks(MaskSet(1, (((0, 0), (1, 0), (1, 1)),))).hides_nothing()
    assert not CurrentMasks().hides_nothing()
