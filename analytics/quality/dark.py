"""Dark: too little light to see by, at an hour when there usually is enough.

Value: darkness, 255 less the mean luma. Night comes earlier in winter, so the darkest that is usual within two hours
counts. An infrared lamp that has failed shows as a night darker than the nights before: from the second night on where
the same hour was lit, for lamps that go out at midnight do so every night.
"""

from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.finding import Finding, Limit, judged, unknown
from analytics.quality.light import Light

_WHITE = 255.0
_BLIND = 22.0  # mean luma below which a picture shows nothing that matters
_DIM = 38.0  # below this it is dark if it is usually far brighter
_STEP = 18.0  # luma steps below the darkest that is usual
_NOON_FROM, _NOON_UNTIL = 9, 16
_FIRST_CONFIDENCE = 0.4
_A_NIGHT = 6  # pictures

USUALLY_DARK = "usually-dark"
"""The reason of one who cannot judge because nights are black here anyway. Nothing is learnt from such a picture."""


def judge(case: Case) -> Finding:
    """Dark when dim by itself and clearly darker than is usual at about this hour."""
    level = case.features.numbers.level
    margin = case.baseline.margin(Category.DARK)
    around = case.baseline.around("level", case.sample.local_hour)
    levels = [one.mean - one.spread for usual in around.values() for one in usual]
    if not levels or not case.baseline.knows_hour("level", case.sample.local_hour):
        return _at_first(case, level)
    darkest = min(levels)
    threshold = max(min(_DIM, darkest - _STEP) / margin, 0.0)
    if darkest <= _BLIND and level < darkest:
        return unknown(Category.DARK, USUALLY_DARK, _WHITE - level)
    return judged(Category.DARK, _WHITE - level, Limit(_WHITE - max(darkest, _DIM + 1.0), _WHITE - threshold), "dark")


def _at_first(case: Case, level: float) -> Finding:
    """Little is usual yet: only a black picture about noon, or of an hour that was lit, speaks for itself."""
    if level >= _DIM:
        return judged(Category.DARK, _WHITE - level, Limit(_WHITE - 2.0 * _DIM, _WHITE - _BLIND), "dark")
    is_about_noon = _NOON_FROM <= case.sample.local_hour < _NOON_UNTIL
    if level < _BLIND and (is_about_noon or _was_lit(case)):
        return judged(Category.DARK, _WHITE - level, Limit(_WHITE - _DIM, _WHITE - _BLIND), "dark", _FIRST_CONFIDENCE)
    return unknown(Category.DARK, "no-baseline", _WHITE - level)


def _was_lit(case: Case) -> bool:
    """Whether nights are known here, and all of them, and this hour whenever it was seen, were lit.

    By the nights alone nobody knows the lamps that go out at midnight; by the hour alone, a dusk taken for a lit night.
    """
    nights = [case.baseline.seen_by("level", light) for light in (Light.NIGHT, Light.INFRARED)]
    known = [one for one in nights if one is not None]
    seen = case.baseline.seen_at("level", case.sample.local_hour)
    if not seen or max((one.count for one in known), default=0) < _A_NIGHT:
        return False
    return min(one.mean - 2.0 * one.spread for one in (*known, *seen)) > _BLIND + _STEP
