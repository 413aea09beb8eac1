"""What virtual cameras are asked to show, as one types it: `[NAME=]FILE` or `[NAME=]scene[:KEY=VALUE,...]`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from ingest.camera import Credential
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.clip_file import Encoding
from ingest.virtual_camera.scene import Scene

SUB_STREAM_HEIGHT = 360

_SCENE = "scene"
_PIXELS, _FRAMES, _SECONDS = (range(64, 3841), range(1, 61), range(1, 601))


class BadPlay(ValueError):
    """The text names nothing that can be shown; the message says why."""


@dataclass(frozen=True, slots=True)
class Play:
    """One camera's name and what it shows."""

    name: str
    source: Path | Scene


def read_play(text: str) -> Play:
    """Reads one entry. A file is named after itself, a scene after its seed, unless a name is given.

    Raises:
        BadPlay: an unknown key or a bad value of a scene.

    """
    name, given, rest = text.partition("=")
    if not given or "/" in name or name.startswith(f"{_SCENE}:"):
        name, rest = "", text
    kind, _, settings = rest.partition(":")
    if kind == _SCENE:
        scene = _read_scene(settings)
        return Play(name or f"{_SCENE}-{scene.seed}", scene)
    return Play(name or Path(rest).stem, Path(rest))


@dataclass(frozen=True, slots=True)
class Staging:
    """How all cameras of a playbill are set up. `gop_s` encodes again with that distance between key frames."""

    gop_s: float | None = None
    has_sub: bool = False
    credential: Credential | None = None


def stage(play: Play, staging: Staging, cache: ClipCache) -> VirtualCamera:
    """The camera that shows the play; encodes what must be encoded, which may take a while the first time.

    Raises:
        NoVideo: the file has no video track.
        StreamBroken: the file is missing or cannot be read as media.

    """
    main, sub = (
        _stage_scene(play.source, staging, cache)
        if isinstance(play.source, Scene)
        else _stage_file(play.source, staging, cache)
    )
    return VirtualCamera(play.name, main, sub if staging.has_sub else None, staging.credential)


def play_text(text: str, cache: ClipCache) -> Clip:
    """The clip that one entry names.

    Raises:
        BadPlay: an unknown key or a bad value of a scene.
        NoVideo: the file has no video track.
        StreamBroken: the file is missing or cannot be read as media.

    """
    return stage(read_play(text), Staging(), cache).main


def _stage_scene(scene: Scene, staging: Staging, cache: ClipCache) -> tuple[Clip, Clip | None]:
    main = scene if staging.gop_s is None else replace(scene, gop_s=staging.gop_s)
    if not staging.has_sub or main.height <= SUB_STREAM_HEIGHT:
        return cache.play_scene(main), None
    width = round(main.width * SUB_STREAM_HEIGHT / main.height / 2) * 2
    return cache.play_scene(main), cache.play_scene(replace(main, width=width, height=SUB_STREAM_HEIGHT))


def _stage_file(path: Path, staging: Staging, cache: ClipCache) -> tuple[Clip, Clip | None]:
    main = cache.play_file(path, None if staging.gop_s is None else Encoding(staging.gop_s))
    if not staging.has_sub or main.height <= SUB_STREAM_HEIGHT:
        return main, None
    return main, cache.play_file(path, Encoding(staging.gop_s or Encoding().gop_s, SUB_STREAM_HEIGHT))


def _read_scene(settings: str) -> Scene:
    scene = Scene()
    for part in filter(None, settings.split(",")):
        key, _, value = part.partition("=")
        read = _SCENE_KEYS.get(key)
        if read is None:
            raise BadPlay(f"a scene has no {key!r}; it has {', '.join(_SCENE_KEYS)}")
        scene = read(scene, value)
    return scene


def _whole(key: str, value: str, allowed: range) -> int:
    if not value.isdecimal() or int(value) not in allowed:
        raise BadPlay(f"{key} of a scene must be {allowed.start} to {allowed.stop - 1}, not {value!r}")
    return int(value)


def _with_size(scene: Scene, value: str) -> Scene:
    width, _, height = value.partition("x")
    pixels = [_whole("size", number, _PIXELS) for number in (width, height)]
    if any(number % 2 for number in pixels):
        raise BadPlay(f"size of a scene must be even numbers, not {value!r}")
    return replace(scene, width=pixels[0], height=pixels[1])


_SCENE_KEYS: Mapping[str, Callable[[Scene, str], Scene]] = MappingProxyType(
    {
        "size": _with_size,
        "fps": lambda scene, value: replace(scene, frame_rate=_whole("fps", value, _FRAMES)),
        "duration": lambda scene, value: replace(scene, duration_s=float(_whole("duration", value, _SECONDS))),
        "gop": lambda scene, value: replace(scene, gop_s=float(_whole("gop", value, _SECONDS))),
        "seed": lambda scene, value: replace(scene, seed=_whole("seed", value, range(1_000_000))),
        "walkers": lambda scene, value: replace(scene, walker_count=_whole("walkers", value, range(33))),
        "cars": lambda scene, value: replace(scene, car_count=_whole("cars", value, range(17))),
        "noise": lambda scene, value: replace(scene, noise=_whole("noise", value, range(65))),
        "counter": lambda scene, value: replace(scene, has_counter=bool(_whole("counter", value or "1", range(2)))),
    }
)
