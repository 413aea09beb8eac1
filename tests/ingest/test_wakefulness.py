"""When an idle stream's pictures are decoded, and what of its packets tells of motion."""

import random
from dataclasses import dataclass, field
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.camera import CameraId, StreamRole
from ingest.coding_cue import CodingCue
from ingest.interest import Interest
from ingest.packet import Codec, Packet
from ingest.settings import IngestSettings
from ingest.wakefulness import Decoding, Wakefulness
from tests.fakes.clock import START

FPS = 10
SLEEPY = IngestSettings(sleep_after_s=1.0)
NEEDED = SLEEPY.sleep_onsets


def packet(at_s: float, size: int, *, key: bool = False, epoch: int = 1, codec: Codec = Codec.H264) -> Packet:
    """A packet that came at its own media time."""
    ticks = round(at_s * 90_000)
    times = (ticks, ticks, Fraction(1, 90_000))
    return Packet(CameraId("c"), StreamRole.SUB, codec, bytes(size), *times, key, epoch, round(at_s * FPS), START, at_s)


@dataclass
class Watcher:
    """Feeds a stream and writes down what was decided."""

    settings: IngestSettings = SLEEPY
    at_s: float = 0.0
    count: int = 0
    decided: list[tuple[float, Decoding]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.wakefulness = Wakefulness(self.settings)
        self.chance = random.Random(5)

    def run(
        self, seconds: float, size: int = 400, *, group: int = 20, interest: Interest = Interest.NONE
    ) -> set[Decoding]:
        """So many seconds of a camera whose predicted pictures have about that size; what was decided meanwhile."""
        first = len(self.decided)
        for _ in range(round(seconds * FPS)):
            key = self.count % group == 0
            varied = 20_000 if key else round(size * self.chance.uniform(0.85, 1.15))
            decision = self.wakefulness.decide(packet(self.at_s, varied, key=key), interest)
            self.decided.append((self.at_s, decision))
            self.at_s, self.count = self.at_s + 1 / FPS, self.count + 1
        return {decision for _, decision in self.decided[first:]}

    def visit(self, size: int = 1600) -> None:
        """Somebody comes for a second, seen at once, and eight seconds of peace."""
        self.run(1.0, size, interest=Interest.MOTION)
        self.run(8.0)


def trusted(watcher: Watcher) -> Watcher:
    """A minute to learn the usual sizes, then as many visits as it takes, of which the sizes tell."""
    watcher.run(60)
    for _ in range(NEEDED):
        watcher.visit()
    return watcher


def asleep(**options: float) -> Watcher:
    """A stream that has earned its sleep and fallen asleep."""
    watcher = trusted(Watcher(IngestSettings.model_validate({"sleep_after_s": 1.0, **options})))
    watcher.run(2)
    assert watcher.wakefulness.is_asleep
    return watcher


def test_a_stream_is_decoded_until_its_sizes_have_told_of_eight_visits() -> None:
    """However idle it is before; afterwards four seconds of every picture, then key frames alone."""
    watcher = Watcher(IngestSettings(sleep_after_s=4.0))
    assert watcher.run(60.0) == {Decoding.FOLLOW}
    for _ in range(NEEDED - 1):
        watcher.visit()
    assert {decision for _, decision in watcher.decided} == {Decoding.FOLLOW}
    watcher.run(1.0, 1600, interest=Interest.MOTION)
    assert watcher.run(3.8) == {Decoding.FOLLOW}
    assert watcher.run(20.0) <= {Decoding.FOLLOW, Decoding.SKIP, Decoding.ALONE}
    assert sum(decision is Decoding.ALONE for _, decision in watcher.decided) == 10


def test_one_visit_that_the_sizes_do_not_tell_takes_the_sleep_and_doubles_its_price() -> None:
    """Awake or asleep: an encoder that spends the same on motion gives no cue."""
    watcher = asleep()
    watcher.run(5)
    assert watcher.run(0.1, interest=Interest.MOTION) == {Decoding.CATCH_UP}
    assert watcher.run(60) == {Decoding.FOLLOW}
    for _ in range(NEEDED):
        watcher.visit()
    assert not watcher.wakefulness.is_asleep
    for _ in range(NEEDED):
        watcher.visit()
    assert watcher.wakefulness.is_asleep


def test_interest_wakes_from_the_key_frame_on_and_keeps_awake() -> None:
    """The packet after the news catches up with the group; then every picture is decoded while the interest lasts."""
    watcher = asleep()
    watcher.run(0.5)
    assert watcher.run(0.1, 1600, interest=Interest.MOTION) == {Decoding.CATCH_UP}
    assert watcher.run(30, 1600, interest=Interest.MOTION) == {Decoding.FOLLOW}
    assert Decoding.SKIP in watcher.run(5)
    assert (watcher.wakefulness.wake_count, watcher.wakefulness.cued_count) == (1, 0)


@pytest.mark.parametrize("size", [800, 1600, 20_000])
def test_a_jump_of_the_sizes_wakes_within_half_a_second(size: int) -> None:
    """Nobody had to decode anything for it."""
    watcher = asleep()
    watcher.run(0.3)
    assert Decoding.CATCH_UP in watcher.run(0.5, size)
    assert watcher.wakefulness.cued_count == 1


def test_one_large_picture_wakes_nobody() -> None:
    """A refresh or a lost packet's repair is no motion."""
    watcher = asleep()
    watcher.run(0.3)
    assert watcher.run(0.1, 5_000) == {Decoding.SKIP}
    assert watcher.run(10) == {Decoding.SKIP, Decoding.ALONE}


def test_bitrate_control_that_drifts_wakes_nobody() -> None:
    """Sizes double and halve over ten minutes while nothing happens."""
    watcher = asleep()
    for minute in range(10):
        watcher.run(60, 400 + 40 * min(minute, 10 - minute))
    assert watcher.wakefulness.wake_count == 0


def test_the_place_in_the_group_is_learnt() -> None:
    """First pictures of a group that are always five times as large are no motion; a jump of the others is."""
    cue = CodingCue()
    chance, cries = random.Random(1), 0
    for index in range(1200):
        if index % 20 == 0:
            cue.begin_group()
            continue
        size = (2000 if index % 20 < 4 else 400) * chance.uniform(0.9, 1.1)
        cries += cue.observe(round(size), None, index / FPS, quiet=True)
    assert cries == 0
    assert any(cue.observe(1200, None, 120 + index / FPS, quiet=True) for index in range(6))


def test_a_coarser_quantiser_tells_where_the_bit_rate_is_kept() -> None:
    """Pictures that even shrink, as motion makes them with some encoders; noise of one QP tells nothing."""
    cue, chance = CodingCue(), random.Random(3)
    calm = [cue.observe(4000, chance.choice((25, 26)), index / FPS, quiet=True) for index in range(1200)]
    told = [cue.observe(3000, 29, 120 + index / FPS, quiet=False) for index in range(5)]
    assert not any(calm)
    assert any(told)


def test_a_finer_quantiser_is_no_motion() -> None:
    """Bytes and QP may each fall: less goes on."""
    cue = CodingCue()
    assert not any(cue.observe(4000, 30 - index // 100, index / FPS, quiet=True) for index in range(1500))


def test_a_camera_that_is_woken_for_nothing_stays_awake() -> None:
    """Gusts that double the sizes each ten seconds, and never any interest: after two it has to earn its sleep anew."""
    watcher = asleep()
    for _ in range(20):
        watcher.run(9.5)
        watcher.run(0.5, 900)
    assert 1 <= watcher.wakefulness.cued_count <= 3
    assert watcher.run(20) == {Decoding.FOLLOW}
    trusted(watcher)
    assert watcher.wakefulness.is_asleep


def test_a_group_without_end_is_decoded_until_its_next_key_frame() -> None:
    """After so long without a key frame the stream is looked at, asleep as it is."""
    watcher = asleep(sleep_group_s=5.0)
    watcher.count = 0
    watcher.run(4.9, group=300)
    assert Decoding.CATCH_UP not in {decision for _, decision in watcher.decided[-40:]}
    assert watcher.run(0.5, group=300) == {Decoding.SKIP, Decoding.CATCH_UP, Decoding.FOLLOW}
    assert watcher.run(24.6, group=300) == {Decoding.FOLLOW}
    assert watcher.run(4, group=300) == {Decoding.ALONE, Decoding.SKIP}


def test_pictures_that_stand_alone_are_taken_one_by_one() -> None:
    """Motion JPEG and streams of key frames only need no following, awake or asleep."""
    watcher = Watcher()
    watcher.run(10, group=1, interest=Interest.MOTION)
    assert {decision for _, decision in watcher.decided[1:]} == {Decoding.ALONE}
    jpeg = Wakefulness(SLEEPY)
    assert jpeg.decide(packet(0, 9, key=True, codec=Codec.MJPEG), Interest.MOTION) is Decoding.ALONE


def test_nobody_sleeps_who_is_told_not_to() -> None:
    """However much it has earned it."""
    assert trusted(Watcher(IngestSettings(sleep_after_s=0.0))).run(60) == {Decoding.FOLLOW}


@pytest.mark.parametrize("sleep_after_s", [0.0, 1.0])
def test_whoever_is_idle_sleeps_while_the_machine_is_pressed(sleep_after_s: float) -> None:
    """Without trust, and even where sleep is off; from the next picture on all is decoded again when that is over."""
    pressed = [False]
    watcher = Watcher(IngestSettings(sleep_after_s=sleep_after_s))
    watcher.wakefulness = Wakefulness(watcher.settings, lambda: pressed[0])
    watcher.run(20)
    pressed[0] = True
    watcher.run(0.1)
    assert watcher.run(10) == {Decoding.ALONE, Decoding.SKIP}
    assert Decoding.CATCH_UP in watcher.run(0.5, 1600, interest=Interest.MOTION)
    watcher.run(8)
    assert watcher.wakefulness.is_asleep
    pressed[0] = False
    assert watcher.run(0.1) <= {Decoding.CATCH_UP, Decoding.FOLLOW}
    assert watcher.run(20) == {Decoding.FOLLOW}


def test_an_onset_before_the_cue_knows_what_is_usual_costs_no_trust() -> None:
    """The gate takes the first picture of all for motion, and nothing could have told of that."""
    watcher = Watcher(IngestSettings(sleep_after_s=1.0))
    watcher.run(0.5, interest=Interest.MOTION)
    watcher.run(60)
    for _ in range(NEEDED):
        watcher.visit()
    watcher.run(2)
    assert watcher.wakefulness.is_asleep


def test_something_that_needs_more_looks_keeps_awake_and_is_no_onset() -> None:
    """A weak find of the detector's heartbeat, where nothing stirs: no encoder could have told of it."""
    watcher = asleep()
    assert Decoding.SKIP not in watcher.run(0.5, interest=Interest.LOOK)
    watcher.run(3)
    assert watcher.wakefulness.is_asleep


def test_a_new_epoch_wakes() -> None:
    """After a reconnect the picture may be another, so it is looked at whole."""
    watcher = asleep()
    assert watcher.wakefulness.decide(packet(99, 9_000, key=True, epoch=2)) is Decoding.FOLLOW
    assert not watcher.wakefulness.is_asleep


Steps = st.lists(st.tuples(st.booleans(), st.integers(0, 60_000), st.booleans(), st.floats(0, 3)), max_size=300)


@settings(max_examples=150, deadline=None)
@given(Steps)
def test_nothing_is_decoded_without_what_it_is_predicted_from(steps: list[tuple[bool, int, bool, float]]) -> None:
    """Whatever comes: a picture is followed only if all of its group before it was decoded."""
    wakefulness, at_s, has_group = Wakefulness(SLEEPY), 0.0, True
    for key, size, interesting, step_s in steps:
        at_s += step_s
        decision = wakefulness.decide(packet(at_s, size, key=key), Interest.MOTION if interesting else Interest.NONE)
        if decision is Decoding.FOLLOW:
            assert key or has_group
        assert (decision is Decoding.ALONE) <= key
        assert (decision in (Decoding.SKIP, Decoding.CATCH_UP)) <= (not key)
        assert not (interesting and decision is Decoding.SKIP)
        has_group = decision in (Decoding.FOLLOW, Decoding.CATCH_UP)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**7), st.none() | st.integers(-200, 200), st.floats(0, 1e6)), max_size=200))
def test_the_cue_stays_sound_whatever_comes(pictures: list[tuple[int, int | None, float]]) -> None:
    """No size, no QP and no time breaks it, and an even stream afterwards is quiet again."""
    cue = CodingCue()
    for size, qp, at_s in pictures:
        cue.observe(size, qp, at_s, quiet=True)
    cries = [cue.observe(500, 26, 1e7 + index / FPS, quiet=True) for index in range(4000)]
    assert not any(cries[-100:])
