"""How an attempt at a delivery ended."""

from dataclasses import dataclass
from enum import StrEnum


class DeliveryFault(StrEnum):
    """Why a delivery did not arrive. The values are stored and translated by the page."""

    ADDRESS_REFUSED = "address-refused"
    HOST_UNRESOLVED = "host-unresolved"
    UNREACHABLE = "unreachable"
    TIMED_OUT = "timed-out"
    TLS_FAILED = "tls-failed"
    REDIRECTED = "redirected"
    ANSWERED_ERROR = "answered-error"
    THROTTLED = "throttled"
    GONE = "gone"
    LOGIN_REFUSED = "login-refused"
    NOT_SET_UP = "not-set-up"
    UNSENDABLE = "unsendable"
    RIGHT_MISSING = "right-missing"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`fault` None: it arrived. `detail` is a status or a reply code, never an address or a text of the receiver.

    `retry_after_s`: how long the receiver asked to be left alone.
    """

    fault: DeliveryFault | None = None
    detail: str = ""
    retry_after_s: float | None = None

    @property
    def has_arrived(self) -> bool:
        """Whether the receiver has it."""
        return self.fault is None


ARRIVED = Outcome()
