"""One virtual camera as an ONVIF device: HTTP in front, services behind."""

import asyncio
import ssl
from collections.abc import Callable, Mapping

import cv2
import numpy as np
import structlog

from ingest.clock import Clock, SystemClock
from ingest.onvif.namespaces import NOTIFICATION
from ingest.onvif.tree import Tree
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.onvif.device import VirtualDevice
from ingest.virtual_camera.onvif.device_service import DEVICE_PATH, FOREIGN_HOST, DeviceService
from ingest.virtual_camera.onvif.event_service import EVENTS_PATH, EventService
from ingest.virtual_camera.onvif.gate import OnvifGate
from ingest.virtual_camera.onvif.http import HttpAnswer, HttpRequest, HttpServer
from ingest.virtual_camera.onvif.media_service import SNAPSHOT_PATH, MediaServices
from ingest.virtual_camera.onvif.operations import Operation, Question, Service
from ingest.virtual_camera.onvif.ptz_service import PtzService
from ingest.virtual_camera.onvif.quirks import Manners, Quirk
from ingest.virtual_camera.onvif.responder import Presence
from ingest.virtual_camera.onvif.soap import SoapFault, envelope, read_request

_HUGE_BYTES = 8 * 1024 * 1024
_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">'
    "<s:Body>&c;</s:Body></s:Envelope>"
)
_NOT_AUTHORIZED = SoapFault("ter:NotAuthorized", "Sender not Authorized")

_log = structlog.get_logger()


class OnvifServer:
    """Serves one virtual camera's ONVIF services. `requests` holds the names of the operations that were asked."""

    def __init__(
        self,
        camera: VirtualCamera,
        rtsp_port: int,
        manners: Manners | None = None,
        clock: Clock | None = None,
        address: tuple[str, int] = ("127.0.0.1", 0),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.device = VirtualDevice(camera, rtsp_port, manners or Manners(), clock or SystemClock())
        self.gate = OnvifGate(self.device)
        self.requests: list[str] = []
        self._services = {service.path: service for service in _services(self.device)}
        self._http = HttpServer(*address, self._answer, tls)
        self._scheme = "https" if tls else "http"
        self._host = address[0]

    @property
    def address(self) -> str:
        """The device service's address."""
        return f"{self._scheme}://{self._host}:{self.device.http_port}{DEVICE_PATH}"

    async def start(self) -> int:
        """Begins to serve; returns the HTTP port.

        Raises:
            OSError: the address cannot be bound.

        """
        self.device.http_port = await self._http.start()
        _log.info("virtual camera speaks ONVIF", camera=self.device.camera.name, port=self.device.http_port)
        return self.device.http_port

    @property
    def presence(self) -> Presence:
        """What discovery tells of it."""
        scopes = DeviceService(self.device, ()).scopes()
        return Presence(self.device.id, self.address, tuple(scopes), self.device.manners.reply)

    async def close(self) -> None:
        """Cuts all clients and frees the ports."""
        await self._http.close()

    async def _answer(self, request: HttpRequest) -> HttpAnswer:
        device = self.device
        if device.has(Quirk.SLOW):
            await asyncio.sleep(device.manners.delay_s)
        if request.method == "GET" and request.target == SNAPSHOT_PATH:
            is_known = self.gate.lets_look(request)
            return HttpAnswer(200, _snapshot(), "image/jpeg") if is_known else self.gate.challenge()
        if request.method != "POST":
            return HttpAnswer(404)
        return _spoilt(device, self._soap(request))

    def _soap(self, request: HttpRequest) -> HttpAnswer:
        try:
            asked = read_request(request.body)
            self.requests.append(asked.operation.name)
            if not self.gate.admits(request, asked):
                return self._refusal()
            operation = self._operation(request.target, asked.operation)
            body = operation(Question(asked.operation, asked.header, request.host, request.target))
        except SoapFault as fault:
            return self._fault(fault)
        return HttpAnswer(200, envelope(body).encode())

    def _operation(self, target: str, asked: Tree) -> Operation:
        """What answers; the namespace must be the service's own, or that of notifications."""
        path = EVENTS_PATH if target.startswith(EVENTS_PATH) else target
        service = self._services.get(path)
        shared = {NOTIFICATION} if path == EVENTS_PATH else set()
        if service and asked.namespace in {service.namespace, *shared} and asked.name in service.operations:
            return service.operations[asked.name]
        raise SoapFault("ter:ActionNotSupported", "no such operation", is_receiver=True)

    def _refusal(self) -> HttpAnswer:
        device = self.device
        if device.has(Quirk.DIGEST_ONLY) or device.has(Quirk.BARE_401):
            return self.gate.challenge()
        fault = self._fault(_NOT_AUTHORIZED)
        if device.has(Quirk.WSSE_ONLY) or device.has(Quirk.FAULT_200):
            return fault
        return HttpAnswer(401, fault.body, headers=self.gate.challenge().headers)

    def _fault(self, fault: SoapFault) -> HttpAnswer:
        status = 500 if fault.is_receiver else fault.status
        return HttpAnswer(200 if self.device.has(Quirk.FAULT_200) else status, envelope(fault.body()).encode())


def _services(device: VirtualDevice) -> list[Service]:
    media, events = MediaServices(device), EventService(device)
    others = [media.media()]
    if not device.has(Quirk.NO_MEDIA2):
        others.append(media.media2())
    if not device.has(Quirk.NO_PTZ):
        others.append(PtzService(device).service())
    others += [events.service(), events.imaging()]
    return [DeviceService(device, others).service(), *others]


def _snapshot() -> bytes:
    """A grey JPEG: what the camera sees is the RTSP half's business."""
    _, encoded = cv2.imencode(".jpg", np.full((32, 32), 128, np.uint8))
    return encoded.tobytes()


def _bytes(body: bytes) -> Callable[[HttpAnswer], HttpAnswer]:
    return lambda answer: HttpAnswer(200, body, headers=answer.headers)


_SPOILERS: Mapping[Quirk, Callable[[HttpAnswer], HttpAnswer]] = {
    Quirk.GARBAGE: _bytes(b"\x00\xff<html><body>Login\x00"),
    Quirk.TRUNCATED: lambda answer: HttpAnswer(answer.status, answer.body[: len(answer.body) // 2]),
    Quirk.WRONG_LENGTH: lambda answer: HttpAnswer(answer.status, answer.body, headers=answer.headers, missing=10),
    Quirk.HUGE: _bytes(envelope(" " * _HUGE_BYTES).encode()),
    Quirk.ENTITY_BOMB: _bytes(_BOMB.encode()),
    Quirk.REDIRECT: lambda _: HttpAnswer(307, headers=(("Location", f"http://{FOREIGN_HOST}:1{DEVICE_PATH}"),)),
    Quirk.GB18030: lambda answer: HttpAnswer(
        answer.status, answer.body.decode().replace("UTF-8", "GB18030").encode("gb18030"), headers=answer.headers
    ),
    Quirk.BYTE_ORDER_MARK: lambda answer: HttpAnswer(
        answer.status, b"\xef\xbb\xbf" + answer.body, headers=answer.headers
    ),
    Quirk.DRIP: lambda answer: HttpAnswer(answer.status, answer.body, headers=answer.headers, byte_pause_s=1.0),
}


def _spoilt(device: VirtualDevice, answer: HttpAnswer) -> HttpAnswer:
    for quirk, spoiler in _SPOILERS.items():
        if device.has(quirk):
            answer = spoiler(answer)
    return answer
