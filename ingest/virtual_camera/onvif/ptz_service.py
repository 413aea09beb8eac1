"""PTZ: moves, presets, home, status (ONVIF PTZ Service Specification, clause 5)."""

import re
from html import escape

from ingest.onvif import namespaces as ns
from ingest.virtual_camera.onvif.device import VirtualDevice
from ingest.virtual_camera.onvif.operations import Question, Service
from ingest.virtual_camera.onvif.quirks import Quirk
from ingest.virtual_camera.onvif.soap import SoapFault

_DEFAULT_MOVE_S = 10.0
_SPACE = "http://www.onvif.org/ver10/tptz/PanTiltSpaces/VelocityGenericSpace"
_SECONDS = re.compile(r"PT(\d+(?:\.\d+)?)S")


class PtzService:
    """Answers about where the camera points."""

    def __init__(self, device: VirtualDevice) -> None:
        self._device = device

    def service(self) -> Service:
        """The service with its operations."""
        operations = {
            "GetNodes": self._nodes,
            "ContinuousMove": self._move,
            "Stop": self._stop,
            "GetStatus": self._status,
            "GetPresets": self._presets,
            "SetPreset": self._set_preset,
            "RemovePreset": self._remove_preset,
            "GotoPreset": self._go_to_preset,
            "GotoHomePosition": self._go_home,
            "SetHomePosition": self._set_home,
        }
        return Service(ns.PTZ, "/onvif/ptz_service", (21, 6), operations)

    def _nodes(self, _: Question) -> str:
        ends = "<tt:XRange><tt:Min>-1</tt:Min><tt:Max>1</tt:Max></tt:XRange>"
        return (
            '<tptz:GetNodesResponse><tptz:PTZNode token="ptz-node"><tt:Name>ptz</tt:Name><tt:SupportedPTZSpaces>'
            f"<tt:ContinuousPanTiltVelocitySpace><tt:URI>{_SPACE}</tt:URI>{ends}"
            "</tt:ContinuousPanTiltVelocitySpace></tt:SupportedPTZSpaces>"
            "<tt:MaximumNumberOfPresets>300</tt:MaximumNumberOfPresets><tt:HomeSupported>true</tt:HomeSupported>"
            "</tptz:PTZNode></tptz:GetNodesResponse>"
        )

    def _move(self, question: Question) -> str:
        pan_tilt = question.operation.first("Velocity", "PanTilt")
        zoom = question.operation.first("Velocity", "Zoom")
        try:
            speed = (
                float(pan_tilt.attribute("x")) if pan_tilt else 0.0,
                float(pan_tilt.attribute("y")) if pan_tilt else 0.0,
                float(zoom.attribute("x")) if zoom else 0.0,
            )
        except ValueError:
            raise SoapFault("ter:InvalidVelocity", "not a speed") from None
        given = _SECONDS.fullmatch(question.operation.text("Timeout"))
        self._device.move(speed, float(given.group(1)) if given else _DEFAULT_MOVE_S)
        return "<tptz:ContinuousMoveResponse/>"

    def _stop(self, _: Question) -> str:
        self._device.stop()
        return "<tptz:StopResponse/>"

    def _status(self, _: Question) -> str:
        if self._device.has(Quirk.UNBOUND_PREFIX):
            return "<ptz:GetStatusResponse><ptz:PTZStatus/></ptz:GetStatusResponse>"
        pan, tilt, zoom = self._device.point()
        is_moving = self._device.movement.is_moving(self._device.clock.monotonic_s())
        state = "MOVING" if is_moving or self._device.has(Quirk.STATUS_FROZEN) else "IDLE"
        return (
            f'<tptz:GetStatusResponse><tptz:PTZStatus><tt:Position><tt:PanTilt x="{pan:.4f}" y="{tilt:.4f}"/>'
            f'<tt:Zoom x="{zoom:.4f}"/></tt:Position><tt:MoveStatus><tt:PanTilt>{state}</tt:PanTilt>'
            f"<tt:Zoom>{state}</tt:Zoom></tt:MoveStatus></tptz:PTZStatus></tptz:GetStatusResponse>"
        )

    def _presets(self, _: Question) -> str:
        if self._device.has(Quirk.UNBOUND_PREFIX):
            return "<ptz:GetPresetsResponse><ptz:Preset/></ptz:GetPresetsResponse>"
        inner = "".join(
            f'<tptz:Preset token="{escape(token)}"><tt:Name>{escape(name)}</tt:Name></tptz:Preset>'
            for token, (name, _) in self._device.presets.items()
        )
        return f"<tptz:GetPresetsResponse>{inner}</tptz:GetPresetsResponse>"

    def _set_preset(self, question: Question) -> str:
        presets = self._device.presets
        token = question.operation.text("PresetToken") or str(max((int(key) for key in presets), default=0) + 1)
        presets[token] = (question.operation.text("PresetName"), self._device.point())
        return f"<tptz:SetPresetResponse><tptz:PresetToken>{escape(token)}</tptz:PresetToken></tptz:SetPresetResponse>"

    def _remove_preset(self, question: Question) -> str:
        if self._device.presets.pop(question.operation.text("PresetToken"), None) is None:
            raise SoapFault("ter:NoToken", "no such preset")
        return "<tptz:RemovePresetResponse/>"

    def _go_to_preset(self, question: Question) -> str:
        found = self._device.presets.get(question.operation.text("PresetToken"))
        if found is None:
            raise SoapFault("ter:NoToken", "no such preset")
        self._device.go_to(found[1])
        return "<tptz:GotoPresetResponse/>"

    def _go_home(self, _: Question) -> str:
        self._device.go_to(self._device.home)
        return "<tptz:GotoHomePositionResponse/>"

    def _set_home(self, _: Question) -> str:
        self._device.home = self._device.point()
        return "<tptz:SetHomePositionResponse/>"
