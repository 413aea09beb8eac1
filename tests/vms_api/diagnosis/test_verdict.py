"""Only what a node may well have seen is taken for a look, and what follows from it is nothing more than was seen."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from analytics.quality.category import Category
from tests.vms_api.diagnosis.report import NOON, blind, finding, report
from vms_api.diagnosis.outcome import SEVERITIES, cause_of, facts_of, is_proposal, outcome_of
from vms_api.diagnosis.verdict import QualityFinding, QualityReport, QualityState

BLUR, DARK, SHIFT = Category.BLUR, Category.DARK, Category.SHIFT
SHANGHAI = ZoneInfo("Asia/Shanghai")
STATES = st.sampled_from(list(QualityState))


def read(payload: dict[str, Any]) -> QualityReport:
    return QualityReport.model_validate(payload)


@pytest.mark.parametrize(
    "damage",
    [
        {"findings": [finding(BLUR, "ok", score=101.0)]},
        {"findings": [finding(BLUR, "ok") | {"category": "ugly"}]},
        {"findings": [finding(BLUR, "ok", value="inf")]},
        {"picture": "bm8gSlBFRw=="},
        {"checked_at": "2026-11-21T04:00:00"},
        {"mask_version": -1},
        {"surprise": 1},
    ],
)
def test_a_malformed_look_is_refused(damage: dict[str, Any]):
    """A number that is none, a category nobody knows, a picture that is no JPEG, a time without a zone."""
    assert read(report("gate")).camera_id == "gate"
    with pytest.raises(ValidationError):
        read(report("gate", **damage))


def test_a_camera_is_as_bad_as_its_worst_respect():
    """One fault is enough; nothing judged is nothing known, and one thing judged well is enough to be well."""
    assert read(report("gate", BLUR)).state is QualityState.ABNORMAL
    assert read(report("gate")).state is QualityState.OK
    assert read(blind("gate")).state is QualityState.UNKNOWN
    assert read(report("gate", findings=[finding(BLUR, "unknown")])).state is QualityState.UNKNOWN


@given(st.fixed_dictionaries(dict.fromkeys(Category, STATES)), st.sets(st.sampled_from(list(Category))))
def test_faults_begin_and_end_as_they_stand(standing: dict[Category, QualityState], faults: set[Category]):
    """Begun is what is abnormal now and was not, ended what is well and was not; the unknown stays as it was."""
    looked = read(report("gate", findings=[finding(one, state.value) for one, state in standing.items()]))
    outcome = outcome_of(looked, faults)
    after = faults | {one.category for one in outcome.begun} - {one.category for one in outcome.ended}
    after -= {one.category for one in outcome.ended}
    for category, state in standing.items():
        if state is QualityState.UNKNOWN:
            assert (category in after) == (category in faults)
        else:
            assert (category in after) == (state is QualityState.ABNORMAL)
    assert not faults & {one.category for one in outcome.begun}
    assert {one.category for one in outcome.ended} <= faults


@pytest.mark.parametrize(
    ("hour_in_shanghai", "proposed"), [(3, False), (8, False), (9, True), (12, True), (15, True), (16, False)]
)
def test_only_daylight_is_proposed(hour_in_shanghai: int, proposed: bool):
    """By the clock of the site, whatever the clock of the node."""
    at = datetime(2026, 11, 21, 0, 30, tzinfo=UTC) + timedelta(hours=hour_in_shanghai - 8)
    assert is_proposal(read(report("gate", checked_at=at.isoformat())), SHANGHAI) is proposed


def test_no_doubtful_picture_is_proposed():
    """Not one that this look finds bad though it is not believed yet, and none that was not sent."""
    suspicious = [finding(one, "ok", "abnormal" if one is DARK else "ok") for one in Category]
    assert not is_proposal(read(report("gate", findings=suspicious)), SHANGHAI)
    assert not is_proposal(read(report("gate", BLUR)), SHANGHAI)
    assert not is_proposal(read(report("gate", picture=None)), SHANGHAI)
    shifted = [finding(one, "unknown" if one is SHIFT else "ok") for one in Category]
    assert is_proposal(read(report("gate", findings=shifted, checked_at=NOON.isoformat())), SHANGHAI)


def test_every_category_has_its_ticket():
    """A cause and a severity; the facts leave out what was not measured."""
    assert {cause_of(category) for category in Category} == {f"quality-{category}" for category in Category}
    assert set(SEVERITIES) == set(Category)
    measured = QualityFinding.model_validate(finding(BLUR, "abnormal", usual=None, reason="blurred"))
    assert facts_of(measured) == {
        "score": 21.0,
        "value": 3.0,
        "threshold": 2.0,
        "confidence": 0.9,
        "reason": "blurred",
    }
