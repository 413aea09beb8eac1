"""Clips that had to be made, kept in a folder by what they were made from."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import structlog

from ingest.errors import CodecRefused
from ingest.virtual_camera.clip import Clip
from ingest.virtual_camera.clip_file import Encoding, encode_pictures, read_clip, redraw, transcode
from ingest.virtual_camera.flaw import Flaw, spoil
from ingest.virtual_camera.painter import ScenePainter
from ingest.virtual_camera.scene import Scene

_DRAWING = 1
"""Raised when the painter or the encoder settings change, so that older renderings are not used any more."""

_SPOILT_S = 20.0
"""Length of a spoilt clip: long enough not to look the same all the time, short enough to be made in a moment."""
_SPOILT_SEED = 3

_log = structlog.get_logger()


def default_cache_folder() -> Path:
    """Where made clips are kept unless told otherwise: the user's cache (XDG base directory specification)."""
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "xueliang" / "virtual-camera"


class ClipCache:
    """Makes each clip once. Several processes may use the same folder: a clip appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def play_file(self, path: Path, encoding: Encoding | None = None) -> Clip:
        """The file's own pictures where they are H.264 or H.265 and no `encoding` is asked; else encoded once.

        Raises:
            NoVideo: the file has no video track.
            StreamBroken: it cannot be read as media.

        """
        if encoding is None:
            try:
                return read_clip(path)
            except CodecRefused:
                encoding = Encoding()
        return self._made(_file_key(path, encoding), lambda target: transcode(path, target, encoding))

    def play_scene(self, scene: Scene) -> Clip:
        """The scene, drawn and encoded once."""

        def make(target: Path) -> None:
            size = scene.width, scene.height
            encode_pictures(target, ScenePainter(scene).pictures(), size, scene.frame_rate, scene.gop_s)

        return self._made(_key("scene", repr(scene)), make)

    def play_spoilt(self, clip: Clip, flaw: Flaw) -> Clip:
        """The first seconds of the clip with a flaw in every picture, made once. H.264, whatever the clip is.

        Raises:
            StreamBroken: the clip cannot be decoded.

        """

        def make(target: Path) -> None:
            chance = np.random.default_rng(_SPOILT_SEED)
            redraw(clip, target, lambda picture: spoil(picture, flaw, chance), _SPOILT_S)

        return self._made(_clip_key(clip, flaw), make)

    def _made(self, key: str, make: Callable[[Path], None]) -> Clip:
        kept = self._folder / f"{key}.mp4"
        if not kept.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._folder) as scratch:
                fresh = Path(scratch) / kept.name
                make(fresh)
                fresh.replace(kept)
            _log.info("clip made", path=str(kept), bytes=kept.stat().st_size)
        return read_clip(kept)


def _clip_key(clip: Clip, flaw: Flaw) -> str:
    digest = hashlib.sha256()
    for unit in clip.units:
        for nal in unit.nal_units:
            digest.update(nal)
    return _key("spoilt", digest.hexdigest(), flaw.value)


def _file_key(path: Path, encoding: Encoding) -> str:
    with path.open("rb") as file:
        return _key("clip", hashlib.file_digest(file, "sha256").hexdigest(), repr(encoding))


def _key(kind: str, *parts: str) -> str:
    return f"{kind}-{hashlib.sha256(repr((_DRAWING, parts)).encode()).hexdigest()[:32]}"
