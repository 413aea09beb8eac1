"""A camera to be played."""

from dataclasses import dataclass, field
from urllib.parse import quote

from ingest.camera import Credential, StreamRole
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.faults import Faultless, FaultScript


@dataclass(frozen=True, slots=True)
class VirtualCamera:
    """One camera of a server.

    Its streams are at `/name/main` and `/name/sub`; without a `sub` clip both show the main one. Without a credential
    everybody may look. `start_s` is where in its loop the clip stands when the server starts, so that cameras which
    share a clip do not show the same thing at once.
    """

    name: str
    main: Clip
    sub: Clip | None = None
    credential: Credential | None = None
    faults: FaultScript = field(default_factory=Faultless)
    start_s: float = 0.0

    def __post_init__(self) -> None:
        if not self.name or not self.name.isprintable() or "/" in self.name:
            raise ValueError(f"{self.name!r} cannot be a part of an address")

    def clip(self, role: StreamRole) -> Clip:
        """What the stream of that role shows."""
        return self.sub if role is StreamRole.SUB and self.sub else self.main

    def path(self, role: StreamRole) -> str:
        """The stream's path in an address, percent-encoded."""
        return f"/{quote(self.name, safe='')}/{role}"
