"""The device service: time, identity, services, scopes, network, relays (ONVIF Core Specification, clause 8)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import quote

from ingest.onvif import namespaces as ns
from ingest.virtual_camera.onvif.device import VirtualDevice
from ingest.virtual_camera.onvif.operations import Question, Service
from ingest.virtual_camera.onvif.quirks import Quirk
from ingest.virtual_camera.onvif.soap import SoapFault

DEVICE_PATH = "/onvif/device_service"
FOREIGN_HOST = "127.0.0.250"
"""Where FOREIGN_XADDR points: an address of this machine that is not the camera's."""

_ROUTER_HOST = "192.0.2.77"
_ZONE = timedelta(hours=8)


class DeviceService:
    """Answers about the device as a whole; it knows the other services to name them."""

    def __init__(self, device: VirtualDevice, others: Sequence[Service]) -> None:
        self._device = device
        self._others = others

    def service(self) -> Service:
        """The service with its operations."""
        operations = {
            "GetSystemDateAndTime": self._time,
            "SetSystemDateAndTime": self._set_time,
            "GetDeviceInformation": self._information,
            "GetServices": self._services,
            "GetCapabilities": self._capabilities,
            "GetScopes": self._scopes,
            "GetHostname": self._hostname,
            "GetNetworkInterfaces": self._interfaces,
            "GetRelayOutputs": self._relays,
            "SetRelayOutputState": self._set_relay,
            "SystemReboot": self._reboot,
        }
        if self._device.has(Quirk.NO_SERVICES):
            del operations["GetServices"]
        return Service(ns.DEVICE, DEVICE_PATH, (21, 6), operations)

    def scopes(self) -> list[str]:
        """Scope URIs, as discovery and GetScopes tell them."""
        name = quote(self._device.camera.name)
        kinds = ["type/video_encoder", "type/ptz", "Profile/Streaming", "Profile/T", f"name/{name}"]
        return [f"onvif://www.onvif.org/{kind}" for kind in (*kinds, "hardware/XV-1", "location/%E6%9D%91%E5%8F%A3")]

    def _time(self, _: Question) -> str:
        now = self._device.now()
        local = _clock_fields("tt:LocalDateTime", now + _ZONE)
        utc = "" if self._device.has(Quirk.LOCAL_TIME_ONLY) else _clock_fields("tt:UTCDateTime", now)
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType>"
            "<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>CST-8</tt:TZ></tt:TimeZone>"
            f"{utc}{local}</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _set_time(self, question: Question) -> str:
        given = question.operation.first("UTCDateTime")
        if given is None:
            raise SoapFault("ter:InvalidDateTime", "UTCDateTime is needed")
        names = (("Date", "Year"), ("Date", "Month"), ("Date", "Day"), ("Time", "Hour"), ("Time", "Minute"))
        try:
            year, month, day, hour, minute = (int(given.text(*path)) for path in names)
            at = datetime(year, month, day, hour, minute, int(given.text("Time", "Second")), tzinfo=UTC)
        except ValueError:
            raise SoapFault("ter:InvalidDateTime", "not a time") from None
        self._device.set_time(at)
        return "<tds:SetSystemDateAndTimeResponse/>"

    def _information(self, _: Question) -> str:
        maker, model = "Xueliang", "雪亮 XV-1" if self._device.has(Quirk.GB18030) else "XV-1"
        fields = {"Manufacturer": maker, "Model": model, "FirmwareVersion": "1.0.0"}
        if not self._device.has(Quirk.MISSING_FIELDS):
            fields |= {"SerialNumber": self._device.id.hex[:12].upper(), "HardwareId": "XV"}
        inner = "".join(f"<tds:{name}>{escape(value)}</tds:{name}>" for name, value in fields.items())
        return f"<tds:GetDeviceInformationResponse>{inner}</tds:GetDeviceInformationResponse>"

    def _services(self, question: Question) -> str:
        inner = "".join(
            f"<tds:Service><tds:Namespace>{service.namespace}</tds:Namespace>"
            f"<tds:XAddr>{self._address(question, service.path)}</tds:XAddr><tds:Version>"
            f"<tt:Major>{service.version[0]}</tt:Major><tt:Minor>{service.version[1]}</tt:Minor>"
            "</tds:Version></tds:Service>"
            for service in self._listed()
        )
        return f"<tds:GetServicesResponse>{inner}</tds:GetServicesResponse>"

    def _listed(self) -> list[Service]:
        found = [self.service(), *self._others]
        if self._device.has(Quirk.MEDIA2_FIRST):
            found.sort(key=lambda service: service.namespace != ns.MEDIA2)
        return found

    def _capabilities(self, question: Question) -> str:
        names = {ns.MEDIA: "Media", ns.PTZ: "PTZ", ns.EVENTS: "Events", ns.IMAGING: "Imaging"}
        inner = f"<tt:Device><tt:XAddr>{self._address(question, DEVICE_PATH)}</tt:XAddr></tt:Device>"
        for service in self._others:
            if name := names.get(service.namespace):
                inner += f"<tt:{name}><tt:XAddr>{self._address(question, service.path)}</tt:XAddr></tt:{name}>"
        return (
            f"<tds:GetCapabilitiesResponse><tds:Capabilities>{inner}</tds:Capabilities></tds:GetCapabilitiesResponse>"
        )

    def _address(self, question: Question, path: str) -> str:
        host = question.host
        if self._device.has(Quirk.WRONG_XADDR):
            host = _ROUTER_HOST
        elif self._device.has(Quirk.FOREIGN_XADDR):
            host = FOREIGN_HOST
        return f"http://{host}:{self._device.http_port}{path}"

    def _scopes(self, _: Question) -> str:
        inner = "".join(
            f"<tds:Scopes><tt:ScopeDef>Fixed</tt:ScopeDef><tt:ScopeItem>{scope}</tt:ScopeItem></tds:Scopes>"
            for scope in self.scopes()
        )
        return f"<tds:GetScopesResponse>{inner}</tds:GetScopesResponse>"

    def _hostname(self, _: Question) -> str:
        return (
            "<tds:GetHostnameResponse><tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP>"
            "<tt:Name>xueliang</tt:Name></tds:HostnameInformation></tds:GetHostnameResponse>"
        )

    def _interfaces(self, _: Question) -> str:
        hardware = ":".join(self._device.id.hex[index : index + 2] for index in range(0, 12, 2))
        return (
            '<tds:GetNetworkInterfacesResponse><tds:NetworkInterfaces token="eth0"><tt:Enabled>true</tt:Enabled>'
            f"<tt:Info><tt:Name>eth0</tt:Name><tt:HwAddress>{hardware}</tt:HwAddress></tt:Info>"
            "</tds:NetworkInterfaces></tds:GetNetworkInterfacesResponse>"
        )

    def _relays(self, _: Question) -> str:
        return (
            '<tds:GetRelayOutputsResponse><tds:RelayOutputs token="relay-1"><tt:Properties><tt:Mode>Bistable</tt:Mode>'
            "<tt:DelayTime>PT0S</tt:DelayTime><tt:IdleState>open</tt:IdleState></tt:Properties></tds:RelayOutputs>"
            "</tds:GetRelayOutputsResponse>"
        )

    def _set_relay(self, question: Question) -> str:
        if question.operation.text("RelayOutputToken") != "relay-1":
            raise SoapFault("ter:RelayToken", "no such relay")
        self._device.switch_relay(is_active=question.operation.text("LogicalState") == "active")
        return "<tds:SetRelayOutputStateResponse/>"

    def _reboot(self, _: Question) -> str:
        self._device.reboot()
        return "<tds:SystemRebootResponse><tds:Message>now</tds:Message></tds:SystemRebootResponse>"


def _clock_fields(name: str, at: datetime) -> str:
    return (
        f"<{name}><tt:Time><tt:Hour>{at.hour}</tt:Hour><tt:Minute>{at.minute}</tt:Minute>"
        f"<tt:Second>{at.second}</tt:Second></tt:Time><tt:Date><tt:Year>{at.year}</tt:Year>"
        f"<tt:Month>{at.month}</tt:Month><tt:Day>{at.day}</tt:Day></tt:Date></{name}>"
    )
