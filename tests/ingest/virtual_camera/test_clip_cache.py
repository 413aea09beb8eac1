"""Clips that must be made are made once."""

from pathlib import Path

import pytest

from ingest.errors import StreamBroken
from ingest.packet import Codec
from ingest.virtual_camera.clip_cache import ClipCache, default_cache_folder
from ingest.virtual_camera.clip_file import Encoding
from ingest.virtual_camera.scene import Scene
from tests.ingest.virtual_camera.conftest import write_noise

TINY = Scene(width=64, height=64, frame_rate=5, duration_s=1.0)


def _made(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*")}


def test_a_scene_is_drawn_once(tmp_path: Path):
    """The same scene comes from the folder; a scene that differs in anything does not."""
    cache = ClipCache(tmp_path)
    first = cache.play_scene(TINY)
    made = _made(tmp_path)
    assert ClipCache(tmp_path).play_scene(TINY) == first
    assert _made(tmp_path) == made
    cache.play_scene(Scene(width=64, height=64, frame_rate=5, duration_s=1.0, seed=2))
    assert len(_made(tmp_path)) == 2


def test_a_foreign_codec_is_encoded_once(tmp_path: Path):
    """A file is known by its content: a copy under another name is not encoded again."""
    source, copy, folder = tmp_path / "a.avi", tmp_path / "b.avi", tmp_path / "cache"
    write_noise(source, "msmpeg4", {}, "avi")
    copy.write_bytes(source.read_bytes())
    cache = ClipCache(folder)
    assert cache.play_file(source).codec is Codec.H264
    made = _made(folder)
    assert len(made) == 1
    cache.play_file(copy)
    assert _made(folder) == made


def test_a_passable_file_is_not_encoded(tmp_path: Path, h265_file: Path):
    """H.265 is served from the file itself, unless an encoding is asked for."""
    cache = ClipCache(tmp_path / "cache")
    assert cache.play_file(h265_file).codec is Codec.H265
    assert not (tmp_path / "cache").exists()
    assert cache.play_file(h265_file, Encoding(gop_s=0.5)).codec is Codec.H264


def test_a_failed_encoding_leaves_nothing(tmp_path: Path):
    """What could not be made is not found later as if it had been."""
    source = tmp_path / "a.avi"
    source.write_bytes(b"no media at all")
    with pytest.raises(StreamBroken):
        ClipCache(tmp_path / "cache").play_file(source, Encoding())
    assert not list((tmp_path / "cache").iterdir())


def test_cache_follows_the_users_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """XDG_CACHE_HOME moves the cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_folder() == tmp_path / "xueliang" / "virtual-camera"
