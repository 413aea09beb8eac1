"""What can go wrong with a device, beside what can go wrong with any source (see ingest/errors.py).

IngestError
└── DeviceError
├── AnswerMalformed       no XML, cut short, hostile, or not what was asked for
├── AnswerTooLarge        more bytes than any answer needs
├── RedirectRefused       the device sends us elsewhere: a login never goes along
├── CertificateRefused    the device's certificate is not the one that is trusted
├── OperationRefused      a SOAP fault
├── OperationUnsupported  the device does not know the operation, or has no such service
└── DeviceBusy            too many requests wait for this device already
"""

from ingest.errors import IngestError


class DeviceError(IngestError):
    """An ONVIF device could not be asked."""

    code = "device-failed"


class AnswerMalformed(DeviceError):
    """The answer is no answer."""

    code = "device-answer-malformed"


class AnswerTooLarge(DeviceError):
    """The answer was given up while it was read."""

    code = "device-answer-too-large"


class RedirectRefused(DeviceError):
    """The device answered with an address elsewhere."""

    code = "device-redirect-refused"
    slow_retry = True


class CertificateRefused(DeviceError):
    """The device's certificate is not trusted."""

    code = "device-certificate-refused"
    slow_retry = True


class OperationRefused(DeviceError):
    """The device refused what was asked. `subcode` is its own word, cleaned."""

    code = "device-refused"

    def __init__(self, message: str, subcode: str = "") -> None:
        super().__init__(message)
        self.subcode = subcode


class OperationUnsupported(DeviceError):
    """The device cannot do that."""

    code = "device-unsupported"
    slow_retry = True


class DeviceBusy(DeviceError):
    """The device does not keep up with what is asked of it."""

    code = "device-busy"
