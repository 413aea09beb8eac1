"""What leaves the decoder and the masked encode: covered on every plane, from the first picture on."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from time import monotonic, sleep

import numpy as np
import pytest

from ingest.av_decoder import AvDecoder, AvPicture
from ingest.av_encoder import AV_CODECS, AvEncoder
from ingest.av_mask_painter import GREY
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.encoder import EncodeFailed
from ingest.errors import MasksUnavailable, SourceEnded
from ingest.fanout import PacketFanout, Subscription
from ingest.file_source import FileOpener
from ingest.mask import NO_MASKS, CurrentMasks, MaskSet, cover, subsampled
from ingest.mask_transcoder import MaskTranscoder
from ingest.masked_stream import LINGER_S, MaskedStream
from ingest.packet import Packet
from ingest.picture_feed import PictureFeed, Route
from tests.conftest import MakeClip
from tests.fakes.clock import ManualClock
from tests.fakes.decoder import FAKE_CODECS
from tests.fakes.decoder import GREY as ARRAY_PICTURE
from tests.fakes.source import PacketSequence

UPPER = MaskSet(1, (((0, 0), (1, 0), (1, 0.6), (0, 0.5)),))
LOWER = MaskSet(2, (((0, 0.5), (1, 0.4), (1, 1), (0, 1)),))
EDGE_TOLERANCE = 40
"""How far an encoder may be off at the edge of a flat area."""

Encode = Callable[..., list[Packet]]


@pytest.fixture
def encode(make_clip: MakeClip) -> Encode:
    """The packets of a clip made on the spot, as if they had just come."""

    def packets(epoch: int = 1, **options: object) -> list[Packet]:
        profile = StreamProfile(StreamRole.MAIN, f"file:{make_clip(**options)}")
        source = FileOpener(SystemClock(), realtime=False).open(Camera(CameraId("c"), "c", (profile,)), profile, epoch)
        read: list[Packet] = []
        try:
            read.extend(packet for packet in source.packets() if packet is not None)
        except SourceEnded:
            return read
        finally:
            source.close()
        return read

    return packets


def covered_luma(picture: AvPicture, masks: MaskSet) -> np.ndarray:
    """The luma samples that the masks cover."""
    return picture.luma()[cover(masks, picture.width, picture.height)].astype(int)


def decoded(packets: list[Packet]) -> list[AvPicture]:
    """As a viewer sees them: decoded anew from each epoch's first key frame."""
    decoder = AvDecoder(CurrentMasks(NO_MASKS))
    return [frame.picture for packet in packets for frame in decoder.decode(packet)]


@pytest.mark.parametrize("codec", ["libx264", "libx265", "mjpeg"])
@pytest.mark.parametrize("size", [(320, 240), (98, 70)])
def test_every_plane_is_covered(encode: Encode, codec: str, size: tuple[int, int]) -> None:
    """Luma and both chroma planes are flat grey under the mask, and the picture beside it is untouched."""
    packets = encode(codec=codec, size=size, seconds=0.4)
    plain, masked = AvDecoder(CurrentMasks(NO_MASKS)), AvDecoder(CurrentMasks(UPPER))
    for packet in packets:
        for before, after in zip(plain.decode(packet), masked.decode(packet), strict=True):
            assert isinstance(before.picture, AvPicture)
            assert isinstance(after.picture, AvPicture)
            raster = cover(UPPER, *size)
            for index, (was, now) in enumerate(
                zip(before.picture.native.planes, after.picture.native.planes, strict=True)
            ):
                covered = raster if index == 0 else subsampled(raster, size[0] // was.width, size[1] // was.height)
                assert (samples(now)[covered] == GREY).all()
                assert (samples(now)[~covered] == samples(was)[~covered]).all()
    assert masked.failed_count == 0


def samples(plane: object) -> np.ndarray:
    """A plane without its padding."""
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: plane.height, : plane.width]


def test_colour_is_covered_too(encode: Encode) -> None:
    """What detector, evidence and snapshot convert to is covered by construction."""
    decoder = AvDecoder(CurrentMasks(UPPER))
    for packet in encode(seconds=0.4):
        for frame in decoder.decode(packet):
            bgr = frame.picture.bgr()[cover(UPPER, 320, 240)].astype(int)
            assert np.ptp(bgr) <= 2


def test_a_change_holds_from_the_next_picture_on(encode: Encode) -> None:
    """No packet decoded after the change comes out under the old masks."""
    masks = CurrentMasks(UPPER)
    decoder = AvDecoder(masks)
    packets = encode(seconds=1.0)
    for packet in packets[:10]:
        decoder.decode(packet)
    masks.now = LOWER
    frames = [frame for packet in packets[10:] for frame in decoder.decode(packet)]
    assert frames
    assert all((covered_luma(frame.picture, LOWER) == GREY).all() for frame in frames)


