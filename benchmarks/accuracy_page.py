"""The report of `xueliang bench accuracy` as a page: a picture of every miss and of every false alert."""

import base64
from collections.abc import Iterator
from html import escape
from pathlib import Path

import cv2
import numpy as np

from benchmarks.analysed_footage import Analysis
from benchmarks.event_score import Event, Score, Told
from benchmarks.labelled_scene import Trial

_STYLE = "body{font-family:sans-serif;margin:2em}figure{display:inline-block;margin:.5em}img{max-width:480px}"
_MOST_PICTURES = 40  # of one scene: a scene that goes wrong this often needs no further proof
_RING_BGR = (60, 60, 255)


def write_page(folder: Path, results: list[tuple[Trial, Analysis, Score]]) -> Path:
    """Writes accuracy.html into the folder, complete in itself.

    Raises:
        OSError: the folder cannot be written.

    """
    body = "".join(_section(*result) for result in results)
    return write_body(folder / "accuracy.html", "Xueliang: alerts against the truth", body)


def write_body(page: Path, title: str, body: str) -> Path:
    """Writes a page complete in itself; its folder is made.

    Raises:
        OSError: the folder cannot be written.

    """
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1>{body}</html>",
        encoding="utf-8",
    )
    return page


def _section(trial: Trial, analysis: Analysis, score: Score) -> str:
    facts = (
        f"{len(score.hits)} hits, {len(score.missed)} missed, {len(score.false)} false, "
        f"{len(score.unscored)} not scored, F1 {score.f1:.2f}, {score.false_per_hour:.1f} false per camera-hour"
    )
    figures = "".join((*_misses(trial, score), *_false(analysis, score)))
    return f"<h2>{escape(trial.scene.name)}</h2><p>{facts}</p>{figures}"


def _misses(trial: Trial, score: Score) -> Iterator[str]:
    missed = sorted(score.missed, key=lambda event: event.at_s)[:_MOST_PICTURES]
    for frame in trial.frames() if missed else ():
        while missed and frame.media_time_s >= missed[0].at_s:
            event = missed.pop(0)
            yield pictured(
                _ringed(frame.picture.bgr(), event), f"missed: {event.rule}, {event.at_s:.1f} s, {event.what}"
            )


def _false(analysis: Analysis, score: Score) -> Iterator[str]:
    pictures = dict(zip(analysis.told, analysis.alerts, strict=True))
    for told in score.false[:_MOST_PICTURES]:
        alert = pictures[told]
        if alert.evidence is not None:
            yield pictured(alert.evidence.jpeg, f"false: {_words(told)}, {alert.label} {alert.score:.2f}")


def _words(told: Told) -> str:
    return f"{told.rule}, {told.at_s:.1f} s"


def _ringed(image: np.ndarray, event: Event) -> bytes:
    height, width = image.shape[:2]
    canvas = image.copy()
    cv2.circle(canvas, (round(event.place.x * width), round(event.place.y * height)), height // 12, _RING_BGR, 2)
    return bytes(cv2.imencode(".jpg", canvas)[1])


def pictured(jpeg: bytes, caption: str) -> str:
    """A picture of the page, with words below it."""
    data = base64.b64encode(jpeg).decode()
    return (
        f'<figure><img alt="" src="data:image/jpeg;base64,{data}"><figcaption>{escape(caption)}</figcaption></figure>'
    )
