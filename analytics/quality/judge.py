"""Judges one picture of one camera in every category."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from analytics.quality import blur, bright, cast, dark, freeze, loss, occlusion, shift, snow, stripes, stutter
from analytics.quality.baseline import NO_BASELINE, Baseline
from analytics.quality.case import Case
from analytics.quality.category import Category
from analytics.quality.detail import cells_of, still_cells
from analytics.quality.features import Features, Numbers
from analytics.quality.finding import Finding, State, unknown
from analytics.quality.light import Light, light_of
from analytics.quality.moved import moved_cells
from analytics.quality.reference import Reference, outlines_of, reference_from
from analytics.quality.sample import Sample
from analytics.quality.view import View, view_of

METHOD_VERSION = "4"
"""Grows with every change that can change a verdict."""

_JUDGES: Final[Mapping[Category, Callable[[Case], Finding]]] = {
    Category.LOSS: loss.judge,
    Category.FREEZE: freeze.judge,
    Category.DARK: dark.judge,
    Category.BRIGHT: bright.judge,
    Category.BLUR: blur.judge,
    Category.OCCLUSION: occlusion.judge,
    Category.CAST: cast.judge,
    Category.SNOW: snow.judge,
    Category.STRIPES: stripes.judge,
    Category.SHIFT: shift.judge,
    Category.STUTTER: stutter.judge,
}

_SEEN = frozenset(Category) - {Category.LOSS, Category.STUTTER, Category.FREEZE}
_BUSY = 0.7  # share of the cells that move: a lorry fills the view
_FORMS = frozenset({Category.BLUR, Category.OCCLUSION, Category.SHIFT})
_HIDES: Final[Mapping[Category, frozenset[Category]]] = {
    Category.LOSS: _SEEN | {Category.FREEZE},
    Category.DARK: _FORMS | {Category.CAST, Category.SNOW, Category.STRIPES},
    Category.BRIGHT: _FORMS | {Category.CAST},
    Category.SHIFT: frozenset({Category.BLUR, Category.OCCLUSION, Category.CAST}),
    Category.OCCLUSION: frozenset({Category.BLUR, Category.CAST}),
    Category.SNOW: _FORMS | {Category.STRIPES},
    Category.STRIPES: _FORMS,
}
"""A fault, and what nobody can judge while it lasts; in this order."""

_TEACHES: Final[Mapping[Category, frozenset[str]]] = {
    Category.LOSS: frozenset({"flat"}),
    Category.FREEZE: frozenset({"change"}),
    Category.DARK: frozenset({"level"}),
    Category.BRIGHT: frozenset({"clipped"}),
    Category.BLUR: frozenset({"cells", "contrast", "view", "crisp"}),
    Category.OCCLUSION: frozenset({"cells", "contrast", "view", "bare"}),
    Category.SHIFT: frozenset({"cells", "contrast", "view", "likeness"}),
    Category.CAST: frozenset({"tint_a", "tint_b"}),
    Category.SNOW: frozenset({"impulses"}),
    Category.STRIPES: frozenset({"stripes"}),
    Category.STUTTER: frozenset({"gap", "frame_rate"}),
}
"""What a baseline does not learn from a picture that is abnormal in the category."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of one picture: one finding for each category, and the baseline that has learnt from it.

    `features` is None where no picture could be measured.
    """

    findings: tuple[Finding, ...]
    baseline: Baseline
    features: Features | None


def judge(sample: Sample, baseline: Baseline, reference: Reference | None) -> Judgement:
    """Never raises for what a camera may send; what cannot be judged is unknown."""
    view = view_of(sample)
    if view is None:
        return Judgement(tuple(_unseen(sample)), baseline, None)
    features = _measured(sample, view, baseline, reference)
    case = Case(sample, view, features, baseline, reference)
    findings = {category: _JUDGES[category](case) for category in Category}
    if _is_busy(features):
        findings |= {one: unknown(one, "too-much-moves", findings[one].value) for one in _FORMS}
    for fault in _HIDES:
        if findings[fault].state is State.ABNORMAL:
            hidden = _hidden_by(fault, features)
            findings |= {one: unknown(one, f"hidden-by-{fault.value}", findings[one].value) for one in hidden}
    return Judgement(tuple(findings.values()), _taught(case, findings), features)


def reference_of(sample: Sample) -> Reference | None:
    """What a confirmed picture's view is told by; None where nothing of it can be measured."""
    view = view_of(sample)
    return None if view is None else reference_from(view, _measured(sample, view, NO_BASELINE, None).light)


