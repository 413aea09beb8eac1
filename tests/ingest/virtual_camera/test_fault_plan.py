"""Faults in files."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.fault import Fault, FaultKind
from ingest.virtual_camera.fault_plan import BadFaults, PlannedFault, afflict, read_fault_plan
from ingest.virtual_camera.faults import Condition, Reach
from ingest.virtual_camera.flaw import Flaw

EXAMPLE = Path(__file__).parents[3] / "configs" / "faults.example.toml"
TOML = """
[[fault]]
camera = "gate"
at_s = 2
duration_s = 3
kind = "corrupt"
rate = 0.5
seed = 7

[[fault]]
kind = "clip"
clip = "scene:size=64x64"
every_s = 60
"""
PLAN = (
    PlannedFault("gate", Fault(2, FaultKind.CORRUPT, 3, 0.5, 7)),
    PlannedFault(None, Fault(0, FaultKind.CLIP, clip="scene:size=64x64", every_s=60)),
)


def written(folder: Path, name: str, text: str) -> Path:
    """A file of faults."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_toml_and_json_say_the_same(tmp_path: Path):
    """Whichever one writes, the faults are equal."""
    entries = [
        {"camera": "gate", "at_s": 2, "duration_s": 3, "kind": "corrupt", "rate": 0.5, "seed": 7},
        {"kind": "clip", "clip": "scene:size=64x64", "every_s": 60},
    ]
    assert read_fault_plan(written(tmp_path, "a.toml", TOML)) == PLAN
    assert read_fault_plan(written(tmp_path, "a.json", json.dumps({"fault": entries}))) == PLAN


def test_the_example_is_legal():
    """What the documentation points to can be played."""
    assert {item.fault.kind for item in read_fault_plan(EXAMPLE)} >= {FaultKind.RESET, FaultKind.FROZEN}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[fault]]\nkind = 'silent", "a.toml"),
        ("[other]", r"no \[\[fault\]\]"),
        ("[[fault]]\nkind = 'tired'", "fault 1: kind"),
        ("[[fault]]\nkind = 'silent'\nrate = 1.0", "fault 1: rate"),
        ("[[fault]]\nkind = 'silent'\n[[fault]]\nkind = 'loss'\nrate = 'much'", "fault 2: rate is no number"),
        ("[[fault]]\nkind = 'silent'\nat_s = -1", "at_s"),
        ("[[fault]]\nkind = 'clip'", "names a clip"),
        ("fault = [1]", "fault 1"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(tmp_path: Path, text: str, says: str):
    """The message says which entry, and what is wrong with it."""
    with pytest.raises(BadFaults, match=says):
        read_fault_plan(written(tmp_path, "a.toml", text))


def test_a_missing_file_is_said(tmp_path: Path):
    """No traceback for a typing mistake."""
    with pytest.raises(BadFaults, match=r"none\.toml"):
        read_fault_plan(tmp_path / "none.toml")


def _unspoilt(clip: Clip, _flaw: Flaw) -> Clip:
    return clip


def test_cameras_get_their_own_faults_and_those_of_all(loop_clip: Clip):
    """Others stay as they are; stand-ins are made once."""
    made: list[str] = []
    cameras = [VirtualCamera("gate", loop_clip), VirtualCamera("yard", loop_clip)]
    plan = (*PLAN, PlannedFault("yard", Fault(5, FaultKind.DROP)))
    gate, yard = afflict(cameras, plan, lambda name: made.append(name) or loop_clip, _unspoilt)
    assert made == ["scene:size=64x64"]
    assert gate.stand_ins == {"scene:size=64x64": loop_clip}
    assert gate.faults.condition(6) == Condition(stand_in="scene:size=64x64")
    assert yard.faults.condition(6).reach is Reach.CUT


def test_a_camera_that_is_not_there_is_a_mistake(loop_clip: Clip):
    """A fault that nobody will ever see is worth a word."""
    with pytest.raises(BadFaults, match="no camera gate"):
        afflict([VirtualCamera("yard", loop_clip)], PLAN, lambda _: loop_clip, _unspoilt)


def test_a_spoilt_picture_is_made_of_the_cameras_own(loop_clip: Clip, h265_clip: Clip):
    """Each afflicted camera gets its own clip with the flaw, and shows it while the fault is on; the later one wins."""
    cameras = [VirtualCamera("gate", loop_clip), VirtualCamera("yard", h265_clip)]
    plan = [
        PlannedFault(None, Fault(5, FaultKind.BLACK, duration_s=5)),
        PlannedFault("yard", Fault(7, FaultKind.BLUR, duration_s=1)),
    ]
    gate, yard = afflict(cameras, plan, lambda _: loop_clip, lambda clip, flaw: replace(clip, frame_rate=len(flaw)))
    assert gate.stand_ins == {"black": replace(loop_clip, frame_rate=5)}
    assert yard.stand_ins == {"black": replace(h265_clip, frame_rate=5), "blur": replace(h265_clip, frame_rate=4)}
    assert [yard.faults.condition(at_s).stand_in for at_s in (4, 6, 7.5, 9, 11)] == [
        *(None, "black", "blur", "black", None)
    ]
