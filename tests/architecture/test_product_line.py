"""The product line: it watches places, not persons. Nothing here may be able to tell who somebody is."""

import ast
import re
from pathlib import Path

import pytest

from analytics.detection import ALLOWED_LABELS

ROOT = Path(__file__).parents[2]
WORDS = re.compile(
    r"(?<![a-z])(face|facial|plate|licen[cs]e_?plate|anpr|alpr|lpr|re_?id|re_?identif\w*|embedding|watch_?list|"
    r"black_?list|gait|ethnic\w*|gender|emotion|biometric\w*|crowd|gathering|social_?score)(?![a-z])",
    re.IGNORECASE,
)
REFUSERS = {"model.py", "models.py", "model_schema.py", "catalogue.py"}
"""Files of analytics that name such things in order to refuse a model that offers them."""


def identifiers(path: Path) -> set[str]:
    """Every name a file defines or uses, and every short string it could use as a key, without its prose."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for field in ("name", "id", "attr", "arg"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                names.add(value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
            names.add(node.value)
    return names


def python_files() -> list[Path]:
    """The product's own code."""
    return [
        path
        for package in ("ingest", "analytics", "vms_api")
        for path in (ROOT / package).rglob("*.py")
        if "node_modules" not in path.parts and path.name not in REFUSERS
    ]


def test_no_code_names_a_person_identifying_feature():
    """No identifier, key or setting speaks of faces, plates, re-identification, watchlists or crowds."""
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in python_files()
        for name in identifiers(path)
        if WORDS.search(name)
    }
    assert found == set()


def test_the_word_list_bites():
    """The pattern finds what it is for, in the spellings code uses."""
    for name in ("face_detector", "licensePlate".lower(), "license_plate", "reid", "re_id", "embedding", "watchlist"):
        assert WORDS.search(name), name
    for name in ("surface", "template", "interface", "place"):
        assert not WORDS.search(name), name


def test_the_classes_are_things_and_beings_not_identities():
    """The allow-list is exactly the one of the design."""
    assert {
        *("person", "bicycle", "motorcycle", "car", "bus", "truck", "boat"),
        *("dog", "cat", "horse", "cow", "sheep", "fire", "smoke", "motion"),
    } == ALLOWED_LABELS


@pytest.mark.parametrize("suffix", ["ts", "vue"])
def test_the_page_offers_none_of_it(suffix):
    """The page has no such view, text or call either."""
    sources = list((ROOT / "vms_api/web/src").rglob(f"*.{suffix}"))
    assert sources
    offending = {
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for path in sources
        if (match := WORDS.search(path.read_text(encoding="utf-8")))
    }
    assert offending == set()
