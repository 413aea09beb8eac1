"""What goes wrong with a virtual camera, and when.

Every outgoing access unit and every request passes a script. `Faultless` lets all through; `ScheduledFaults` plays a
list of faults. A new kind of fault is a new script, or a new member of `FaultKind` and its line in `ScheduledFaults`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ingest.virtual_camera.clip import AccessUnit
from ingest.virtual_camera.message import Request, Response


class FaultScript(Protocol):
    """The seam. `at_s` is seconds since the server started."""

    def on_access_unit(self, unit: AccessUnit, at_s: float) -> Sequence[AccessUnit]:
        """What is sent in the unit's place: itself, nothing, or something else."""
        ...

    def on_request(self, request: Request, at_s: float) -> Response | None:
        """What is answered in the camera's place; None lets the camera answer."""
        ...

    def is_reachable(self, at_s: float) -> bool:
        """False while the camera is off the network: its connections are cut and new ones are cut at once."""
        ...


class Faultless:
    """The script of a camera that works."""

    def on_access_unit(self, unit: AccessUnit, at_s: float) -> Sequence[AccessUnit]:  # noqa: ARG002 - the seam's signature
        """The unit itself."""
        return (unit,)

    def on_request(self, request: Request, at_s: float) -> Response | None:  # noqa: ARG002 - the seam's signature
        """Never answers in the camera's place."""
        return None

    def is_reachable(self, at_s: float) -> bool:  # noqa: ARG002 - the seam's signature
        """Always."""
        return True


class FaultKind(StrEnum):
    """The faults that a schedule can name."""

    SILENT = "silent"
    """Connected, answers requests, sends no packets."""
    DROP = "drop"
    """Off the network. One port serves all cameras, so a client is cut when it first names this camera."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, from `at_s` seconds after the server's start, for `duration_s` seconds."""

    at_s: float
    kind: FaultKind
    duration_s: float

    def holds(self, at_s: float) -> bool:
        """Whether the fault is on at that time."""
        return self.at_s <= at_s < self.at_s + self.duration_s


class ScheduledFaults:
    """Plays faults by the clock. They may overlap."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._faults = tuple(faults)

    def on_access_unit(self, unit: AccessUnit, at_s: float) -> Sequence[AccessUnit]:
        """Nothing while silent."""
        return () if self._holds(FaultKind.SILENT, at_s) else (unit,)

    def on_request(self, request: Request, at_s: float) -> Response | None:  # noqa: ARG002 - the seam's signature
        """No kind of fault answers in the place of the camera."""
        return None

    def is_reachable(self, at_s: float) -> bool:
        """False while dropped."""
        return not self._holds(FaultKind.DROP, at_s)

    def _holds(self, kind: FaultKind, at_s: float) -> bool:
        return any(fault.kind is kind and fault.holds(at_s) for fault in self._faults)
