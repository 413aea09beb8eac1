"""The figures of single devices for Prometheus, by the id of their camera."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge

from vms_api.care.device import DeviceState

_LABELS = ("camera_id",)


class DeviceGauges:
    """Each showing replaces the one before."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._reachable = Gauge(
            "xueliang_device_reachable", "1 if the device answered at the last look", _LABELS, registry=registry
        )
        self._offset = Gauge(
            "xueliang_device_clock_offset_seconds", "The device's clock minus ours", _LABELS, registry=registry
        )
        self._expires = Gauge(
            "xueliang_device_certificate_expires_seconds",
            "End of its certificate, Unix time",
            _LABELS,
            registry=registry,
        )

    def show(self, devices: Mapping[str, DeviceState]) -> None:
        """Makes these, and no others, the devices told of."""
        for gauge in (self._reachable, self._offset, self._expires):
            gauge.clear()
        for camera_id, device in devices.items():
            self._reachable.labels(camera_id).set(device.state == "reachable")
            if device.clock_offset_s is not None:
                self._offset.labels(camera_id).set(device.clock_offset_s)
            if device.certificate is not None:
                self._expires.labels(camera_id).set(device.certificate.expires_at.timestamp())
