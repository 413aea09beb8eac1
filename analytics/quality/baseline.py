"""What is usual for one camera, hour by hour and light by light, learnt from pictures that nothing was wrong with."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.quality.category import Category
from analytics.quality.features import Cells, Features, Numbers
from analytics.quality.finding import Finding, Limit
from analytics.quality.grid import COLUMNS, ROWS, Floats
from analytics.quality.light import Light

VERSION = 3
HOURS = 24

_LEAST_OF_HOUR, _LEAST_OF_LIGHT, _LEAST_OF_ANY = 5, 6, 3  # pictures; fewer are no habit
_LEARNS_EVERY = timedelta(minutes=30)  # a suspicion is looked into often, and would teach its hour too much
_SLOWEST = 0.04  # share of the newest picture in what is usual, once there are many
_MOST_COUNTED = 1000
_DUSK_H = 2
_LEAST_WIDENING, _MOST_TOLERANCE = 1.5, 6.0
_NAMES: Final = tuple(field.name for field in fields(Numbers))
_GRIDS: Final = tuple(field.name for field in fields(Cells))
_STEPS, _FLOOR = 24.0, -4.0  # a cell is kept in a byte: steps of 1/24 from -4 on; 255 is a cell that never counted
_NO_CELL = 255
_CHANGED_SINCE_2 = "likeness"  # was another measure; all else of version 2 means what it meant
_ADDED_SINCE_2 = 1  # number at the end
_MOST_ROWS = 214  # of a view: an upright picture; a longer strip is not worth the room


@dataclass(frozen=True, slots=True)
class Usual:
    """Mean and mean deviation of one number, over so many pictures; old ones fade."""

    mean: float
    spread: float
    count: int

    def with_one_more(self, value: float) -> "Usual":
        """As it is after another picture."""
        share = max(1.0 / (self.count + 1), _SLOWEST)
        spread = self.spread + share * (abs(value - self.mean) - self.spread)
        return Usual(self.mean + share * (value - self.mean), spread, min(self.count + 1, _MOST_COUNTED))


@dataclass(frozen=True, slots=True)
class UsualCells:
    """What each cell usually shows in one light, over so many pictures."""

    cells: Cells
    count: int


@dataclass(frozen=True, slots=True)
class UsualView:
    """The outlines of the view, (height, width), over so many pictures: what passes is averaged away."""

    outlines: Floats
    count: int


Bucket = Mapping[str, Usual]


@dataclass(frozen=True, slots=True)
class Baseline:
    """Of one camera. `hours` are keyed `HOUR LIGHT`, `lights` by light alone; `tolerance` grows with false alarms.

    `learnt_at` is when the newest picture was taken that it has learnt from.
    """

    hours: Mapping[str, Bucket] = field(default_factory=dict)
    lights: Mapping[Light, Bucket] = field(default_factory=dict)
    cells: Mapping[Light, UsualCells] = field(default_factory=dict)
    views: Mapping[Light, UsualView] = field(default_factory=dict)
    tolerance: Mapping[Category, float] = field(default_factory=dict)
    learnt_at: datetime | None = None

    def usual(self, name: str, hour: int, light: Light) -> Usual | None:
        """What is usual at that hour in that light, or in that light at any hour; None of what is not known yet."""
        of_light = self.lights.get(light, {}).get(name)
        of_hour = self.hours.get(_key(hour, light), {}).get(name)
        if of_hour is not None and of_light is not None and of_hour.count >= _LEAST_OF_HOUR:
            return replace(of_hour, spread=max(of_hour.spread, of_light.spread / 2))
        return of_light if of_light is not None and of_light.count >= _LEAST_OF_LIGHT else None

    def around(self, name: str, hour: int) -> dict[Light, list[Usual]]:
        """What is usual in each light within two hours of that one, for dusk moves with the seasons.

        What was seen on one day only is not: a fault that is not told at once would teach hour after hour.
        """
        near = [(hour + step) % HOURS for step in range(-_DUSK_H, _DUSK_H + 1)]
        found = {light: [self.hours.get(_key(one, light), {}).get(name) for one in near] for light in Light}
        return {
            light: [one for one in usual if one is not None and one.count >= _LEAST_OF_ANY]
            for light, usual in found.items()
        }

    def seen_at(self, name: str, hour: int) -> list[Usual]:
        """What was seen at just that hour in each light, be it only once."""
        found = (self.hours.get(_key(hour, light), {}).get(name) for light in Light)
        return [one for one in found if one is not None]

    def seen_by(self, name: str, light: Light) -> Usual | None:
        """What was seen in that light at whatever hour, be it only once."""
        return self.lights.get(light, {}).get(name)

    def knows_hour(self, name: str, hour: int) -> bool:
        """Whether that hour has been seen on a few days, in whatever light."""
        return sum(one.count for one in self.seen_at(name, hour)) >= _LEAST_OF_ANY

    def usual_cells(self, light: Light) -> Cells | None:
        """What each cell usually shows; None of what is not known yet."""
        known = self.cells.get(light)
        return known.cells if known is not None and known.count >= _LEAST_OF_LIGHT else None

    def usual_view(self, light: Light) -> Floats | None:
        """The outlines that usually are seen in that light; None of what is not known yet."""
        known = self.views.get(light)
        return known.outlines if known is not None and known.count >= _LEAST_OF_LIGHT else None

    def without_view(self) -> "Baseline":
        """After somebody has confirmed where the camera points: what was seen before may be another view."""
        return replace(self, views={})

    def margin(self, category: Category) -> float:
        """How much wider than for a new camera the limits of a category are, 1 or more."""
        return self.tolerance.get(category, 1.0)

    def is_due(self, at: datetime) -> bool:
        """Whether there is anything to learn from a picture taken then."""
        return self.learnt_at is None or abs(at - self.learnt_at) >= _LEARNS_EVERY

    def learnt(self, features: Features, hour: int, names: frozenset[str], at: datetime) -> "Baseline":
        """With one more picture; only the named numbers (and grids, `cells`, and outlines, `view`) are taken."""
        light = features.light
        values = {
            name: float(value)
            for name in _NAMES
            if name in names and (value := getattr(features.numbers, name)) is not None
        }
        key = _key(hour, light)
        cells, views = self.cells, self.views
        if "cells" in names:
            cells = {**cells, light: _more_cells(cells.get(light), features.cells)}
        if "view" in names and len(features.outlines) <= _MOST_ROWS:
            views = {**views, light: _more_of_view(views.get(light), features)}
        return replace(
            self,
            hours={**self.hours, key: _more(self.hours.get(key, {}), values)},
            lights={**self.lights, light: _more(self.lights.get(light, {}), values)},
            cells=cells,
            views=views,
            learnt_at=at,
        )

    def widened(self, finding: Finding) -> "Baseline":
        """After a person has said that an abnormal finding was wrong: one like it is within the limits from now on."""
        value, usual, threshold = finding.value, finding.usual, finding.threshold
        excess = 1.0
        if value is not None and usual is not None and threshold is not None:
            excess = Limit(usual, threshold).excess(value)
        wider = self.margin(finding.category) * max(1.2 * excess, _LEAST_WIDENING)
        return replace(self, tolerance={**self.tolerance, finding.category: min(wider, _MOST_TOLERANCE)})

    def as_json(self) -> dict[str, Any]:
        """The baseline for machines, at most 50 KiB of a picture that is wider than high."""
        return {
            "version": VERSION,
            "hours": {key: _bucket_json(bucket) for key, bucket in self.hours.items()},
            "lights": {light.value: _bucket_json(bucket) for light, bucket in self.lights.items()},
            "cells": {
                light.value: [known.count, *(_packed(getattr(known.cells, name)) for name in _GRIDS)]
                for light, known in self.cells.items()
            },
            "views": {
                light.value: [known.count, known.outlines.shape[1], _text(known.outlines.round().astype(np.uint8))]
                for light, known in self.views.items()
            },
            "tolerance": {category.value: round(value, 2) for category, value in self.tolerance.items()},
            "learnt_at": None if self.learnt_at is None else self.learnt_at.isoformat(),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Baseline":
        """The baseline of `as_json`.

        Raises:
            ValueError: it is of a version that is not known here, or is none.

        """
        version = content.get("version")
        if version not in (VERSION, VERSION - 1):
            raise ValueError(f"a baseline of version {version!r} is not known here")
        left_out = frozenset[str]() if version == VERSION else frozenset({_CHANGED_SINCE_2})
        try:
            return cls(
                {str(key): _bucket(bucket, left_out) for key, bucket in content["hours"].items()},
                {Light(light): _bucket(bucket, left_out) for light, bucket in content["lights"].items()},
                {
                    Light(light): UsualCells(Cells(*map(_unpacked, grids)), int(count))
                    for light, (count, *grids) in content["cells"].items()
                },
                {Light(light): _usual_view(*known) for light, known in content.get("views", {}).items()},
                {Category(category): float(value) for category, value in content["tolerance"].items()},
                None if content["learnt_at"] is None else datetime.fromisoformat(content["learnt_at"]),
            )
        except (AttributeError, KeyError, TypeError, binascii.Error) as error:
            raise ValueError("what was kept is no baseline") from error


NO_BASELINE = Baseline()
"""Of a camera that nobody has looked at yet."""


def _key(hour: int, light: Light) -> str:
    return f"{hour} {light.value}"


def _more(bucket: Bucket, values: Mapping[str, float]) -> Bucket:
    return {
        **bucket,
        **{
            name: bucket[name].with_one_more(value) if name in bucket else Usual(value, 0.0, 1)
            for name, value in values.items()
        },
    }


def _more_cells(known: UsualCells | None, cells: Cells) -> UsualCells:
    if known is None:
        return UsualCells(cells, 1)
    share = max(1.0 / (known.count + 1), _SLOWEST)
    blended = (_blend(getattr(known.cells, name), getattr(cells, name), share) for name in _GRIDS)
    return UsualCells(Cells(*blended), min(known.count + 1, _MOST_COUNTED))


def _more_of_view(known: UsualView | None, features: Features) -> UsualView:
    """What has moved is left as it was known."""
    seen = features.outlines.astype(np.float32)
    if known is None or known.outlines.shape != seen.shape:
        return UsualView(seen, 1)
    moved = cv2.resize(features.moved.astype(np.uint8), seen.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    share = max(1.0 / (known.count + 1), _SLOWEST)
    mixed = known.outlines + np.float32(share) * (seen - known.outlines)
    return UsualView(np.where(moved, known.outlines, mixed).astype(np.float32), min(known.count + 1, _MOST_COUNTED))


def _blend(old: Floats, new: Floats, share: float) -> Floats:
    """The newer ones weigh `share`; a cell that counts in only one of the two is as it is there."""
    mixed = old + np.float32(share) * (new - old)
    return np.where(np.isnan(old), new, np.where(np.isnan(new), old, mixed)).astype(np.float32)


def _bucket_json(bucket: Bucket) -> list[list[float] | None]:
    """In the order of the names, which the version stands for."""
    return [
        [_short(bucket[name].mean), _short(bucket[name].spread), bucket[name].count] if name in bucket else None
        for name in _NAMES
    ]


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _bucket(content: list[list[float] | None], left_out: frozenset[str]) -> Bucket:
    names = _NAMES[:-_ADDED_SINCE_2] if left_out else _NAMES
    return {
        name: Usual(float(one[0]), float(one[1]), int(one[2]))
        for name, one in zip(names, content, strict=True)
        if one is not None and name not in left_out
    }


def _usual_view(count: int, width: int, text: str) -> UsualView:
    outlines = np.frombuffer(base64.b64decode(text, validate=True), np.uint8).reshape(-1, int(width))
    return UsualView(outlines.astype(np.float32), int(count))


def _text(values: NDArray[np.uint8]) -> str:
    return base64.b64encode(values.tobytes()).decode("ascii")


def _packed(grid: Floats) -> str:
    steps = np.round((np.nan_to_num(grid, nan=0.0) - _FLOOR) * _STEPS).clip(0, _NO_CELL - 1)
    steps[np.isnan(grid)] = _NO_CELL
    return _text(steps.astype(np.uint8))


def _unpacked(text: str) -> Floats:
    steps = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
    if steps.size != ROWS * COLUMNS:
        raise ValueError(f"a grid of {steps.size} cells instead of {ROWS * COLUMNS}")
    values = (steps.astype(np.float32) / np.float32(_STEPS) + np.float32(_FLOOR)).reshape(ROWS, COLUMNS)
    return np.where(steps.reshape(ROWS, COLUMNS) == _NO_CELL, np.float32(np.nan), values).astype(np.float32)
