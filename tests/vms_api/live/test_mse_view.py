"""Views by fragments: one muxing for all, each viewer by himself, and an end that comes at once."""

import asyncio
import contextlib
import gc
import json
import weakref
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ingest.camera import CameraId, StreamRole
from ingest.errors import MasksUnavailable
from ingest.fanout import PacketFanout
from ingest.health import StreamHealth
from ingest.lifecycle import StreamState
from ingest.mask import NO_MASKS, CurrentMasks
from ingest.packet import Codec, StreamDescription
from ingest.picture_feed import Route
from tests.fakes.clock import ManualClock
from tests.fakes.film import film
from tests.vms_api.live.test_whep_view import feed_of
from vms_api.live import mse_view
from vms_api.live.errors import CodecNotViewable, NotLive, TooManyEncodes, TooManyViews
from vms_api.live.mse_ladder import Choice, Rung, choose
from vms_api.live.settings import LiveSettings
from vms_api.live.view_registry import UnknownView, ViewRegistry

CAMERA = CameraId("camera")
PASSED = Choice(Rung.PASSED, StreamRole.MAIN)


@pytest.fixture(scope="module")
def pictures():
    """Eight seconds, a key frame every second."""
    return film(ManualClock(), frames=200)


class Player:
    """A browser's end of the line; it acknowledges what it gets unless it is `slow`."""

    def __init__(self, *, slow: bool = False) -> None:
        self.words: list[dict] = []
        self.openings: list[bytes] = []
        self.fragments: list[bytes] = []
        self.is_over = asyncio.Event()
        self.slow = slow
        self._said: asyncio.Queue[str] = asyncio.Queue()

    async def send_text(self, data: str) -> None:
        self.words.append(json.loads(data))

    async def send_bytes(self, data: bytes) -> None:
        if data[4:8] == b"ftyp":
            self.openings.append(data)
            return
        self.fragments.append(data)
        if not self.slow:
            self.say({"got": len(self.fragments)})

    async def receive_text(self) -> str:
        return await self._said.get()

    async def close(self, code: int) -> None:
        self.is_over.set()

    def say(self, word: object) -> None:
        self._said.put_nowait(json.dumps(word))


@contextlib.asynccontextmanager
async def watching(registry: ViewRegistry, feed, player: Player, choice: Choice = PASSED, **wish):
    """A player on its view for as long as the block lasts."""
    opened = registry.open_mse(CAMERA, feed, choice, **{"wants_tracks": False, **wish})
    view = registry.claim(opened.id)
    serving = asyncio.create_task(view.serve(player))
    try:
        yield view
    finally:
        await view.close()
        await asyncio.wait_for(serving, 5)


async def until(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.001)


async def publish(fanout: PacketFanout, packets) -> None:
    """One picture after another, as a camera sends them."""
    for packet in packets:
        fanout.publish(packet)
        await asyncio.sleep(0.001)


def test_a_view_begins_with_the_cached_group_of_pictures(pictures):
    """What it is, then how it begins, then every picture from the key frame on."""

    async def scenario():
        registry, fanout, player = ViewRegistry(LiveSettings()), PacketFanout(), Player()
        for packet in pictures[:40]:
            fanout.publish(packet)
        async with watching(registry, feed_of(fanout), player):
            await until(lambda: len(player.fragments) == 15)
            for packet in pictures[40:60]:
                fanout.publish(packet)
            await until(lambda: len(player.fragments) == 35)
        assert len(registry) == 0
        assert fanout.subscriber_count == 0
        return player

    player = asyncio.run(scenario())
    assert player.words == [
        {"type": "start", "codec": player.words[0]["codec"], "rung": "passed", "stream": "main", "reason": None}
    ]
    assert player.words[0]["codec"].startswith("avc1.42c0")
    assert len(player.openings) == 1


