"""Events by pull points (ONVIF Core Specification, clause 9.2), and the imaging settings that go with them."""

import re
from datetime import datetime, timedelta

from ingest.onvif import namespaces as ns
from ingest.virtual_camera.onvif.device import DeviceEvent, PullPoint, VirtualDevice
from ingest.virtual_camera.onvif.operations import Question, Service
from ingest.virtual_camera.onvif.quirks import Quirk
from ingest.virtual_camera.onvif.soap import SoapFault

EVENTS_PATH = "/onvif/event_service"
_POINT_PATH = re.compile(r"/onvif/event_service/pull/(\d+)")
_SECONDS = re.compile(r"PT(\d+(?:\.\d+)?)S")
_MINUTES = re.compile(r"PT(\d+)M")
_DEFAULT_LIFE_S = 60.0
_STORM = 50
_OFF = timedelta(hours=1)


class EventService:
    """Answers about events."""

    def __init__(self, device: VirtualDevice) -> None:
        self._device = device

    def service(self) -> Service:
        """The service with its operations."""
        operations = {
            "GetEventProperties": lambda _: "<tev:GetEventPropertiesResponse/>",
            "CreatePullPointSubscription": self._subscribe,
            "PullMessages": self._pull,
            "Renew": self._renew,
            "Unsubscribe": self._unsubscribe,
            "SetSynchronizationPoint": self._synchronise,
        }
        return Service(ns.EVENTS, EVENTS_PATH, (21, 6), operations)

    def imaging(self) -> Service:
        """Imaging: brightness and the infrared cut filter, to be read."""
        answer = (
            "<timg:GetImagingSettingsResponse><timg:ImagingSettings><tt:Brightness>50</tt:Brightness>"
            "<tt:IrCutFilter>AUTO</tt:IrCutFilter></timg:ImagingSettings></timg:GetImagingSettingsResponse>"
        )
        return Service(ns.IMAGING, "/onvif/imaging_service", (19, 6), {"GetImagingSettings": lambda _: answer})

    def _subscribe(self, question: Question) -> str:
        point = self._device.subscribe(_life_s(question.operation.text("InitialTerminationTime")))
        address = f"http://{question.host}:{self._device.http_port}{EVENTS_PATH}"
        told = f"<wsa:Address>{address}/pull/{point.id}</wsa:Address>"
        if self._device.has(Quirk.REFERENCE_PARAMETERS):
            told = (
                f"<wsa:Address>{address}</wsa:Address><wsa:ReferenceParameters>"
                f'<x:SubscriptionId xmlns:x="urn:xueliang:virtual">{point.id}</x:SubscriptionId>'
                "</wsa:ReferenceParameters>"
            )
        reference = f"<tev:SubscriptionReference>{told}</tev:SubscriptionReference>"
        if self._device.has(Quirk.NO_SUBSCRIPTION_REFERENCE):
            reference = ""
        return (
            f"<tev:CreatePullPointSubscriptionResponse>{reference}{self._times(point)}"
            "</tev:CreatePullPointSubscriptionResponse>"
        )

    def _times(self, point: PullPoint) -> str:
        shift = (_OFF if self._device.has(Quirk.EVENT_CLOCK_OFF) else timedelta()) + (
            self._device.now() - self._device.clock.now()
        )
        now, end = self._device.clock.now() + shift, point.ends_at + shift
        return (
            f"<wsnt:CurrentTime>{_stamp(now)}</wsnt:CurrentTime>"
            f"<wsnt:TerminationTime>{_stamp(end)}</wsnt:TerminationTime>"
        )

    def _pull(self, question: Question) -> str:
        point = self._point(question)
        if self._device.has(Quirk.STORM):
            for number in range(_STORM):
                state = "true" if number % 2 else "false"
                self._device.raise_event("tns1:VideoSource/MotionAlarm", ("Source", "video-1"), ("State", state))
        limit = int(question.operation.text("MessageLimit") or "32")
        taken = [point.queue.popleft() for _ in range(min(limit, len(point.queue)))]
        times = self._times(point).replace("wsnt:", "tev:")
        return f"<tev:PullMessagesResponse>{times}{''.join(map(_notification, taken))}</tev:PullMessagesResponse>"

    def _renew(self, question: Question) -> str:
        point = self._point(question)
        if self._device.has(Quirk.RENEW_FAILS):
            raise SoapFault("wsnt:UnableToRenew", "not now", is_receiver=True)
        life_s = _life_s(question.operation.text("TerminationTime"))
        point.ends_at = self._device.clock.now() + timedelta(seconds=life_s)
        times = self._times(point)
        return f"<wsnt:RenewResponse>{times}</wsnt:RenewResponse>"

    def _unsubscribe(self, question: Question) -> str:
        point = self._point(question)
        del self._device.pull_points[point.id]
        return "<wsnt:UnsubscribeResponse/>"

    def _synchronise(self, question: Question) -> str:
        point, at = self._point(question), self._device.now()
        state = ("LogicalState", "true" if self._device.relay_is_active else "false")
        relay = DeviceEvent("tns1:Device/Trigger/Relay", ("RelayToken", "relay-1"), state, at, "Initialized")
        point.queue.append(relay)
        return "<tev:SetSynchronizationPointResponse/>"

    def _point(self, question: Question) -> PullPoint:
        found = _POINT_PATH.fullmatch(question.target)
        if found and not self._device.has(Quirk.REFERENCE_PARAMETERS):
            return self._device.pull_point(int(found.group(1)))
        told = question.header.text("SubscriptionId") if question.header else ""
        if not told.isdecimal():
            raise SoapFault("ter:InvalidArgVal", "which subscription")
        return self._device.pull_point(int(told))


def _notification(event: DeviceEvent) -> str:
    return (
        "<wsnt:NotificationMessage>"
        '<wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">'
        f"{event.topic}</wsnt:Topic><wsnt:Message>"
        f'<tt:Message UtcTime="{_stamp(event.at)}" PropertyOperation="{event.operation}">'
        f'<tt:Source><tt:SimpleItem Name="{event.source[0]}" Value="{event.source[1]}"/></tt:Source>'
        f'<tt:Data><tt:SimpleItem Name="{event.data[0]}" Value="{event.data[1]}"/></tt:Data>'
        "</tt:Message></wsnt:Message></wsnt:NotificationMessage>"
    )


def _life_s(text: str) -> float:
    if seconds := _SECONDS.fullmatch(text):
        return float(seconds.group(1))
    minutes = _MINUTES.fullmatch(text)
    return int(minutes.group(1)) * 60.0 if minutes else _DEFAULT_LIFE_S


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
