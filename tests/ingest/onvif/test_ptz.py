"""Moving a camera, and above all stopping it."""

import pytest

from ingest.onvif.ptz import PtzControl
from ingest.virtual_camera.onvif.quirks import Quirk
from tests.ingest.onvif.conftest import Pair, facing

pytestmark = pytest.mark.anyio


async def control(pair: Pair) -> PtzControl:
    await pair.device.connect()
    return PtzControl(pair.device, (await pair.device.profiles())[0].token, stop_pause_s=0.01)


async def test_a_move_ends_by_itself_and_by_stop():
    """A move carries its end; a Stop is confirmed by the camera's own status."""
    async with facing() as pair:
        ptz = await control(pair)
        await ptz.move((0.5, 0.0, 0.0), 60.0)
        moved = pair.server.device.movement
        assert moved.ends_s - moved.since_s == pytest.approx(10.0)
        assert (await ptz.status()).is_moving
        assert await ptz.stop()
        assert not (await ptz.status()).is_moving
        assert pair.server.device.stops == 1


async def test_a_lost_stop_is_repeated():
    """The first Stop changes nothing: it is sent again."""
    async with facing(Quirk.STOP_LOST) as pair:
        ptz = await control(pair)
        await ptz.move((0.0, 1.0, 0.2), 10.0)
        assert await ptz.stop()
        assert pair.server.device.stops == 2


async def test_a_camera_that_never_says_it_stands():
    """After four tries the truth is told: not confirmed."""
    async with facing(Quirk.STATUS_FROZEN) as pair:
        ptz = await control(pair)
        assert not await ptz.stop()
        assert pair.server.device.stops == 4


async def test_undeclared_prefixes_are_forgiven():
    """Answers of a device that forgets to declare its prefixes are read all the same."""
    async with facing(Quirk.UNBOUND_PREFIX) as pair:
        ptz = await control(pair)
        assert await ptz.stop()
        assert (await ptz.status()).is_moving is None
        assert await ptz.presets() == []


async def test_presets_and_home():
    """A position can be stored, left, found again by its name, and forgotten."""
    async with facing() as pair:
        ptz = await control(pair)
        pair.server.device.go_to((0.5, -0.5, 0.25))
        token = await ptz.store_preset("村口 <大门>")
        await ptz.go_home()
        assert (await ptz.status()).position == (0.0, 0.0, 0.0)
        assert [(preset.token, preset.name) for preset in await ptz.presets()] == [(token, "村口 <大门>")]
        await ptz.go_to_preset(token)
        assert (await ptz.status()).position == (0.5, -0.5, 0.25)
        await ptz.remove_preset(token)
        assert await ptz.presets() == []


async def test_three_hundred_presets_of_the_factory():
    """All are listed, with their percent-encoded names made readable."""
    async with facing(Quirk.MANY_PRESETS) as pair:
        presets = await (await control(pair)).presets()
        assert len(presets) == 300
        assert presets[0].name == "预置1"
