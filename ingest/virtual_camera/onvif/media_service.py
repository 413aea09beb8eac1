"""Media of version 1 (Profile S) and version 2 (Profile T): profiles and where their streams and snapshots are."""

from ingest.camera import StreamRole
from ingest.onvif import namespaces as ns
from ingest.packet import Codec
from ingest.virtual_camera.onvif.device import VirtualDevice
from ingest.virtual_camera.onvif.operations import Question, Service
from ingest.virtual_camera.onvif.quirks import Quirk
from ingest.virtual_camera.onvif.soap import SoapFault

SNAPSHOT_PATH = "/onvif/snapshot"
SOURCE_TOKEN = "video-1"  # noqa: S105 - the name of the one lens

_TOKENS = {StreamRole.MAIN: "Profile_1", StreamRole.SUB: "Profile_2"}
_NAMES = {StreamRole.MAIN: "主码流", StreamRole.SUB: "子码流"}


class MediaServices:
    """Both versions, over the same streams."""

    def __init__(self, device: VirtualDevice) -> None:
        self._device = device

    def media(self) -> Service:
        """Version 1. It has no word for H.265 (ONVIF Media Service Specification, clause 5.2.6)."""
        operations = {
            "GetProfiles": self._profiles,
            "GetStreamUri": lambda q: f"<trt:GetStreamUriResponse>{self._uri(q)}</trt:GetStreamUriResponse>",
            "GetSnapshotUri": lambda q: f"<trt:GetSnapshotUriResponse>{self._snapshot(q)}</trt:GetSnapshotUriResponse>",
            "SetSynchronizationPoint": lambda q: f"<trt:{self._key_frame(q)}/>",
        }
        return Service(ns.MEDIA, "/onvif/media_service", (2, 60), operations)

    def media2(self) -> Service:
        """Version 2 (ONVIF Media2 Service Specification, clause 5)."""
        operations = {
            "GetProfiles": self._profiles2,
            "GetStreamUri": lambda q: (
                f"<tr2:GetStreamUriResponse><tr2:Uri>{self._stream(q)}</tr2:Uri></tr2:GetStreamUriResponse>"
            ),
            "GetSnapshotUri": lambda q: (
                f"<tr2:GetSnapshotUriResponse><tr2:Uri>{self._picture(q)}</tr2:Uri></tr2:GetSnapshotUriResponse>"
            ),
            "SetSynchronizationPoint": lambda q: f"<tr2:{self._key_frame(q)}/>",
        }
        return Service(ns.MEDIA2, "/onvif/media2_service", (21, 6), operations)

    def _profiles(self, _: Question) -> str:
        inner = "".join(
            f'<trt:Profiles token="{_TOKENS[role]}" fixed="true"><tt:Name>{_NAMES[role]}</tt:Name>'
            '<tt:VideoSourceConfiguration token="source"><tt:Name>source</tt:Name><tt:UseCount>2</tt:UseCount>'
            f"<tt:SourceToken>{SOURCE_TOKEN}</tt:SourceToken></tt:VideoSourceConfiguration>"
            f'<tt:VideoEncoderConfiguration token="{_TOKENS[role]}-video"><tt:Name>video</tt:Name>'
            f"<tt:UseCount>1</tt:UseCount><tt:Encoding>{_encoding1(self._codec(role))}</tt:Encoding>"
            f"{self._resolution(role)}<tt:Quality>5</tt:Quality>{self._rate(role)}"
            f"<tt:H264><tt:GovLength>50</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264>"
            f"</tt:VideoEncoderConfiguration>{self._ptz()}</trt:Profiles>"
            for role in self._device.roles
        )
        return f"<trt:GetProfilesResponse>{inner}</trt:GetProfilesResponse>"

    def _profiles2(self, _: Question) -> str:
        inner = "".join(
            f'<tr2:Profiles token="{_TOKENS[role]}" fixed="true"><tr2:Name>{_NAMES[role]}</tr2:Name>'
            '<tr2:Configurations><tr2:VideoSource token="source"><tt:Name>source</tt:Name><tt:UseCount>2</tt:UseCount>'
            f"<tt:SourceToken>{SOURCE_TOKEN}</tt:SourceToken></tr2:VideoSource>"
            f'<tr2:VideoEncoder token="{_TOKENS[role]}-video" GovLength="50">'
            f"<tt:Encoding>{_encoding2(self._codec(role))}</tt:Encoding>{self._resolution(role)}{self._rate(role)}"
            f"</tr2:VideoEncoder>{self._ptz(is_2=True)}</tr2:Configurations></tr2:Profiles>"
            for role in self._device.roles
        )
        return f"<tr2:GetProfilesResponse>{inner}</tr2:GetProfilesResponse>"

    def _key_frame(self, question: Question) -> str:
        self._role(question)
        self._device.key_frames += 1
        return "SetSynchronizationPointResponse"

    def _codec(self, role: StreamRole) -> Codec:
        codec = self._device.camera.clip(role).codec
        return Codec.H264 if self._device.has(Quirk.H265_AS_H264) else codec

    def _resolution(self, role: StreamRole) -> str:
        clip = self._device.camera.clip(role)
        size = f"<tt:Width>{clip.width}</tt:Width><tt:Height>{clip.height}</tt:Height>"
        return f"<tt:Resolution>{size}</tt:Resolution>"

    def _rate(self, role: StreamRole) -> str:
        clip = self._device.camera.clip(role)
        return (
            f"<tt:RateControl><tt:FrameRateLimit>{round(clip.frame_rate)}</tt:FrameRateLimit>"
            f"<tt:BitrateLimit>{clip.bitrate_bps // 1000}</tt:BitrateLimit></tt:RateControl>"
        )

    def _ptz(self, *, is_2: bool = False) -> str:
        if self._device.has(Quirk.NO_PTZ):
            return ""
        name = "tr2:PTZ" if is_2 else "tt:PTZConfiguration"
        return f'<{name} token="ptz-1"><tt:Name>ptz</tt:Name><tt:NodeToken>ptz-node</tt:NodeToken></{name}>'

    def _uri(self, question: Question) -> str:
        return (
            f"<trt:MediaUri><tt:Uri>{self._stream(question)}</tt:Uri>"
            "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
            "<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></trt:MediaUri>"
        )

    def _snapshot(self, question: Question) -> str:
        return f"<trt:MediaUri><tt:Uri>{self._picture(question)}</tt:Uri></trt:MediaUri>"

    def _stream(self, question: Question) -> str:
        role = self._role(question)
        host = "0.0.0.0" if self._device.has(Quirk.STREAM_PLACEHOLDER) else question.host  # noqa: S104 - told, not bound
        login = "wrong:login@" if self._device.has(Quirk.STREAM_HAS_LOGIN) else ""
        return f"rtsp://{login}{host}:{self._device.rtsp_port}{self._device.camera.path(role)}"

    def _picture(self, question: Question) -> str:
        self._role(question)
        if self._device.has(Quirk.SNAPSHOT_RTSP):
            return self._stream(question)
        return f"http://{question.host}:{self._device.http_port}{SNAPSHOT_PATH}"

    def _role(self, question: Question) -> StreamRole:
        token = question.operation.text("ProfileToken")
        found = next((role for role in self._device.roles if _TOKENS[role] == token), None)
        if found is None:
            raise SoapFault("ter:NoProfile", "no such profile")
        return found


def _encoding1(codec: Codec) -> str:
    return "JPEG" if codec is Codec.MJPEG else "H264"


def _encoding2(codec: Codec) -> str:
    return {Codec.H264: "H264", Codec.H265: "H265", Codec.MJPEG: "JPEG"}[codec]
