"""The report of `xueliang bench diagnosis` as a page: a picture of every missed fault and of every false alarm."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import cv2
import numpy as np

from analytics.quality.category import Category
from benchmarks.accuracy_page import pictured, write_body
from benchmarks.diagnosed_camera import Look


@dataclass(frozen=True, slots=True)
class Mistake:
    """`look` is the picture at which a false alarm was told, or the first one of a fault that was not."""

    category: Category
    what: str
    look: Look


def write_page(folder: Path, mistakes: Sequence[Mistake]) -> Path:
    """Writes diagnosis.html into the folder, complete in itself.

    Raises:
        OSError: the folder cannot be written.

    """
    body = "".join(_section(one, [mistake for mistake in mistakes if mistake.category is one]) for one in Category)
    return write_body(folder / "diagnosis.html", "Xueliang: diagnosis against the truth", body)


def _section(category: Category, mistakes: Sequence[Mistake]) -> str:
    pictures = "".join(pictured(_jpeg(one.look), _caption(one)) for one in mistakes)
    return f"<h2>{escape(category.value)}</h2><p>{len(mistakes)} mistakes</p>{pictures}"


def _caption(mistake: Mistake) -> str:
    finding = next(one for one in mistake.look.judgement.findings if one.category is mistake.category)
    value = "" if finding.value is None else f", value {finding.value:.3f}"
    limit = "" if finding.threshold is None else f", threshold {finding.threshold:.3f}"
    return (
        f"{mistake.what}, {mistake.look.sample.taken_at:%d %B %H:%M}: {finding.state}, {finding.reason}{value}{limit}"
    )


def _jpeg(look: Look) -> bytes:
    picture = look.sample.picture
    canvas = np.zeros((90, 160, 3), np.uint8) if picture is None else picture
    return bytes(cv2.imencode(".jpg", canvas)[1])
