"""Chromium plays what was recorded: with sound, over damage, and says so in words where it cannot."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from benchmarks.browser import browser
from ingest.recording.picture_group import picture_groups
from ingest.recording.segment_reader import SegmentReader
from ingest.virtual_camera.camera import VirtualCamera
from ingest.virtual_camera.clip_file import read_clip, read_sound
from ingest.virtual_camera.thread import VirtualCameraThread
from tests.conftest import MakeClip
from tests.e2e.test_playback import MOMENT, picture_moves, state_purpose, wait_for
from vms_api.demo.site import LocalSite
from vms_api.page import DIST

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(150)]

HEARD = "() => document.querySelector('video').webkitAudioDecodedByteCount"


@dataclass
class Recorded:
    """A site with cameras that were recorded for a while, by name."""

    site: LocalSite
    volume: Path
    cameras: dict[str, str]

    def files(self, name: str) -> list[Path]:
        """The whole files of a camera, oldest first."""
        return sorted(self.volume.glob(f"{self.cameras[name]}/*/*/*.mp4"), key=lambda path: path.name)

    def open(self, page: Page, name: str, at: datetime) -> None:
        """The recorder's page at a moment."""
        text = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        page.goto(f"{self.site.url}/playback?cameras={self.cameras[name]}&at={text}")
        state_purpose(page)


@pytest.fixture
def recorded(make_site: Callable[..., LocalSite], make_clip: MakeClip, tmp_path: Path) -> Iterator[Recorded]:
    """One camera with sound, one that sends H.265; of each at least two files of some seconds are whole."""
    if not (DIST / "index.html").is_file():
        pytest.skip("the page is not built (make setup)")
    pictures = read_clip(make_clip(size=(320, 240), fps=10, seconds=6.0, gop=10))
    modern = read_clip(make_clip(size=(320, 240), fps=10, seconds=6.0, gop=10, codec="libx265"))
    cameras = [
        VirtualCamera("sound", pictures, sound=read_sound(_with_sound(tmp_path / "tone.mp4"))),
        VirtualCamera("modern", modern),
    ]
    site = make_site(detector="motion", more="[recording]\nsegment_s = 5\n")
    with VirtualCameraThread(cameras) as server:
        ids = {
            camera.name: str(
                site.call("POST", "/cameras", {"name": camera.name, "address": server.url(camera.name)})["id"]
            )
            for camera in cameras
        }
        made = Recorded(site, tmp_path / "site0" / "data" / "recordings", ids)
        wait_for(lambda: all(len(made.files(name)) > 1 for name in ids))
        yield made


def _with_sound(path: Path) -> Path:
    """Six seconds of a tone in AAC beside a grey picture."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream("aac", rate=16_000, layout="mono")
        for _ in range(60):
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.full((48, 64, 3), 128, np.uint8), format="bgr24")))
        container.mux(video.encode(None))
        for start in range(0, 6 * 16_000, 1024):
            tone = np.sin(np.arange(start, start + 1024) / 16_000 * 880 * np.pi).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(tone[None, :] * 0.5, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 16_000, start
            container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    return path


def _spoil(path: Path) -> datetime:
    """Flips a bit in the head of the file's third second; when that was."""
    with SegmentReader(path) as reader:
        group = picture_groups(reader)[2]
        spoilt_at = reader.header.started_at + timedelta(seconds=group.time_s)
    data = bytearray(path.read_bytes())
    data[group.fragments[0].offset + 5] ^= 0x10
    path.write_bytes(data)
    return spoilt_at


def _begins(path: Path) -> datetime:
    with SegmentReader(path) as reader:
        return reader.header.started_at


def test_sound_damage_and_a_codec_that_the_browser_refuses(chromium: str, recorded: Recorded) -> None:
    """Sound is heard; a spoilt second is passed over and said; H.265 is played, or refused in words."""
    first, second = recorded.files("sound")[:2]
    spoilt_at = _spoil(second)
    with browser("en") as context:
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(recorded.site.login_link())
        page.wait_for_url("**/wall")

        recorded.open(page, "sound", _begins(first))
        wait_for(lambda: picture_moves(page))
        wait_for(lambda: page.evaluate(HEARD) > 0)

        expect(page.get_by_text("This file is damaged")).to_be_visible(timeout=20_000)
        wait_for(lambda: datetime.fromisoformat(page.evaluate(MOMENT)) > spoilt_at + timedelta(seconds=1.5))
        wait_for(lambda: picture_moves(page))

        page.goto("about:blank")
        recorded.open(page, "modern", _begins(recorded.files("modern")[0]))
        refused = page.get_by_text("This browser cannot play the codec")
        deadline_s = time.monotonic() + 30
        while not (plays := picture_moves(page)) and not refused.is_visible():
            assert time.monotonic() < deadline_s, "neither played nor refused in words"
        assert plays or refused.is_visible()
        assert errors == []
