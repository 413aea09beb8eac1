"""What is proposed and what is warned of: from values to values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.onvif.messages import MediaProfile, VideoSettings
from ingest.packet import Codec
from ingest.stream_probe import StreamFacts
from vms_api.discovery.proposal import Caution, CautionKind, Stream, cautions_of, chosen_profiles

GOOD = StreamFacts(Codec.H264, 1920, 1080, "Main", 25.0, 2.0, has_b_frames=False, has_audio=False)


def profile(token: str, width: int, height: int, codec: str = "H264") -> MediaProfile:
    return MediaProfile(token, token, VideoSettings(codec, width, height, 25, 4096, 50), has_ptz=False)


def stream(facts: StreamFacts | None = GOOD, name: str = "a") -> Stream:
    blank = Stream(address="rtsp://192.0.2.1/", profile_token=name, profile_name=name)
    return blank.seen(facts) if facts else blank.model_copy(update={"fault": "source-timeout"})


def codes(found: list[Caution]) -> list[tuple[CautionKind, str | None]]:
    return [(caution.code, caution.stream) for caution in found]


def test_a_good_camera_has_nothing_to_say():
    """Two H.264 streams, key frames often, the clock right."""
    told = [profile("a", 1920, 1080), profile("b", 640, 360)]
    assert cautions_of([stream(), stream(name="b")], told, 0.4) == []


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"codec": Codec.H265}, CautionKind.H265),
        ({"has_b_frames": True}, CautionKind.B_FRAMES),
        ({"gop_s": 10.0}, CautionKind.LONG_GOP),
        ({"gop_s": None}, CautionKind.LONG_GOP),
    ],
)
def test_each_oddity_of_a_stream_is_told(change: dict[str, object], kind: CautionKind):
    """With the stream it is about."""
    odd = StreamFacts(**{**{name: getattr(GOOD, name) for name in GOOD.__slots__}, **change})
    found = codes(cautions_of([stream(odd), stream(name="b")], [profile("a", 1920, 1080, "")], 0.0))
    assert found == [(kind, "main")]


def test_the_stream_is_believed_before_the_device():
    """A device that says H264 of its H.265 stream is told on."""
    odd = StreamFacts(**{**{name: getattr(GOOD, name) for name in GOOD.__slots__}, "codec": Codec.H265})
    found = cautions_of([stream(odd), stream(name="b")], [profile("a", 1920, 1080, "H264")], 0.0)
    assert (CautionKind.CODEC_MISTOLD, "main") in codes(found)


@pytest.mark.parametrize(
    ("offset_s", "kind"),
    [(7200.0, CautionKind.CLOCK_OFF), (-6.0, CautionKind.CLOCK_OFF), (None, CautionKind.CLOCK_UNKNOWN)],
)
def test_clocks(offset_s: float | None, kind: CautionKind):
    """A wrong clock is told with its figure."""
    found = cautions_of([stream(), stream()], [], offset_s)
    assert codes(found) == [(kind, None)]
    assert found[0].value == offset_s


def test_one_stream_and_none_that_opens():
    """A missing sub-stream and an unreachable stream are two things."""
    found = cautions_of([stream(None)], [], 0.0)
    assert codes(found) == [(CautionKind.STREAM_UNREACHABLE, "main"), (CautionKind.NO_SUB_STREAM, None)]
    assert found[0].value == "source-timeout"


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 4000)), max_size=8))
def test_main_is_the_largest_and_sub_is_smaller(sizes: list[tuple[int, int]]):
    """Whatever a device lists: at most two, the first never smaller, the second never as large."""
    told = [profile(str(number), *size) for number, size in enumerate(sizes)]
    chosen = chosen_profiles(told)
    assert len(chosen) == min(len(chosen), 2)
    areas = [each.video.width * each.video.height for each in chosen if each.video]
    assert bool(chosen) == bool(sizes)
    if sizes:
        assert areas[0] == max(width * height for width, height in sizes)
        assert areas[1:] == [] or areas[1] < areas[0]
