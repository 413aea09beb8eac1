"""Moving a camera: every move has its end, and a Stop is repeated until the camera stands."""

import asyncio
from urllib.parse import unquote

from ingest.onvif import namespaces as ns
from ingest.onvif.device import OnvifDevice
from ingest.onvif.envelope import clean, element
from ingest.onvif.errors import AnswerMalformed, OperationRefused, OperationUnsupported
from ingest.onvif.messages import Preset, PtzStatus
from ingest.onvif.tree import Tree

MAX_MOVE_S = 10.0
MAX_PRESETS = 500
STOP_TRIES = 4

Speed = tuple[float, float, float]
"""Pan, tilt and zoom, each from -1 to 1."""


class PtzControl:
    """The movement of one profile of a connected device."""

    def __init__(self, device: OnvifDevice, profile_token: str, stop_pause_s: float = 0.15) -> None:
        self._device = device
        self._token = element("ProfileToken", profile_token)
        self._stop_pause_s = stop_pause_s

    async def move(self, speed: Speed, seconds: float) -> None:
        """Moves with a speed for at most `seconds`, and at most MAX_MOVE_S; the camera ends it by itself.

        Raises:
            IngestError: the device could not be asked, or refused.

        """
        pan, tilt, zoom = (max(-1.0, min(1.0, part)) for part in speed)
        velocity = f'<tt:PanTilt x="{pan:.3f}" y="{tilt:.3f}"/>' if pan or tilt else ""
        velocity += f'<tt:Zoom x="{zoom:.3f}"/>' if zoom else ""
        timeout = element("Timeout", f"PT{max(0.1, min(seconds, MAX_MOVE_S)):.1f}S")
        await self._call("ContinuousMove", f"{self._token}<Velocity>{velocity}</Velocity>{timeout}")

    async def stop(self) -> bool:
        """Stops, before whatever else waits. True once the camera says that it stands, or cannot say.

        False when it does not stand after STOP_TRIES: then the end of the move has to do.

        Raises:
            IngestError: the device could not be asked, or refused.

        """
        for _ in range(STOP_TRIES):
            inner = f"{self._token}{element('PanTilt', 'true')}{element('Zoom', 'true')}"
            await self._call("Stop", inner, is_urgent=True)
            await asyncio.sleep(self._stop_pause_s)
            status = await self._status_if_any()
            if status is None or status.is_moving is None or not status.is_moving:
                return True
        return False

    async def status(self) -> PtzStatus:
        """Where it points and whether it moves. Raises as `move`."""
        told = (await self._call("GetStatus", self._token, is_urgent=True)).first("PTZStatus")
        if told is None:
            return PtzStatus(None, None)
        moves = {told.text("MoveStatus", part) for part in ("PanTilt", "Zoom")} & {"MOVING", "IDLE"}
        return PtzStatus(_position(told), "MOVING" in moves if moves else None)

    async def presets(self) -> list[Preset]:
        """The stored positions. Raises as `move`."""
        told = await self._call("GetPresets", self._token)
        found = [Preset(each.attribute("token"), clean(unquote(each.text("Name")))) for each in told.all("Preset")]
        return [preset for preset in found if preset.token][:MAX_PRESETS]

    async def store_preset(self, name: str, token: str | None = None) -> str:
        """Stores where the camera points now, as a new preset or in place of one; its token. Raises as `move`."""
        place = element("PresetToken", token) if token else ""
        told = await self._call("SetPreset", self._token + element("PresetName", name) + place)
        return clean(told.text("PresetToken")) or token or ""

    async def remove_preset(self, token: str) -> None:
        """Forgets a stored position. Raises as `move`."""
        await self._call("RemovePreset", self._token + element("PresetToken", token))

    async def go_to_preset(self, token: str) -> None:
        """Turns to a stored position. Raises as `move`."""
        await self._call("GotoPreset", self._token + element("PresetToken", token))

    async def go_home(self) -> None:
        """Turns to the home position. Raises as `move`."""
        await self._call("GotoHomePosition", self._token)

    async def _status_if_any(self) -> PtzStatus | None:
        """The status, None where the device cannot tell it in a form that can be read."""
        try:
            return await self.status()
        except (AnswerMalformed, OperationRefused, OperationUnsupported):
            return None

    async def _call(self, name: str, inner: str, *, is_urgent: bool = False) -> Tree:
        return await self._device.call(ns.PTZ, name, inner, is_urgent=is_urgent)


def _position(told: Tree) -> tuple[float, float, float] | None:
    pan_tilt, zoom = told.first("Position", "PanTilt"), told.first("Position", "Zoom")
    if pan_tilt is None:
        return None
    try:
        far = float(zoom.attribute("x")) if zoom else 0.0
        return float(pan_tilt.attribute("x")), float(pan_tilt.attribute("y")), far
    except ValueError:
        return None