def test_nothing_comes_out_while_masks_are_not_known(encode: Encode) -> None:
    """And when they are known again, pictures begin with a key frame."""
    masks = CurrentMasks(UPPER)
    decoder = AvDecoder(masks)
    packets = encode(seconds=2.0, gop=10)
    assert [frame for packet in packets[:12] for frame in decoder.decode(packet)]
    masks.now = None
    assert not [frame for packet in packets[12:15] for frame in decoder.decode(packet)]
    masks.now = UPPER
    later = [frame for packet in packets[15:] for frame in decoder.decode(packet)]
    assert later[0].sequence == packets[20].sequence
    assert decoder.failed_count == 0


def test_the_masked_encode_covers_and_begins_anew_at_each_change(encode: Encode) -> None:
    """A change of masks, of the camera's epoch and of the size begin an epoch with a key frame; all is covered."""
    masks = CurrentMasks(UPPER)
    transcoder = MaskTranscoder(StreamRole.MAIN, masks, AV_CODECS)
    out: list[Packet] = []
    first, second = encode(seconds=1.0), encode(epoch=2, seconds=1.0, size=(160, 128))
    for packet in first[:12]:
        out += transcoder.transcode(packet, packet.received_monotonic_s)
    masks.now = LOWER
    for packet in (*first[12:], *second):
        out += transcoder.transcode(packet, packet.received_monotonic_s)
    transcoder.close()
    starts = [out[0], *(packet for before, packet in pairwise(out) if before.epoch != packet.epoch)]
    assert len(starts) == 3
    assert all(packet.is_keyframe for packet in starts)
    pictures = decoded(out)
    assert len(pictures) == len(out) >= len(first) + len(second) - 4
    for packet, picture in zip(out, pictures, strict=True):
        in_force = UPPER if packet.epoch == out[0].epoch else LOWER
        off = np.abs(covered_luma(picture, in_force) - GREY)
        assert off.max() <= EDGE_TOLERANCE
        assert off.mean() <= 1


def test_key_frames_come_by_time(encode: Encode) -> None:
    """Every two seconds of the stream's clock, whatever its rate."""
    transcoder = MaskTranscoder(StreamRole.MAIN, CurrentMasks(UPPER), AV_CODECS)
    packets = encode(seconds=5.0, fps=10, gop=50)
    out = [masked for packet in packets for masked in transcoder.transcode(packet, packet.received_monotonic_s)]
    times = [packet.media_time_s for packet in out if packet.is_keyframe]
    assert np.diff(times) == pytest.approx([2.0, 2.0], abs=0.11)
    transcoder.close()


def test_the_first_picture_is_shown_at_once_and_old_ones_are_skipped() -> None:
    """A cached group of pictures gives its key frame now, then what is live in an epoch of its own."""
    transcoder = MaskTranscoder(StreamRole.MAIN, CurrentMasks(UPPER), FAKE_CODECS)
    packets = list(PacketSequence(100, gop=100))
    now_s = packets[-1].received_monotonic_s
    out = [masked for packet in packets for masked in transcoder.transcode(packet, now_s)]
    assert (out[0].pts, out[1].pts) == (packets[0].pts, packets[87].pts)
    assert out[0].epoch < out[1].epoch
    assert [packet.is_keyframe for packet in out[:3]] == [True, True, False]
    assert transcoder.skipped_count == 86


def test_a_gap_is_bridged_at_the_next_key_frame() -> None:
    """Packets that were dropped on the way leave no torn picture."""
    transcoder = MaskTranscoder(StreamRole.MAIN, CurrentMasks(UPPER), FAKE_CODECS)
    packets = [packet for packet in PacketSequence(40, gop=10) if not 14 <= packet.sequence <= 16]
    out = [masked.pts for packet in packets for masked in transcoder.transcode(packet, packet.received_monotonic_s)]
    assert out == [packet.pts for packet in packets if not 11 < packet.sequence <= 20 or packet.sequence < 14]


def test_an_encoder_refuses_what_is_no_decoded_picture() -> None:
    """It cannot know whether such a picture is covered."""
    with pytest.raises(EncodeFailed):
        AvEncoder(4, 2).encode(ARRAY_PICTURE, 0, is_keyframe=True)


class Stage:
    """A feed with its parts within reach."""

    def __init__(self, masks: MaskSet | None, codecs=FAKE_CODECS) -> None:
        self.clock = ManualClock()
        self.masks = CurrentMasks(masks)
        self.unmasked = PacketFanout()
        self.stream = MaskedStream(self.unmasked, StreamRole.MAIN, self.masks, codecs, self.clock)
        self.feed = PictureFeed(self.unmasked, self.masks, self.stream, codecs)
        self.seen: list[Packet] = []
        self.camera = [replace(packet, received_monotonic_s=0.0) for packet in PacketSequence(400)]

    def look(self) -> Subscription:
        """A viewer whose packets end up in `seen`."""
        subscription, gop = self.feed.subscribe(self.seen.append)
        self.seen.extend(gop)
        return subscription

    def publish(self, count: int) -> list[Packet]:
        """The camera's next packets."""
        sent, self.camera = self.camera[:count], self.camera[count:]
        for packet in sent:
            self.unmasked.publish(packet)
        return sent


