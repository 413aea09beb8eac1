"""Which way pictures go to a player that takes fragments: the rungs, and why one is taken. No input, no output."""

from dataclasses import dataclass
from enum import StrEnum

from ingest.camera import StreamRole
from ingest.health import StreamHealth
from ingest.lifecycle import StreamState
from ingest.packet import Codec
from ingest.picture_feed import Route
from vms_api.live.errors import CodecNotViewable, NotLive


class Rung(StrEnum):
    """How pictures get to the player."""

    PASSED = "passed"
    """As the camera sends them."""
    MASKED = "masked"
    """By the camera's masked encode."""
    SUB = "sub"
    """As the camera's other stream sends them, which the browser can play."""
    ENCODED = "encoded"
    """Encoded as H.264 once for all who need it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A rung, the stream it takes, and why it is not the plain one: `masks`, or the codec that is not played."""

    rung: Rung
    role: StreamRole
    reason: str | None = None


def choose(wanted: StreamHealth, other: StreamHealth | None, route: Route, *, takes_h265: bool) -> Choice:
    """The best rung for a player. `route` is that of the wanted stream; masks cover all streams of a camera alike.

    Raises:
        NotLive: the stream has no packets now.
        CodecNotViewable: only the camera's own packets will do (past its masks), and the browser does not play them.

    """
    if wanted.state is not StreamState.LIVE or wanted.description is None:
        raise NotLive(f"the {StreamRole(wanted.role)} stream is {wanted.state}")
    if route is Route.MASKED:
        return Choice(Rung.MASKED, wanted.role, "masks")
    codec = wanted.description.codec
    if codec is Codec.H264 or (codec is Codec.H265 and takes_h265):
        return Choice(Rung.PASSED, wanted.role)
    if route is Route.LIFTED:
        raise CodecNotViewable(f"this browser does not play {codec}")
    if wanted.role is StreamRole.MAIN and other is not None and _is_plain(other):
        return Choice(Rung.SUB, other.role, codec.value)
    return Choice(Rung.ENCODED, wanted.role, codec.value)


def _is_plain(stream: StreamHealth) -> bool:
    described = stream.description
    return stream.state is StreamState.LIVE and described is not None and described.codec is Codec.H264
