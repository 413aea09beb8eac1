"""What a node has learnt of pictures is there after it was replaced."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from analytics.quality.baseline import NO_BASELINE
from analytics.quality.category import Category
from analytics.quality.finding import Finding, State
from analytics.quality.judge import judge, reference_of
from analytics.quality.sample import Sample
from analytics.quality.standing import NO_STANDING
from vms_api.node.quality_memory import Memory, QualityMemory

AT = datetime(2026, 11, 21, 4, tzinfo=UTC)
PICTURE = np.random.default_rng(7).integers(0, 256, (180, 320, 3), dtype=np.uint8)
BLURRED = Finding(Category.BLUR, State.ABNORMAL, 20.0, 4.0, 2.0, 1.0, 0.9, "blurred")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "quality.sqlite3"


@pytest.fixture
def memory(path: Path) -> Iterator[QualityMemory]:
    opened = QualityMemory(path)
    yield opened
    opened.close()


def _learnt() -> Memory:
    sample = Sample(PICTURE, AT, 12)
    standing, _ = NO_STANDING.judged([BLURRED], AT)
    baseline = judge(sample, NO_BASELINE, None).baseline.widened(BLURRED)
    return Memory(baseline, standing, "picture", reference_of(sample))


def test_it_comes_back_as_it_was(path: Path, memory: QualityMemory):
    """Baseline, standing and reference, from another opening of the file."""
    learnt = _learnt()
    memory.put("gate", learnt)
    again = QualityMemory(path)
    found = again.get("gate")
    again.close()
    assert found.baseline.margin(Category.BLUR) == pytest.approx(3.6)  # 1.2 times an excess of 3
    assert found.baseline.as_json() == learnt.baseline.as_json()
    later = AT + timedelta(hours=2)
    one_more = found.standing.judged([BLURRED], later)[0]
    assert one_more.judged([BLURRED], later)[0].state(Category.BLUR) is State.ABNORMAL
    assert found.reference_id == "picture"
    assert found.reference is not None
    assert np.array_equal(found.reference.marks, learnt.reference.marks)
    assert memory.get("yard") == Memory()


def test_cameras_that_are_gone_are_forgotten(memory: QualityMemory):
    """And come back as strangers."""
    memory.put("gate", _learnt())
    memory.put("yard", _learnt())
    memory.keep(["yard"])
    assert memory.get("gate") == Memory()
    assert memory.get("yard").reference_id == "picture"


@pytest.mark.parametrize("column", ["baseline", "standing", "reference"])
@pytest.mark.parametrize("text", ["", "[]", '{"version": 99}', '{"blur": ["tired", 0, null]}', '{"a": 1}'])
def test_what_cannot_be_read_is_learnt_anew(path: Path, memory: QualityMemory, column: str, text: str):
    """A damaged or foreign row costs one camera its habits, not the node its diagnosis."""
    memory.put("gate", _learnt())
    with sqlite3.connect(path) as connection:
        connection.execute(f"UPDATE memory SET {column} = ?", (text,))  # noqa: S608 - the test's own words
    connection.close()
    assert memory.get("gate") == Memory()