def eventually(condition: Callable[[], bool]) -> None:
    due = monotonic() + 20
    while not condition():
        assert monotonic() < due, "it did not come about in time"
        sleep(0.005)


@pytest.fixture
def stage():
    stages: list[Stage] = []

    def make(masks: MaskSet | None, **options: object) -> Stage:
        stages.append(Stage(masks, **options))
        return stages[-1]

    yield make
    for made in stages:
        made.feed.close()


def test_without_masks_the_camera_is_passed_through(stage) -> None:
    """Nothing is decoded or encoded for a view of a camera that hides nothing."""
    scene = stage(NO_MASKS)
    sent = scene.publish(5)
    scene.look()
    sent += scene.publish(5)
    assert scene.seen == sent
    assert scene.feed.route is Route.DIRECT
    assert not scene.stream.is_encoding


def test_no_packet_of_the_camera_passes_once_masks_are_set(stage) -> None:
    """Who listened already hears nothing more, and who subscribes now gets the masked encode."""
    scene = stage(NO_MASKS)
    scene.publish(5)
    scene.feed.subscribe(scene.seen.append)
    scene.masks.now = UPPER
    scene.publish(5)
    assert scene.seen == []
    scene.look()
    scene.publish(5)
    eventually(lambda: len(scene.seen) > 5)
    assert all(packet.data.startswith(b"ArrayPicture") for packet in scene.seen)


@pytest.mark.parametrize("act", ["subscribe", "prepare", "still"])
def test_unknown_masks_show_nothing(stage, act: str) -> None:
    """No view, no snapshot: the refusal has a code of its own."""
    scene = stage(None)
    scene.publish(5)
    with pytest.raises(MasksUnavailable):
        getattr(scene.feed, act)(*([scene.seen.append] if act == "subscribe" else []))
    assert scene.feed.route is Route.CLOSED


def test_one_encode_serves_all_viewers_and_ends_after_the_last(stage) -> None:
    """It starts with the first viewer, is shared, and lingers a while for those who come back."""
    scene = stage(UPPER)
    scene.publish(5)
    views = [scene.look() for _ in range(3)]
    eventually(lambda: len(scene.seen) >= 3)
    assert scene.unmasked.subscriber_count == 1
    for view in views:
        view.close()
    scene.clock.advance(LINGER_S / 2)
    sleep(0.6)
    assert scene.stream.is_encoding
    scene.clock.advance(LINGER_S)
    eventually(lambda: not scene.stream.is_encoding)
    eventually(lambda: scene.unmasked.subscriber_count == 0)


def test_a_late_viewer_joins_the_running_group_of_pictures(stage) -> None:
    """From its key frame, and nothing of an encode that has ended."""
    scene = stage(UPPER)
    scene.publish(5)
    scene.look()
    eventually(lambda: len(scene.seen) >= 5)
    _, gop = scene.feed.subscribe(lambda _: None)
    assert gop[0].is_keyframe


def test_a_removed_camera_ends_its_encode(stage) -> None:
    """Whoever still looks."""
    scene = stage(UPPER)
    scene.feed.subscribe(scene.seen.append)
    assert scene.stream.is_encoding
    scene.feed.close()
    assert not scene.stream.is_encoding


def test_a_lifted_feed_ends_with_its_time(stage) -> None:
    """The camera's own packets past the masks, and none any more from the last second on."""
    scene = stage(UPPER)
    lifted = scene.feed.lifted(scene.clock, 60)
    lifted.subscribe(scene.seen.append)
    sent = scene.publish(3)
    scene.clock.advance(60)
    scene.publish(3)
    assert scene.seen == sent
    assert lifted.route is Route.CLOSED
    with pytest.raises(MasksUnavailable):
        lifted.subscribe(scene.seen.append)


def test_a_lifted_feed_shows_nothing_while_masks_are_not_known(stage) -> None:
    """An approval is about known masks."""
    scene = stage(UPPER)
    lifted = scene.feed.lifted(scene.clock, 60)
    lifted.subscribe(scene.seen.append)
    assert lifted.route is Route.LIFTED
    scene.masks.now = None
    scene.publish(3)
    assert scene.seen == []
    with pytest.raises(MasksUnavailable):
        lifted.prepare()


def test_a_still_is_covered(stage, encode: Encode) -> None:
    """Snapshots come from the cached key frame, through the same painter."""
    scene = stage(UPPER, codecs=AV_CODECS)
    assert scene.feed.still() is None
    for packet in encode(seconds=0.4):
        scene.unmasked.publish(packet)
    frame = scene.feed.still()
    assert frame is not None
    assert (covered_luma(frame.picture, UPPER) == GREY).all()