def test_all_viewers_share_one_muxing(pictures):
    """They get the very same bytes, and the camera is asked for them once."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        feed, players = feed_of(fanout), [Player() for _ in range(5)]
        async with contextlib.AsyncExitStack() as stack:
            for player in players:
                await stack.enter_async_context(watching(registry, feed, player))
            await until(lambda: fanout.subscriber_count == 1)
            for packet in pictures[:30]:
                fanout.publish(packet)
            await until(lambda: all(len(player.fragments) == 30 for player in players))
            assert fanout.subscriber_count == 1
        return players

    first, *others = asyncio.run(scenario())
    assert all(a is b for other in others for a, b in zip(first.fragments, other.fragments, strict=True))


def test_a_slow_viewer_goes_on_at_a_key_frame_alone(pictures):
    """What waits for it is bounded, it is told what it missed, and nobody else notices."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        feed, quick, slow = feed_of(fanout), Player(), Player(slow=True)
        async with watching(registry, feed, quick), watching(registry, feed, slow) as view:
            await until(lambda: fanout.subscriber_count == 1)
            await publish(fanout, pictures[:180])
            await until(lambda: len(quick.fragments) == 180)
            stuck = len(slow.fragments)
            slow.slow = False
            slow.say({"got": stuck})
            await until(lambda: len(slow.fragments) > stuck)
            dropped = view.dropped_count
        return quick, slow, stuck, dropped

    quick, slow, stuck, dropped = asyncio.run(scenario())
    assert quick.words == slow.words[:1]
    assert stuck == mse_view.MOST_UNTOLD
    assert slow.words[1] == {"type": "skipped", "pictures": dropped}
    assert dropped > 0
    assert slow.fragments[stuck] in quick.fragments[125:]
    assert quick.fragments.index(slow.fragments[stuck]) % 25 == 0


def test_words_that_mean_nothing_change_nothing(pictures):
    """A player may claim what it likes: no more than was sent to it."""

    async def scenario():
        registry, fanout, player = ViewRegistry(LiveSettings()), PacketFanout(), Player(slow=True)
        async with watching(registry, feed_of(fanout), player):
            for word in ({"got": "many"}, {"got": -5}, ["got"], 7, None, {"got": 10**9}):
                player.say(word)
            await until(lambda: fanout.subscriber_count == 1)
            await publish(fanout, pictures[:150])
            await until(lambda: len(player.fragments) == mse_view.MOST_UNTOLD)
        return len(player.fragments)

    assert asyncio.run(scenario()) == mse_view.MOST_UNTOLD


def test_masks_that_are_set_end_the_view_and_nothing_more_is_sent(pictures):
    """Not a picture of those that waited; who comes again is on the masked route."""

    async def scenario():
        registry, fanout, masks = ViewRegistry(LiveSettings()), PacketFanout(), CurrentMasks(NO_MASKS)
        feed, player = feed_of(fanout, masks), Player(slow=True)
        opened = registry.open_mse(CAMERA, feed, PASSED, wants_tracks=False)
        serving = asyncio.create_task(registry.claim(opened.id).serve(player))
        await until(lambda: fanout.subscriber_count == 1)
        await publish(fanout, pictures[:100])
        await until(lambda: len(player.fragments) == mse_view.MOST_UNTOLD)
        unmasked = len(player.fragments)
        masks.now = None
        await registry.close_misrouted()
        player.say({"got": unmasked})
        for packet in pictures[100:]:
            fanout.publish(packet)
        await asyncio.wait_for(serving, 5)
        assert player.is_over.is_set()
        with pytest.raises(MasksUnavailable):
            registry.open_mse(CAMERA, feed, PASSED, wants_tracks=False)
        return len(player.fragments) - unmasked, len(registry)

    assert asyncio.run(scenario()) == (0, 0)


def test_a_ticket_is_taken_once_and_not_for_ever():
    """A second player of the same view finds nothing, and a view that nobody comes for ends."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings(max_views=1)), PacketFanout()
        feed = feed_of(fanout)
        async with watching(registry, feed, Player()) as view:
            with pytest.raises(UnknownView):
                registry.claim(view.id)
            with pytest.raises(TooManyViews):
                registry.open_mse(CAMERA, feed, PASSED, wants_tracks=False)
        with pytest.raises(UnknownView):
            registry.claim("never-issued")
        left = registry.open_mse(CAMERA, feed, PASSED, wants_tracks=False)
        await registry.close(left.id)
        with pytest.raises(UnknownView):
            registry.claim(left.id)
        with pytest.raises(UnknownView):
            registry.require(left.id)

    asyncio.run(scenario())


def test_a_thousand_who_come_and_go_leave_nothing(pictures):
    """No view, no place on the stream, no task."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings()), PacketFanout()
        for packet in pictures[:25]:
            fanout.publish(packet)
        feed, views, tasks = feed_of(fanout), weakref.WeakSet(), len(asyncio.all_tasks())
        for _ in range(1000):
            player = Player()
            async with watching(registry, feed, player) as view:
                views.add(view)
                await until(lambda player=player: len(player.fragments) == 25)
        del view
        gc.collect()
        assert (len(registry), fanout.subscriber_count) == (0, 0)
        assert len(asyncio.all_tasks()) == tasks
        return len(views)

    assert asyncio.run(scenario()) <= 1


