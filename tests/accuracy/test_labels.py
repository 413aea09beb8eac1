"""Labels as text, and the share of tracks that the gate keeps."""

from pathlib import Path

import pytest

from analytics.detection import ALLOWED_LABELS, Outcome
from analytics.rule import AnyRule, IntrusionRule, LineCrossingRule
from analytics.track import TrackUpdate
from benchmarks.gate_recall import kept_tracks
from benchmarks.labelled_scene import LABELS, read_labels
from tests.fakes.picture import CAMERA
from tests.fakes.tracks import walk

_ROOM = """
clip = "room.mp4"
[rules.door]
kind = "{kind}"
labels = ["person"]
points = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8]]
[[events]]
rule = "{rule}"
at_s = 3
at = [0.4, 0.5]
"""


@pytest.mark.parametrize("path", sorted(LABELS.glob("*.toml")), ids=lambda path: path.stem)
def test_labels_make_sense(path: Path) -> None:
    """Every rule has an event, every event lies in the picture, every unsure span says why."""
    scene = read_labels(path)
    assert {event.rule for event in scene.events} == {rule.name for rule in scene.rules}
    assert all(rule.labels <= ALLOWED_LABELS for rule in scene.rules)
    assert all(0 <= event.place.x <= 1 and 0 <= event.place.y <= 1 and event.what for event in scene.events)
    assert all(span.from_s < span.until_s and span.why for span in scene.unsure)


@pytest.mark.parametrize(("kind", "made"), [("intrusion", IntrusionRule), ("line_crossing", LineCrossingRule)])
def test_a_label_file_becomes_rules_and_events(tmp_path: Path, kind: str, made: type[AnyRule]) -> None:
    """The rule is always armed and never quiet."""
    path = tmp_path / "room.toml"
    path.write_text(_ROOM.format(kind=kind, rule="door"))
    scene = read_labels(path)
    assert scene.name == "room"
    assert [type(rule) for rule in scene.rules] == [made]
    assert scene.rules[0].cooldown_s == 0
    assert [event.at_s for event in scene.events] == [3]


def test_a_label_of_a_rule_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A slip of the pen must not become an event that nobody can tell."""
    path = tmp_path / "room.toml"
    path.write_text(_ROOM.format(kind="intrusion", rule="dor"))
    with pytest.raises(KeyError, match="dor"):
        read_labels(path)


def test_an_unknown_kind_of_rule_is_refused(tmp_path: Path) -> None:
    """It would be watched for by nothing."""
    path = tmp_path / "room.toml"
    path.write_text(_ROOM.format(kind="mischief", rule="door"))
    with pytest.raises(ValueError, match="mischief"):
        read_labels(path)


def test_a_track_is_kept_when_it_is_seen_once_at_the_same_place() -> None:
    """One of two tracks of the reference is found by the gated run, under another number."""
    both = (walk((0.2, 0.5), track_id=1), walk((0.8, 0.5), track_id=2))
    reference = [_update(0.0, both), _update(0.2, both)]
    gated = [_update(0.0, ()), _update(0.2, (walk((0.21, 0.5), track_id=9),))]
    assert kept_tracks(reference, gated) == (1, 2)


def _update(at_s: float, tracks: tuple) -> TrackUpdate:
    return TrackUpdate(CAMERA, 1, at_s, Outcome.ANALYSED, tracks)
