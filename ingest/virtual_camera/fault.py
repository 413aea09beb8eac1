"""Faults as data: what goes wrong with a virtual camera, when, and how badly."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite
from types import MappingProxyType

from ingest.virtual_camera.flaw import Flaw


class FaultKind(StrEnum):
    """The faults that a script can name."""

    SILENT = "silent"
    """Connected, answers requests, sends no packets: 0 pictures a second."""
    DROP = "drop"
    """Off the network. One port serves all cameras, so a client is cut when it first names this camera."""
    RESET = "reset"
    """As `drop`, but connections end with a TCP reset, in the middle of whatever was being sent."""
    RESTART = "restart"
    """As `drop`; after it the stream has another SSRC, other sequence numbers and other timestamps."""
    BLACK_HOLE = "black-hole"
    """Connections stay, nothing is sent and nothing is answered: no FIN, no reset."""
    SLOW_LORIS = "slow-loris"
    """Answers come byte by byte, `seconds` apart."""
    CORRUPT = "corrupt"
    """Bits are flipped: `rate` is the share of bytes hit."""
    TRUNCATE = "truncate"
    """NAL units are cut short: `rate` is the share of units hit."""
    LOSS = "loss"
    """RTP packets are left out, fragments among them: `rate` is the share of packets."""
    GARBAGE = "garbage"
    """Bytes that are no RTSP between the interleaved packets: `rate` is the share of pictures they come before."""
    NO_PARAMETER_SETS = "no-parameter-sets"
    """Neither the description nor the stream tells SPS and PPS."""
    TIMESTAMPS = "timestamps"
    """RTP timestamps are shifted by `seconds`, backwards where that is negative."""
    WRAP = "wrap"
    """Who connects finds sequence numbers and timestamps two seconds before their wrap."""
    SSRC = "ssrc"
    """The stream goes on as another source: SSRC, sequence numbers and timestamps are new, once, as it begins."""
    CLIP = "clip"
    """Another clip takes over: size, rate, profile or codec change in the stream, and in the next description."""
    NO_SOUND = "no-sound"
    """A camera with sound has none; when the fault ends, sound appears."""
    FROZEN = "frozen"
    """The latest key frame is sent over and over while time goes on."""
    LONG_SDP = "long-sdp"
    """The description is `bytes` longer than it need be."""
    MANY_TRACKS = "many-tracks"
    """The description has so many `tracks` more."""
    LONG_HEADER = "long-header"
    """The header of every answer is `bytes` longer than it need be."""
    PASSWORD = "password"  # noqa: S105 - a kind of fault
    """The password was changed: every request gets 401."""
    ONE_SESSION = "one-session"
    """Whoever comes while somebody looks gets 453."""
    CLOCK = "clock"
    """The camera's wall clock, in sender reports, is wrong by `seconds`."""
    BLACK = "black"
    """This and the next seven: the same pictures with a `Flaw` of that name, encoded once."""
    BRIGHT = "bright"
    BLUR = "blur"
    COVER = "cover"
    CAST = "cast"
    SNOW = "snow"
    STRIPES = "stripes"
    SHIFT = "shift"


FLAWS: Mapping[FaultKind, Flaw] = MappingProxyType({FaultKind(flaw.value): flaw for flaw in Flaw})
"""The kinds that spoil pictures. Their stand-in bears the kind's name."""


PARAMETERS: Mapping[FaultKind, tuple[str, float]] = MappingProxyType(
    {
        FaultKind.SLOW_LORIS: ("seconds", 1.0),
        FaultKind.CORRUPT: ("rate", 1e-4),
        FaultKind.TRUNCATE: ("rate", 0.1),
        FaultKind.LOSS: ("rate", 0.01),
        FaultKind.GARBAGE: ("rate", 0.1),
        FaultKind.TIMESTAMPS: ("seconds", -1.0),
        FaultKind.LONG_SDP: ("bytes", 10e6),
        FaultKind.MANY_TRACKS: ("tracks", 1000.0),
        FaultKind.LONG_HEADER: ("bytes", 1e6),
        FaultKind.CLOCK: ("seconds", 86_400.0),
    }
)
"""The one number that a kind takes: its name, and what it is unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, from `at_s` seconds after the server's start, for `duration_s` seconds.

    `amount` is the kind's number (`PARAMETERS`), `clip` names the clip of a `clip` fault, `seed` makes what is left to
    chance the same every time. With `every_s` the fault comes again after so many seconds.
    """

    at_s: float
    kind: FaultKind
    duration_s: float = inf
    amount: float | None = None
    seed: int = 0
    clip: str | None = None
    every_s: float | None = None

    def __post_init__(self) -> None:
        if self.amount is not None and not (self.kind in PARAMETERS and isfinite(self.amount)):
            raise ValueError(f"a {self.kind} fault has no such number")
        if (self.clip is not None) is not (self.kind is FaultKind.CLIP):
            raise ValueError("a clip fault, and no other, names a clip")
        if self.every_s is not None and self.every_s <= 0:
            raise ValueError("a fault cannot come again after no time")

    @property
    def stand_in(self) -> str | None:
        """Which clip takes over while the fault is on."""
        return self.kind.value if self.kind in FLAWS else self.clip

    @property
    def value(self) -> float:
        """The kind's number."""
        return PARAMETERS.get(self.kind, ("", 0.0))[1] if self.amount is None else self.amount

    def holds(self, at_s: float) -> bool:
        """Whether the fault is on at that time."""
        since_s = at_s - self.at_s
        if self.every_s is not None:
            since_s = since_s % self.every_s if since_s >= 0 else since_s
        return 0 <= since_s < self.duration_s

    def count(self, at_s: float) -> int:
        """How often it has begun until that time."""
        if at_s < self.at_s:
            return 0
        return 1 if self.every_s is None else 1 + int((at_s - self.at_s) // self.every_s)
