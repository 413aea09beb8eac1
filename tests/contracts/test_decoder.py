"""What every decoder promises."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from ingest.av_decoder import AvDecoder
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.decoder import Decoder
from ingest.errors import SourceEnded
from ingest.file_source import FileOpener
from ingest.mask import NO_MASKS, CurrentMasks
from ingest.packet import Packet
from ingest.source import PacketSource
from tests.conftest import MakeClip
from tests.fakes.decoder import DAMAGED, FakeDecoder

Encode = Callable[..., list[Packet]]


@pytest.fixture
def encode(make_clip: MakeClip) -> Encode:
    """The packets of a clip made on the spot."""

    def packets(epoch: int = 1, **options: object) -> list[Packet]:
        profile = StreamProfile(StreamRole.MAIN, f"file:{make_clip(**options)}")
        camera = Camera(CameraId("cam"), "Gate", (profile,))
        source = FileOpener(SystemClock(), realtime=False).open(camera, profile, epoch)
        read: list[Packet] = []
        with pytest.raises(SourceEnded):
            read_into(read, source)
        source.close()
        return read

    return packets


def read_into(read: list[Packet], source: PacketSource) -> None:
    """Reads until the source raises; what came before stays in the list."""
    for packet in source.packets():
        assert isinstance(packet, Packet)
        read.append(packet)


@pytest.fixture(params=[AvDecoder, FakeDecoder])
def decoder(request: pytest.FixtureRequest) -> Iterator[Decoder]:
    """Each decoder in turn."""
    made: Decoder = request.param(CurrentMasks(NO_MASKS))
    yield made
    made.close()


def test_frames_carry_the_times_of_their_packets(decoder: Decoder, encode: Encode) -> None:
    """Media time, arrival, epoch and sequence go from packet to picture."""
    packets = encode(seconds=1.0)
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    assert len(frames) >= len(packets) - 2
    for frame, packet in zip(frames, packets, strict=False):
        assert (frame.camera_id, frame.epoch, frame.sequence) == (packet.camera_id, packet.epoch, packet.sequence)
        assert frame.media_time_s == pytest.approx(packet.media_time_s)
        assert frame.received_monotonic_s == packet.received_monotonic_s


def test_pictures_have_the_promised_shapes(decoder: Decoder, encode: Encode) -> None:
    """Luma is (height, width), colour (height, width, 3), both uint8."""
    frame = next(frame for packet in encode(seconds=1.0) for frame in decoder.decode(packet))
    picture = frame.picture
    assert picture.luma().shape == (picture.height, picture.width)
    assert picture.bgr().shape == (picture.height, picture.width, 3)
    assert picture.bgr((64, 48)).shape == (48, 64, 3)
    assert picture.luma().dtype == picture.bgr().dtype == np.uint8


def test_nothing_comes_before_a_key_frame(decoder: Decoder, encode: Encode) -> None:
    """A decoder that starts in the middle of a group waits for the next one."""
    packets = encode(seconds=1.0, gop=10)
    frames = [frame for packet in packets[3:] for frame in decoder.decode(packet)]
    assert frames[0].sequence == 11


def test_a_new_epoch_starts_over(decoder: Decoder, encode: Encode) -> None:
    """After a reconnect with other sizes and times the decoder goes on from its first key frame."""
    for packet in encode(seconds=1.0)[:10]:
        decoder.decode(packet)
    frames = [frame for packet in encode(epoch=2, seconds=1.0, size=(160, 128)) for frame in decoder.decode(packet)]
    assert (frames[0].epoch, frames[0].sequence) == (2, 1)
    assert decoder.failed_count == 0


def test_nothing_comes_while_the_masks_are_not_known(decoder: Decoder, encode: Encode) -> None:
    """And afterwards nothing before a key frame: what was missed cannot be predicted from."""
    masks = CurrentMasks()
    blind: Decoder = type(decoder)(masks)  # type: ignore[call-arg]
    packets = encode(seconds=1.0, gop=10)
    assert not [frame for packet in packets[:5] for frame in blind.decode(packet)]
    masks.now = NO_MASKS
    frames = [frame for packet in packets[5:] for frame in blind.decode(packet)]
    assert frames[0].sequence == 11
    blind.close()


def test_a_key_frame_alone_comes_out_at_once(decoder: Decoder, encode: Encode) -> None:
    """Though the stream's pictures are reordered; what follows is not decoded until the next key frame."""
    packets = encode(seconds=2.0, gop=10, b_frames=2)
    keys = [index for index, packet in enumerate(packets) if packet.is_keyframe]
    for key in keys[:2]:
        assert [frame.sequence for frame in decoder.decode_alone(packets[key])] == [packets[key].sequence]
    assert not [frame for packet in packets[keys[1] + 1 : keys[2]] for frame in decoder.decode(packet)]
    rest = [frame for packet in packets[keys[2] :] for frame in decoder.decode(packet)]
    assert rest[0].sequence == packets[keys[2]].sequence
    assert decoder.failed_count == 0


def test_a_group_is_decoded_again_after_a_part_of_it(decoder: Decoder, encode: Encode) -> None:
    """Who stopped in the middle of a group may come back to it from its key frame on."""
    packets = encode(seconds=1.0, gop=20)
    for packet in packets[:8]:
        decoder.decode(packet)
    again = [frame.sequence for packet in packets[:20] for frame in decoder.decode(packet)]
    assert again[-1] >= packets[17].sequence
    assert decoder.failed_count == 0


def test_damage_is_counted_and_survived(decoder: Decoder, encode: Encode) -> None:
    """Bytes that are no picture give no frame, add to the count and do not end the stream."""
    packets = encode(seconds=1.0, gop=10)
    packets[5] = replace(packets[5], data=DAMAGED)
    frames = [frame for packet in packets for frame in decoder.decode(packet)]
    assert decoder.failed_count >= 1
    assert 6 not in {frame.sequence for frame in frames}
    assert 21 in {frame.sequence for frame in frames}


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mjpeg"])
def test_flipped_bits_never_raise(encode: Encode, codec: str) -> None:
    """A hostile or broken camera costs frames, not the thread, and a clean stream is decoded again afterwards."""
    chance = random.Random(3)
    decoder = AvDecoder(CurrentMasks(NO_MASKS))
    for packet in encode(seconds=2.0, gop=10, codec=codec) * 4:
        damaged = bytearray(packet.data)
        for _ in range(chance.randint(0, 8)):
            damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        decoder.decode(replace(packet, data=bytes(damaged)))
    clean = encode(epoch=2, seconds=1.0, codec=codec)
    assert len([frame for packet in clean for frame in decoder.decode(packet)]) >= len(clean) - 5
    decoder.close()


def test_closing_twice_is_harmless(decoder: Decoder) -> None:
    """Whoever cleans up need not know whether somebody did before."""
    decoder.close()
    decoder.close()
