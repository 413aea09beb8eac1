"""What real cameras do differently, as switches.

Each comes from a device, a firmware or a library's list of work-arounds; `tests/ingest/onvif/` has a test for each.
"""

from dataclasses import dataclass
from enum import StrEnum


class Quirk(StrEnum):
    """One way to differ. Several can be switched on together."""

    DIGEST_ONLY = "digest-only"
    WSSE_ONLY = "wsse-only"
    BARE_401 = "bare-401"
    """Refuses with 401, without a challenge and without a body."""
    FAULT_200 = "fault-200"
    """Faults come with HTTP status 200."""
    TIME_NEEDS_LOGIN = "time-needs-login"
    CLOCK_1970 = "clock-1970"
    LOCAL_TIME_ONLY = "local-time-only"
    """Tells the time of its zone and no UTC."""
    NO_SERVICES = "no-services"
    """Knows GetCapabilities, but not GetServices."""
    MEDIA2_FIRST = "media2-first"
    NO_MEDIA2 = "no-media2"
    WRONG_XADDR = "wrong-xaddr"
    """Names an address behind its router."""
    FOREIGN_XADDR = "foreign-xaddr"
    """Names another machine of the network, where something listens: it must not be asked."""
    MISSING_FIELDS = "missing-fields"
    H265_AS_H264 = "h265-as-h264"
    NO_SUB = "no-sub"
    NO_PTZ = "no-ptz"
    STREAM_HAS_LOGIN = "stream-has-login"
    """Puts a wrong login into the stream's address."""
    STREAM_PLACEHOLDER = "stream-placeholder"
    """Names 0.0.0.0 as the stream's host."""
    SNAPSHOT_RTSP = "snapshot-rtsp"
    SLOW = "slow"
    """Takes `delay_s` for each answer."""
    DRIP = "drip"
    """Sends one byte a second."""
    GARBAGE = "garbage"
    TRUNCATED = "truncated"
    WRONG_LENGTH = "wrong-length"
    """Declares more bytes than it sends."""
    HUGE = "huge"
    """Answers eight megabytes."""
    ENTITY_BOMB = "entity-bomb"
    REDIRECT = "redirect"
    GB18030 = "gb18030"
    BYTE_ORDER_MARK = "byte-order-mark"
    UNBOUND_PREFIX = "unbound-prefix"
    """PTZ answers use prefixes that nobody declared."""
    MANY_PRESETS = "many-presets"
    """Three hundred presets of the factory."""
    STOP_LOST = "stop-lost"
    """The first Stop is answered, and changes nothing."""
    STATUS_FROZEN = "status-frozen"
    """GetStatus says MOVING whatever the camera does."""
    REFERENCE_PARAMETERS = "reference-parameters"
    """A subscription is told by a header that has to be sent back."""
    RENEW_FAILS = "renew-fails"
    NO_SUBSCRIPTION_REFERENCE = "no-subscription-reference"
    EVENT_CLOCK_OFF = "event-clock-off"
    """CurrentTime of events is an hour off."""
    STORM = "storm"
    """Fifty motion events a second."""


class ReplyShape(StrEnum):
    """How the answer to a WS-Discovery probe looks."""

    CONFORMANT = "conformant"
    NO_METADATA_VERSION = "no-metadata-version"
    BARE_MATCH = "bare-match"
    """A ProbeMatch without the ProbeMatches around it."""
    OASIS = "oasis"
    """The namespaces of the 2009 standard."""
    MANY_ADDRESSES = "many-addresses"
    """A link-local address first, then the good one, then one of IPv6."""
    NO_ADDRESS = "no-address"


@dataclass(frozen=True, slots=True)
class Manners:
    """How one virtual camera behaves. `clock_offset_s` is its clock minus ours; `slots` its pull points."""

    quirks: frozenset[Quirk] = frozenset()
    reply: ReplyShape = ReplyShape.CONFORMANT
    clock_offset_s: float = 0.0
    token_window_s: float = 5.0
    slots: int = 8
    delay_s: float = 0.3

    def has(self, quirk: Quirk) -> bool:
        """Whether it is switched on."""
        return quirk in self.quirks
