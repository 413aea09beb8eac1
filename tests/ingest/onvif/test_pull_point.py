"""Events: one place at the device, renewed, given back; only what is about places gets through."""

import pytest

from ingest.onvif.errors import AnswerMalformed, OperationRefused
from ingest.onvif.pull_point import PullPoint
from ingest.onvif.topics import Topic
from ingest.virtual_camera.onvif.quirks import Quirk
from tests.fakes.clock import ManualClock
from tests.ingest.onvif.conftest import Pair, facing

pytestmark = pytest.mark.anyio

MOTION = ("tns1:VideoSource/MotionAlarm", ("Source", "video-1"), ("State", "true"))


async def listening(pair: Pair) -> PullPoint:
    await pair.device.connect()
    return PullPoint(pair.device, ManualClock())


async def test_states_first_then_changes():
    """The present state of the relay comes by itself, motion when it happens."""
    async with facing(clock_offset_s=3600.0) as pair:
        events = await listening(pair)
        first = await events.pull(1)
        assert [(event.topic, event.state, event.is_initial) for event in first] == [(Topic.RELAY, False, True)]
        pair.server.device.raise_event(*MOTION)
        (motion,) = await events.pull(1)
        assert (motion.topic, motion.source, motion.state) == (Topic.MOTION, "video-1", True)
        assert motion.at is not None
        assert abs((motion.at - pair.server.device.clock.now()).total_seconds()) < 5
        await events.close()
        assert pair.server.device.pull_points == {}


@pytest.mark.parametrize(
    "topic",
    [
        "tns1:RuleEngine/Recognition/Face",
        "tns1:RuleEngine/Recognition/LicensePlate",
        "tns1:VideoAnalytics/tnsvendor:FaceDetection/Match",
        "tns1:RuleEngine/CountAggregation/Counter",
        "",
    ],
)
async def test_what_is_about_persons_is_dropped(topic: str):
    """It never becomes a value: it is counted, and that is all."""
    async with facing() as pair:
        events = await listening(pair)
        await events.pull(1)
        pair.server.device.raise_event(topic, ("Source", "1"), ("Name", "Zhang San"))
        assert await events.pull(1) == []
        assert events.dropped == 1
        await events.close()


@pytest.mark.parametrize("quirk", [Quirk.REFERENCE_PARAMETERS, Quirk.EVENT_CLOCK_OFF, Quirk.WRONG_XADDR])
async def test_odd_pull_points_work(quirk: Quirk):
    """Headers are sent back, an event clock an hour off does not matter, nor does an address behind a router."""
    async with facing(quirk) as pair:
        events = await listening(pair)
        assert len(await events.pull(1)) == 1
        assert events.subscription is not None
        assert events.subscription.life_s == pytest.approx(60, abs=1)
        await events.close()
        assert pair.server.device.pull_points == {}


@pytest.mark.parametrize("quirks", [(), (Quirk.RENEW_FAILS,)])
async def test_it_is_renewed_or_taken_anew(quirks: tuple[Quirk, ...]):
    """Half a life later it is renewed; where that fails a new one is taken, and the old one given back."""
    async with facing(*quirks) as pair:
        await pair.device.connect()
        clock = ManualClock()
        events = PullPoint(pair.device, clock)
        await events.pull(1)
        clock.advance(31)
        await events.pull(1)
        assert "Renew" in pair.server.requests
        assert len(pair.server.device.pull_points) == 1
        assert list(pair.server.device.pull_points) == ([2] if quirks else [1])
        await events.close()


async def test_no_place_is_free():
    """A full device is an error that is told, and places are not leaked by whoever comes and goes."""
    async with facing(slots=4) as pair:
        for _ in range(12):
            events = await listening(pair)
            await events.open()
            await events.close()
        held = [await listening(pair) for _ in range(4)]
        for events in held:
            await events.open()
        late = await listening(pair)
        with pytest.raises(OperationRefused) as refused:
            await late.open()
        assert refused.value.subcode == "MaxSubscriptions"


async def test_a_subscription_that_is_nowhere():
    """Without a reference there is nothing to pull from."""
    async with facing(Quirk.NO_SUBSCRIPTION_REFERENCE) as pair:
        with pytest.raises(AnswerMalformed):
            await (await listening(pair)).open()


async def test_a_storm_is_taken_in_bounded_portions():
    """Fifty events a second: one answer holds at most its limit."""
    async with facing(Quirk.STORM) as pair:
        events = await listening(pair)
        for _ in range(3):
            assert 0 < len(await events.pull(1)) <= 64
        await events.close()