def _is_busy(features: Features) -> bool:
    return bool(features.moved.mean() > _BUSY)


def _hidden_by(fault: Category, features: Features) -> frozenset[Category]:
    """A covered lens and an encoder's black look alike: such a loss is told as dark as well."""
    is_black = fault is Category.LOSS and features.numbers.level < loss.BLACK
    return _HIDES[fault] - {Category.DARK} if is_black else _HIDES[fault]


def _unseen(sample: Sample) -> list[Finding]:
    reason = "no-picture" if sample.picture is None else "too-little-to-see"
    findings = {category: unknown(category, reason) for category in Category}
    if sample.picture is None:
        findings[Category.LOSS] = loss.without_picture(sample)
    return list(findings.values())


def _measured(sample: Sample, view: View, baseline: Baseline, reference: Reference | None) -> Features:
    cells = cells_of(view)
    level = float(view.luma[view.counted].mean())
    may_be_night = _may_be_night(baseline, sample.local_hour)
    light = light_of((cells.tint_a, cells.tint_b), sample.infrared, level, may_be_night=may_be_night)
    moved, outlines, size = moved_cells(view), outlines_of(view), view.luma.shape[::-1]
    alike = shift.beside_reference(outlines, moved, size, reference)
    learnt = shift.beside_learnt(outlines, moved, baseline.usual_view(light), alike)
    contrast, still = blur.contrast_of(cells.luma), still_cells(cells, moved)
    tint_a, tint_b = cast.tint_of(view)
    numbers = Numbers(
        level=level,
        contrast=contrast,
        flat=loss.flatness(view),
        clipped=bright.clipped_of(view),
        impulses=snow.impulses_of(view),
        stripes=stripes.stripes_of(view),
        tint_a=tint_a,
        tint_b=tint_b,
        change=freeze.change_of(view),
        frame_rate=stutter.rate_of(sample.stream),
        gap=stutter.gap_of(sample.stream),
        bare=occlusion.bare_share(baseline.usual_cells(light), still, moved),
        likeness=shift.likeness_of(alike, learnt),
        crisp=blur.crispness(cells),
    )
    return Features(light, numbers, still, freeze.motion_of(view), alike, moved, outlines, learnt)


def _may_be_night(baseline: Baseline, hour: int) -> bool:
    """Unless the hour is known and neither it nor its neighbours have ever been seen by night."""
    if not baseline.knows_hour("level", hour):
        return True
    around = baseline.around("level", hour)
    return bool(around[Light.NIGHT] or around[Light.INFRARED])


def _taught(case: Case, findings: Mapping[Category, Finding]) -> Baseline:
    """Nothing is learnt from what is abnormal, nor from what it hides."""
    if not case.baseline.is_due(case.sample.taken_at):
        return case.baseline
    wrong = {category for category, finding in findings.items() if finding.state is State.ABNORMAL}
    if findings[Category.DARK].reason == dark.USUALLY_DARK:
        wrong.add(Category.DARK)
    if _is_busy(case.features):
        wrong |= _FORMS
    wrong |= {hidden for fault in wrong for hidden in _HIDES.get(fault, frozenset())}
    names = frozenset[str]().union(*_TEACHES.values()) - frozenset[str]().union(*(_TEACHES[one] for one in wrong))
    if not shift.is_proof(case.features.alike, case.features.learnt):
        names -= {"view"}
    if shift.is_lost(case):
        names -= {"likeness"}
    return case.baseline.learnt(case.features, case.sample.local_hour, names, case.sample.taken_at)
