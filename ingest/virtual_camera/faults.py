"""The seam at which a virtual camera goes wrong.

Every request, answer, access unit and burst of packets passes a script, and each moment has a condition. `Faultless`
lets all through; `ScheduledFaults` plays a list of faults. A new kind of fault is a member of `FaultKind` and its line
in `ScheduledFaults`, or a script of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from ingest.virtual_camera.clip import AccessUnit
from ingest.virtual_camera.message import Request, Response
from ingest.virtual_camera.rtp import Burst


class Reach(Enum):
    """How the network brings one to the camera."""

    OPEN = auto()
    CUT = auto()
    """Connections are ended, new ones at once."""
    RESET = auto()
    """As `CUT`, with a TCP reset."""
    DEAF = auto()
    """Connections stay and carry nothing."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How the camera is at one moment.

    `source` is raised whenever the stream goes on as another RTP source; `drip_s` is the time from byte to byte of an
    answer; `stand_in` names the clip that plays in the place of the camera's own.
    """

    reach: Reach = Reach.OPEN
    source: int = 0
    is_near_wrap: bool = False
    is_frozen: bool = False
    is_bare: bool = False
    is_mute: bool = False
    is_locked: bool = False
    takes_one_session: bool = False
    stand_in: str | None = None
    shift_s: float = 0.0
    clock_error_s: float = 0.0
    drip_s: float | None = None


WELL = Condition()
"""Nothing is wrong."""


class FaultScript(Protocol):
    """The seam. `at_s` is seconds since the server started."""

    def condition(self, at_s: float) -> Condition:
        """How the camera is."""
        ...

    def on_access_unit(self, unit: AccessUnit, at_s: float) -> Sequence[AccessUnit]:
        """What is sent in the unit's place: itself, nothing, or something else."""
        ...

    def on_burst(self, burst: Burst, at_s: float) -> Burst:
        """What goes out in the place of an access unit's packets."""
        ...

    def on_request(self, request: Request, at_s: float) -> Response | None:
        """What is answered in the camera's place; None lets the camera answer."""
        ...

    def on_response(self, request: Request, response: Response, at_s: float) -> Response:
        """What is sent in the place of the camera's answer."""
        ...


class Faultless:
    """The script of a camera that works."""

    def condition(self, at_s: float) -> Condition:  # noqa: ARG002 - the seam's signature
        """Always well."""
        return WELL

    def on_access_unit(self, unit: AccessUnit, at_s: float) -> Sequence[AccessUnit]:  # noqa: ARG002 - the seam's signature
        """The unit itself."""
        return (unit,)

    def on_burst(self, burst: Burst, at_s: float) -> Burst:  # noqa: ARG002 - the seam's signature
        """The packets themselves."""
        return burst

    def on_request(self, request: Request, at_s: float) -> Response | None:  # noqa: ARG002 - the seam's signature
        """Never answers in the camera's place."""
        return None

    def on_response(self, request: Request, response: Response, at_s: float) -> Response:  # noqa: ARG002 - the seam's signature
        """The answer itself."""
        return response
