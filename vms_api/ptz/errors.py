"""What is refused about moving a camera.

Problem
├── PtzTaken  PtzMissing        409
├── DeviceElsewhere             422
└── DeviceUnavailable           503
"""

from typing import Any

from vms_api.errors import InvalidRequest, Problem


class PtzTaken(Problem):
    """Somebody of the same or a higher role moves the camera now. `holder` is who."""

    status, code, title = 409, "ptz-taken", "Somebody else moves this camera now"

    def __init__(self, holder: str, retry_after_s: int) -> None:
        super().__init__(f"{holder} moves this camera", retry_after_s=retry_after_s)
        self.holder = holder

    def document(self) -> dict[str, Any]:
        """The refusal with the name of who moves the camera."""
        return {**super().document(), "holder": self.holder}


class PtzMissing(Problem):
    """The camera was not taken in as a device that moves, or its address was changed since."""

    status, code, title = 409, "ptz-missing", "This camera cannot be moved from here"


class DeviceElsewhere(InvalidRequest):
    """A device's login goes to the host that sends its stream, and to no other."""

    code, title = "device-elsewhere", "Device and stream are on different hosts"


class DeviceUnavailable(Problem):
    """The device did not do it; `device_code` says why, as in the list of faults."""

    status, code, title = 503, "device-unavailable", "The camera did not do this"

    def __init__(self, device_code: str, message: str) -> None:
        super().__init__(message)
        self.device_code = device_code

    def document(self) -> dict[str, Any]:
        """The refusal with the code of the fault."""
        return {**super().document(), "device_code": self.device_code}