def test_boxes_go_to_who_draws_them(pictures):
    """The newest, beside the pictures."""

    async def scenario():
        registry, fanout, drawing, plain = ViewRegistry(LiveSettings()), PacketFanout(), Player(), Player()
        feed = feed_of(fanout)
        async with watching(registry, feed, drawing, wants_tracks=True), watching(registry, feed, plain):
            assert registry.wants_tracks(CAMERA)
            registry.send_tracks(CAMERA, '{"t":1,"tracks":[]}')
            await until(lambda: drawing.words)
        return drawing.words, plain.words

    assert asyncio.run(scenario()) == ([{"type": "tracks", "tracks": {"t": 1, "tracks": []}}], [])


def test_one_encode_serves_all_and_there_are_not_too_many():
    """H.265 becomes H.264 once, for as long as somebody needs it; a further stream is refused in words."""

    async def scenario():
        registry, fanout = ViewRegistry(LiveSettings(max_encodes=1)), PacketFanout()
        choice, feed = Choice(Rung.ENCODED, StreamRole.MAIN, "hevc"), feed_of(fanout).encoded()
        assert feed.route is Route.ENCODED
        players = [Player(), Player()]
        for packet in film(ManualClock(), Codec.H265, frames=26):
            fanout.publish(replace(packet, received_monotonic_s=1e9))
        async with watching(registry, feed, players[0], choice), watching(registry, feed, players[1], choice):
            await until(lambda: all(player.fragments for player in players))
            assert fanout.subscriber_count == 1
            with pytest.raises(TooManyEncodes):
                registry.open_mse(CAMERA, feed_of(PacketFanout()).encoded(), choice, wants_tracks=False)
        registry.open_mse(CAMERA, feed_of(PacketFanout()).encoded(), choice, wants_tracks=False)
        await registry.close_all()
        return players[0].words[0]

    word = asyncio.run(scenario())
    assert word["codec"].startswith("avc1.")
    assert (word["rung"], word["reason"]) == ("encoded", "hevc")


def health(codec: Codec, role: StreamRole = StreamRole.MAIN, state: StreamState = StreamState.LIVE) -> StreamHealth:
    return StreamHealth(
        role,
        state,
        datetime(2026, 11, 22, tzinfo=UTC),
        description=StreamDescription(codec, 640, 360, None, 25.0),
        has_b_frames=True,
    )


SUB, OFF = StreamRole.SUB, StreamState.WAITING


@pytest.mark.parametrize(
    ("codec", "other", "route", "takes_h265", "expected"),
    [
        (Codec.H264, None, Route.DIRECT, False, (Rung.PASSED, "main", None)),
        (Codec.H265, None, Route.DIRECT, True, (Rung.PASSED, "main", None)),
        (Codec.H265, health(Codec.H264, SUB), Route.DIRECT, True, (Rung.PASSED, "main", None)),
        (Codec.H265, health(Codec.H264, SUB), Route.DIRECT, False, (Rung.SUB, "sub", "hevc")),
        (Codec.H265, health(Codec.H264, SUB, OFF), Route.DIRECT, False, (Rung.ENCODED, "main", "hevc")),
        (Codec.H265, health(Codec.H265, SUB), Route.DIRECT, False, (Rung.ENCODED, "main", "hevc")),
        (Codec.H265, None, Route.DIRECT, False, (Rung.ENCODED, "main", "hevc")),
        (Codec.H265, None, Route.MASKED, True, (Rung.MASKED, "main", "masks")),
        (Codec.MJPEG, None, Route.DIRECT, True, (Rung.ENCODED, "main", "mjpeg")),
        (Codec.H265, None, Route.LIFTED, True, (Rung.PASSED, "main", None)),
    ],
)
def test_ladder(codec, other, route, takes_h265, expected):
    """The first rung that the player can take, and why it is not the plain one."""
    choice = choose(health(codec), other, route, takes_h265=takes_h265)
    assert (choice.rung, choice.role, choice.reason) == expected


def test_what_cannot_be_shown_is_refused():
    """A camera without pictures; and past the masks nothing is encoded, for an encode would cover them."""
    with pytest.raises(NotLive):
        choose(health(Codec.H264, state=OFF), None, Route.DIRECT, takes_h265=False)
    with pytest.raises(CodecNotViewable):
        choose(health(Codec.H265), health(Codec.H264, SUB), Route.LIFTED, takes_h265=False)
