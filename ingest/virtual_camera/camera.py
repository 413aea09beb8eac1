"""A camera to be played."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from ingest.camera import Credential, StreamRole
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.faults import Faultless, FaultScript
from ingest.virtual_camera.sound import Sound


@dataclass(frozen=True, slots=True)
class VirtualCamera:
    """One camera of a server.

    Its streams are at `/name/main` and `/name/sub`; without a `sub` clip both show the main one. Without a credential
    everybody may look. `start_s` is where in its loop the clip stands when the server starts, so that cameras which
    share a clip do not show the same thing at once. `sound` goes with the main stream; `stand_ins` are the clips that
    `clip` faults name.
    """

    name: str
    main: Clip
    sub: Clip | None = None
    credential: Credential | None = None
    faults: FaultScript = field(default_factory=Faultless)
    start_s: float = 0.0
    sound: Sound | None = None
    stand_ins: Mapping[str, Clip] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.name or not self.name.isprintable() or "/" in self.name:
            raise ValueError(f"{self.name!r} cannot be a part of an address")

    def clip(self, role: StreamRole) -> Clip:
        """What the stream of that role shows."""
        return self.sub if role is StreamRole.SUB and self.sub else self.main

    def described(self, role: StreamRole, at_s: float) -> tuple[Clip, Sound | None]:
        """What the description of that role tells of, so many seconds after the server's start."""
        condition = self.faults.condition(at_s)
        clip = self.stand_ins.get(condition.stand_in or "", self.clip(role))
        return clip, self.sound if role is StreamRole.MAIN and not condition.is_mute else None

    def path(self, role: StreamRole) -> str:
        """The stream's path in an address, percent-encoded."""
        return f"/{quote(self.name, safe='')}/{role}"
