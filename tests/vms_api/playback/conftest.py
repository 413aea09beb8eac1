"""The recorded site of the playback tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conftest import MakeClip
from tests.vms_api.playback.recorded_site import FPS, GOP, RecordedSite, recorded_site


@pytest.fixture
async def recorded(tmp_path: Path, make_clip: MakeClip) -> AsyncIterator[RecordedSite]:
    clip = make_clip(seconds=10.0, fps=FPS, gop=GOP, size=(160, 120))
    async with recorded_site(tmp_path, clip) as site:
        yield site
