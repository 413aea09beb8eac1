"""Bright: so much light that the picture is washed out.

Value: share of the picture at white. Snow on the ground, fog and headlights are bright without drowning; a gain that is
stuck or a sun that shines straight in drowns most of the picture.
"""

from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.finding import Finding, Limit, judged
from analytics.quality.view import View

_AT_WHITE = 247
_FLOOR = 0.30
_STEP = 0.22


def clipped_of(view: View) -> float:
    """Share of what counts that is at white."""
    return float((view.luma[view.counted] >= _AT_WHITE).mean())


def judge(case: Case) -> Finding:
    """Bright when a third is at white, and clearly more than is usual."""
    usual = case.usual("clipped")
    value = case.features.numbers.clipped
    if usual is None:
        return judged(Category.BRIGHT, value, Limit(0.0, 1.5 * _FLOOR), "washed-out")
    return judged(Category.BRIGHT, value, case.above(Category.BRIGHT, usual, _STEP, _FLOOR), "washed-out")
