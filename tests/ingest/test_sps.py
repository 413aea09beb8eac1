"""Picture sizes in parameter sets, compared with what the encoder was told."""

from pathlib import Path

import av
import pytest
from av.bitstream import BitStreamFilterContext
from hypothesis import given
from hypothesis import strategies as st

from ingest.annexb import ParameterSets
from ingest.packet import Codec
from ingest.sps import picture_size
from tests.conftest import MakeClip


@pytest.mark.parametrize("size", [(320, 240), (1920, 1080), (642, 362), (64, 64)])
@pytest.mark.parametrize(("encoder", "codec"), [("libx264", Codec.H264), ("libx265", Codec.H265)])
def test_the_size_is_the_encoders(make_clip: MakeClip, size: tuple[int, int], encoder: str, codec: Codec) -> None:
    """Cropping included: 1080 lines are coded as 1088."""
    assert picture_size(codec, first_sps(make_clip(size=size, seconds=0.1, codec=encoder), codec)) == size


@given(st.binary(max_size=80))
def test_garbage_is_refused_and_nothing_else(data: bytes) -> None:
    """A damaged set gives a ValueError or a positive size, never another error and never a hang."""
    for codec in (Codec.H264, Codec.H265):
        try:
            width, height = picture_size(codec, data)
        except ValueError:
            continue
        assert width > 0
        assert height > 0


def first_sps(clip: Path, codec: Codec) -> bytes:
    """The first sequence parameter set of a clip."""
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        to_annex_b = BitStreamFilterContext(f"{codec.value}_mp4toannexb", stream)
        packet = next(unit for raw in container.demux(stream) for unit in to_annex_b.filter(raw))
        sets = ParameterSets(codec)
        sets.complete(bytes(packet), is_keyframe=True)
    assert sets.sps is not None
    return sets.sps
