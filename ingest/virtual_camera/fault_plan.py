"""Faults of several virtual cameras in a file, TOML or JSON.

    [[fault]]
    camera = "gate"        # left out: every camera
    at_s = 20
    duration_s = 5         # left out: for good
    every_s = 60           # left out: once
    kind = "corrupt"       # `FaultKind`
    rate = 0.001           # the kind's number, by the name that `PARAMETERS` gives it
    seed = 7

A `clip` fault says with `clip` what takes over, as one types it for a virtual camera: a file or a drawn scene. Those of
`FLAWS` show the camera's own pictures spoilt.
"""

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.fault import FLAWS, PARAMETERS, Fault, FaultKind
from ingest.virtual_camera.flaw import Flaw
from ingest.virtual_camera.scheduled_faults import ScheduledFaults

Seconds = Annotated[float, Field(ge=0, le=1e9)]


class BadFaults(ValueError):
    """The file holds no faults that can be played; the message says which entry is wrong and why."""


class _Entry(BaseModel):
    """One `[[fault]]`, its number apart."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FaultKind
    camera: str | None = None
    at_s: Seconds = 0.0
    duration_s: Annotated[float, Field(gt=0, le=1e9)] | None = None
    every_s: Annotated[float, Field(gt=0, le=1e9)] | None = None
    seed: int = 0
    clip: str | None = None


@dataclass(frozen=True, slots=True)
class PlannedFault:
    """A fault of one camera, or of every camera."""

    camera: str | None
    fault: Fault


def read_fault_plan(path: Path) -> tuple[PlannedFault, ...]:
    """The faults of a file; its name's ending tells TOML from JSON.

    Raises:
        BadFaults: it cannot be read, or an entry is wrong.

    """
    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise BadFaults(f"{path.name}: {error}") from error
    entries = document.get("fault") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise BadFaults(f"{path.name}: there is no [[fault]]")
    return tuple(_planned(f"{path.name}, fault {number}", entry) for number, entry in enumerate(entries, 1))


def afflict(
    cameras: Iterable[VirtualCamera],
    plan: Iterable[PlannedFault],
    clip: Callable[[str], Clip],
    spoilt: Callable[[Clip, Flaw], Clip],
) -> tuple[VirtualCamera, ...]:
    """The cameras with their faults; `clip` makes what a `clip` fault names, `spoilt` a clip with a flaw.

    Raises:
        BadFaults: the plan names a camera that is not there.

    """
    found, planned = tuple(cameras), tuple(plan)
    strangers = {item.camera for item in planned if item.camera} - {camera.name for camera in found}
    if strangers:
        raise BadFaults(f"there is no camera {', '.join(sorted(strangers))}")
    stand_ins = {name: clip(name) for name in {item.fault.clip for item in planned} if name}
    return tuple(_afflicted(camera, planned, stand_ins, spoilt) for camera in found)


def _afflicted(
    camera: VirtualCamera,
    plan: tuple[PlannedFault, ...],
    stand_ins: Mapping[str, Clip],
    spoilt: Callable[[Clip, Flaw], Clip],
) -> VirtualCamera:
    own = [item.fault for item in plan if item.camera in {None, camera.name}]
    if not own:
        return camera
    flaws = {kind.value: flaw for kind, flaw in FLAWS.items() if any(fault.kind is kind for fault in own)}
    flawed = {name: spoilt(camera.main, flaw) for name, flaw in flaws.items()}
    return replace(camera, faults=ScheduledFaults(own), stand_ins={**stand_ins, **flawed})


def _planned(place: str, raw: Any) -> PlannedFault:
    try:
        fields = dict(raw)
        amount = _taken_number(fields)
        entry = _Entry.model_validate(fields)
        return PlannedFault(
            entry.camera,
            Fault(
                at_s=entry.at_s,
                kind=entry.kind,
                duration_s=inf if entry.duration_s is None else entry.duration_s,
                amount=amount,
                seed=entry.seed,
                clip=entry.clip,
                every_s=entry.every_s,
            ),
        )
    except ValidationError as error:
        first = error.errors()[0]
        raise BadFaults(f"{place}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (ValueError, TypeError) as error:
        raise BadFaults(f"{place}: {error}") from error


def _taken_number(fields: dict[str, Any]) -> float | None:
    """Takes the kind's number out of the fields, None where it is not given."""
    name, _ = PARAMETERS.get(fields.get("kind", ""), ("", 0.0))
    number = fields.pop(name, None)
    if number is None:
        return None
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise BadFaults(f"{name} is no number")
    return float(number)
