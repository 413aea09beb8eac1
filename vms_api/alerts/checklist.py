"""The instructions of a rule as a list that is ticked off, one line a step."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

CHECK = "check"
"""The act, as history and audit log name it."""

_BULLET = re.compile(r"^\s*(?:[-*•·]|\d{1,2}[.)、．])\s*")  # noqa: RUF001 - the full-width stop of Chinese lists


class CheckIn(BaseModel):
    """Whether the step is done."""

    model_config = ConfigDict(extra="forbid")

    done: bool


class ChecklistStep(BaseModel, frozen=True):
    """One line of the instructions; who ticked it, and when."""

    text: str
    done: bool = False
    by: str | None = None
    at: datetime | None = None


def checklist_of(instructions: str, checks: Mapping[str, Any] | None = None) -> list[ChecklistStep]:
    """The steps, without the bullets or numbers before them; `checks` are those that were ticked, by their place."""
    lines = [_BULLET.sub("", line).strip() for line in instructions.splitlines()]
    ticked = checks or {}
    return [
        ChecklistStep(text=text, done=str(place) in ticked, **ticked.get(str(place), {}))
        for place, text in enumerate(line for line in lines if line)
    ]


def checks_of(checklist: list[ChecklistStep]) -> dict[str, Any]:
    """What is stored of a list: its ticks. The words are those of the instructions."""
    return {
        str(place): step.model_dump(mode="json", include={"by", "at"})
        for place, step in enumerate(checklist)
        if step.done
    }
