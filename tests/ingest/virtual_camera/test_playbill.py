"""What is typed on the command line becomes cameras, or an error that says what is wrong."""

from pathlib import Path

import pytest

from ingest.camera import Credential, StreamRole
from ingest.errors import StreamBroken
from ingest.virtual_camera.clip_cache import ClipCache
from ingest.virtual_camera.playbill import BadPlay, Play, Staging, read_play, stage
from ingest.virtual_camera.scene import Scene
from tests.ingest.virtual_camera.conftest import write_noise


@pytest.mark.parametrize(
    ("text", "play"),
    [
        ("/media/town.mp4", Play("town", Path("/media/town.mp4"))),
        ("gate=/media/town.mp4", Play("gate", Path("/media/town.mp4"))),
        ("/media/a=b.mp4", Play("a=b", Path("/media/a=b.mp4"))),
        ("scene", Play("scene-1", Scene())),
        ("桥头=scene:seed=3,gop=10,noise=4", Play("桥头", Scene(seed=3, gop_s=10.0, noise=4))),
        (
            "scene:size=320x240,counter,fps=25",
            Play("scene-1", Scene(width=320, height=240, has_counter=True, frame_rate=25)),
        ),
        (
            "scene:duration=60,walkers=0,cars=1,counter=0",
            Play("scene-1", Scene(duration_s=60.0, walker_count=0, car_count=1)),
        ),
    ],
)
def test_plays_are_read(text: str, play: Play):
    """Files and scenes, with and without a name."""
    assert read_play(text) == play


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scene:colour=red", "no 'colour'; it has size, fps"),
        ("scene:fps=0", "fps of a scene must be 1 to 60, not '0'"),
        ("scene:size=641x360", "even numbers"),
        ("scene:size=640", "size of a scene must be 64 to 3840, not ''"),
        ("scene:seed=x", "seed"),
    ],
)
def test_bad_scenes_are_refused(text: str, message: str):
    """The message names the key and what it takes."""
    with pytest.raises(BadPlay, match=message):
        read_play(text)


def test_small_pictures_need_no_sub_stream(cache: ClipCache):
    """A sub-stream is made only of what is taller; otherwise both roles show the same clip."""
    staging = Staging(gop_s=1.0, has_sub=True, credential=Credential("u", "p"))
    tall = stage(read_play("tall=scene:size=640x480,duration=1,fps=5"), staging, cache)
    small = stage(read_play("small=scene:size=64x64,duration=1,fps=5"), staging, cache)
    assert (tall.main.height, tall.clip(StreamRole.SUB).height, tall.clip(StreamRole.SUB).width) == (480, 360, 480)
    assert small.clip(StreamRole.SUB) is small.main
    assert tall.credential == Credential("u", "p")


def test_files_get_the_asked_key_frames(cache: ClipCache, tmp_path: Path):
    """A GOP that is asked for is encoded; else the file's own pictures are shown."""
    path = tmp_path / "noise.mp4"
    write_noise(path, "libx264", {"x264-params": "keyint=20:scenecut=0:bframes=0:log=-1"})
    own = stage(read_play(str(path)), Staging(), cache).main
    asked = stage(read_play(str(path)), Staging(gop_s=0.25), cache).main
    assert sum(unit.is_keyframe for unit in own.units) == 1
    assert sum(unit.is_keyframe for unit in asked.units) == 4


def test_a_missing_file_is_named(cache: ClipCache):
    """The error names the file."""
    with pytest.raises(StreamBroken, match=r"nowhere\.mp4"):
        stage(read_play("nowhere.mp4"), Staging(has_sub=True), cache)
