"""Figures for Prometheus. No names or addresses: figures are kept elsewhere, under other rights."""

from collections import Counter as Tally
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from vms_api.alerts.alert import Alert
from vms_api.camera_gauges import CameraGauges
from vms_api.cameras.health import CameraHealth
from vms_api.care.device import DeviceState
from vms_api.care.gauges import DeviceGauges

_LATENCY_BUCKETS_S = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)


class Metrics:
    """The figures of one control process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._cameras = Gauge("xueliang_cameras", "Cameras by state", ["state"], registry=self._registry)
        self._each_camera = CameraGauges(self._registry)
        self._each_device = DeviceGauges(self._registry)
        self._node_up = Gauge("xueliang_node_up", "1 while the media node is up", registry=self._registry)
        self._clients = Gauge("xueliang_event_clients", "Open event streams", registry=self._registry)
        self._alerts = Counter("xueliang_alerts", "Alerts stored, by severity", ["severity"], registry=self._registry)
        self._tickets = Gauge(
            "xueliang_tickets",
            "Open repair tickets by state, and how many are overdue",
            ["state"],
            registry=self._registry,
        )
        self._problems = Gauge(
            "xueliang_recording_problems",
            "What is wrong with keeping and deleting recordings, by code",
            ["code"],
            registry=self._registry,
        )
        self._requests = Counter(
            "xueliang_http_requests", "Requests answered", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "xueliang_http_request_seconds",
            "Time to the first byte of an answer",
            ["route"],
            buckets=_LATENCY_BUCKETS_S,
            registry=self._registry,
        )

    def alert_raised(self, alert: Alert) -> None:
        """A new alert is on disk."""
        self._alerts.labels(alert.severity).inc()

    def tickets_counted(self, counts: Mapping[str, int]) -> None:
        """How many open repair tickets are in each state; `overdue` are among them."""
        for state, count in counts.items():
            self._tickets.labels(state).set(count)

    def recording_problems(self, counts: Mapping[str, int]) -> None:
        """How many problems there are of each code."""
        for code, count in counts.items():
            self._problems.labels(code).set(count)

    def request_answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; `route` is the template of the path, so that there are few of them."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def render(
        self,
        all_cameras: Mapping[str, CameraHealth],
        told_cameras: Mapping[str, CameraHealth],
        devices: Mapping[str, DeviceState],
        *,
        is_node_up: bool,
        client_count: int,
    ) -> bytes:
        """The text exposition of all figures: sums over all cameras, and each of those that may be told of.

        Of `devices`, those of other cameras are left out.
        """
        self._cameras.clear()
        for state, count in Tally(health.state for health in all_cameras.values()).items():
            self._cameras.labels(state).set(count)
        self._each_camera.show(told_cameras)
        self._each_device.show({id_: device for id_, device in devices.items() if id_ in told_cameras})
        self._node_up.set(is_node_up)
        self._clients.set(client_count)
        return generate_latest(self._registry)
