"""What is refused about devices, beside what is refused about moving them (vms_api/ptz/errors.py).

Problem
├── DeviceMissing  DeviceUnchecked  CertificateChanged   409
└── CertificateMissing                                   422
"""

from vms_api.errors import InvalidRequest, Problem


class DeviceMissing(Problem):
    """The camera was not taken in as an ONVIF device, or its address was changed since."""

    status, code, title = 409, "device-missing", "No device is known for this camera"


class DeviceUnchecked(Problem):
    """Nothing has been seen of the device that could be taken as expected."""

    status, code, title = 409, "device-unchecked", "This device was not looked at successfully yet"


class CertificateChanged(Problem):
    """The device shows another certificate than the one that was to be pinned."""

    status, code, title = 409, "certificate-changed", "The device shows another certificate"


class CertificateMissing(InvalidRequest):
    """The device is asked without TLS, so it has no certificate."""

    code, title = "certificate-missing", "This device is asked without TLS"
