"""How far two detectors agree on a picture."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analytics.detection import Detections
from analytics.detector_agreement import Agreement, agreement, together
from tests.fakes.picture import CAMERA

Row = tuple[str, float, tuple[float, float, float, float]]


def _found(*rows: Row) -> Detections:
    boxes = np.array([box for _, _, box in rows], np.float32).reshape(-1, 4)
    scores = np.array([score for _, score, _ in rows], np.float32)
    return Detections(CAMERA, 1, 0, boxes, scores, tuple(label for label, _, _ in rows))


_LEFT, _RIGHT = (0.0, 0.0, 0.4, 1.0), (0.6, 0.0, 1.0, 1.0)
_ROWS = st.lists(
    st.tuples(
        st.sampled_from(("person", "car")),
        st.floats(0.25, 1),
        st.tuples(*[st.floats(0, 0.5)] * 2, *[st.floats(0.51, 1)] * 2),
    ),
    max_size=5,
)


def test_what_both_tell_is_counted_both_ways() -> None:
    """A person told by both, a car by the first alone, a bus by the second alone."""
    first = _found(("person", 0.9, _LEFT), ("car", 0.8, _RIGHT))
    second = _found(("person", 0.7, _LEFT), ("bus", 0.9, _RIGHT))
    told = agreement(first, second, sure=0.55, told=0.45)
    assert told == Agreement(pictures=1, objects=2, kept=1, told=2, confirmed=1)
    assert (told.kept_share, told.confirmed_share) == (0.5, 0.5)


def test_places_are_the_same_from_seven_tenths_of_overlap() -> None:
    """A strip of 0.4 moved by 0.05 shares 0.35 of 0.45, moved by 0.1 it shares 0.3 of 0.5."""
    here = _found(("person", 0.9, _LEFT))
    for moved, kept in ((0.05, 1), (0.1, 0)):
        there = _found(("person", 0.9, (moved, 0.0, 0.4 + moved, 1.0)))
        assert agreement(here, there, 0.5, 0.5).kept == kept


def test_the_unsure_need_not_be_told_and_the_weak_do_not_count() -> None:
    """Below `sure` nothing is asked, below `told` nothing is answered."""
    unsure, weak, sure = (_found(("person", score, _LEFT)) for score in (0.5, 0.4, 0.9))
    assert agreement(unsure, _found(), 0.55, 0.45) == Agreement(pictures=1)
    assert agreement(sure, weak, 0.55, 0.45) == Agreement(pictures=1, objects=1)
    assert agreement(sure, unsure, 0.55, 0.45) == Agreement(pictures=1, objects=1, kept=1)


def test_one_box_answers_for_one_object() -> None:
    """Two persons close together are not both found again by one."""
    two = _found(("person", 0.9, _LEFT), ("person", 0.8, (0.02, 0.0, 0.42, 1.0)))
    assert agreement(two, _found(("person", 0.9, _LEFT)), 0.5, 0.5).kept == 1


@given(_ROWS, _ROWS)
def test_the_other_way_round_is_the_same_turned_over(one: list[Row], other: list[Row]) -> None:
    """And nobody disagrees with himself."""
    there, back = (agreement(_found(*a), _found(*b), 0.55, 0.45) for a, b in ((one, other), (other, one)))
    assert (there.objects, there.kept, there.told, there.confirmed) == (
        back.told,
        back.confirmed,
        back.objects,
        back.kept,
    )
    same = agreement(_found(*one), _found(*one), 0.55, 0.45)
    assert same.kept == same.objects == sum(score >= np.float32(0.55) for _, score, _ in one)


def test_many_pictures_are_added_up() -> None:
    """Counts, not shares; of nothing nothing is kept."""
    told = together([Agreement(1, 2, 1, 3, 3), Agreement(1, 2, 2, 1, 0)])
    assert told == Agreement(2, 4, 3, 4, 3)
    assert (together([]).kept_share, together([]).confirmed_share) == (0.0, 0.0)
