"""A key frame that viewers wait for is asked of the camera's device, and not again for a while."""

import asyncio

import pytest

from tests.vms_api.audit.trail import trail
from tests.vms_api.care.conftest import Post
from vms_api.care.key_frame_wishes import REFUSED_REST_S, REST_S

pytestmark = pytest.mark.anyio


async def outcomes(post: Post) -> list[str]:
    return [row["outcome"] for row in await trail(post.site) if row["kind"] == "device.keyframe"]


async def test_a_wish_reaches_the_device_and_rests(post: Post):
    """The node says it with each heartbeat; the device is asked once in ten seconds, each time with its row."""
    await post.check()
    node, device = await post.site.start_node(), post.server.device
    node.key_frame_wishes = [post.camera_id, post.camera_id]
    async with asyncio.timeout(20):
        for times in (1, 2):
            while len(await outcomes(post)) < times:
                await asyncio.sleep(0.05)
            for _ in range(3):
                await asyncio.to_thread(node.heartbeat)
            assert device.key_frames == 2 * times  # of both streams
            post.clock.advance(REST_S)
    assert REST_S == 10


async def test_who_cannot_be_asked_is_left_alone(post: Post):
    """A camera without a device, one that is unknown and one that does not answer: asked again after minutes only."""
    await post.check()
    await post.server.close()
    wishes = post.site.control.devices.key_frame_wishes
    other = await post.site.add_camera("Elsewhere")
    for seconds, rows in ((0.0, ["failed"]), (REST_S, ["failed"]), (REFUSED_REST_S, ["failed", "failed"])):
        post.clock.advance(seconds)
        wishes.take([post.camera_id, other["id"], "unknown"])
        async with asyncio.timeout(20):
            while wishes.asking_count:
                await asyncio.sleep(0.05)
        assert await outcomes(post) == rows
