"""Virtual cameras that nobody has registered: discovery finds them, and each has something to tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ingest.camera import Credential
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.clip_file import Encoding
from ingest.virtual_camera.onvif.quirks import Manners, Quirk
from ingest.virtual_camera.onvif.street import House
from ingest.virtual_camera.scene import Scene
from vms_api.demo.scenario import Place, clip_for

SUB_HEIGHT = 288


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A camera at an address of its own; `scene` names its clip as in `Place`."""

    host: str
    name: str
    scene: str
    start_s: float
    manners: Manners = field(default_factory=Manners)

    @property
    def has_sub(self) -> bool:
        """Whether it has a sub-stream."""
        return not self.manners.has(Quirk.NO_SUB)


_FIXED = frozenset({Quirk.NO_PTZ})

NEIGHBOURS = (
    Neighbour("127.0.0.9", "村口球机 Village gate dome", "town-square", 20.0),
    Neighbour("127.0.0.10", "学校路 School road", "town-square", 55.0, Manners(_FIXED, clock_offset_s=7200)),
    Neighbour("127.0.0.11", "集市 Market", "car-park", 5.0, Manners(_FIXED | {Quirk.NO_SUB})),
    Neighbour("127.0.0.12", "水库 Reservoir", "car-park", 20.0, Manners(_FIXED | {Quirk.STREAM_PLACEHOLDER})),
)
"""In the network that discovery proposes for this machine itself."""


def houses(
    cache: ClipCache, clips: Mapping[Place, Clip], files: tuple[Path, ...], login: Credential
) -> tuple[House, ...]:
    """The cameras with the demo's clips, and smaller ones of the same places; `files` are what those are made of."""
    found = []
    for neighbour in NEIGHBOURS:
        place = next((place for place in clips if place.scene == neighbour.scene), next(iter(clips)))
        sub = _sub(cache, clip_for(place, files)) if neighbour.has_sub else None
        camera = VirtualCamera(neighbour.name, clips[place], sub, login, start_s=neighbour.start_s)
        found.append(House(neighbour.host, camera, neighbour.manners))
    return tuple(found)


def _sub(cache: ClipCache, path: Path | None) -> Clip:
    if path is None:
        return cache.play_scene(Scene(width=480, height=270))
    return cache.play_file(path, Encoding(max_height=SUB_HEIGHT))
