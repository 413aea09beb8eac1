"""Which of a camera's pictures the GPU decodes, and who decodes them when it does not.

No test has a GPU: what stands for one is the decoder of the processor, made to refuse or to fail as a GPU does. What is
real is this machine's refusal (`test_a_machine_without_a_gpu…`), which needs no pretence.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import av
import pytest

from ingest.annexb import nal_units
from ingest.av_decoder import AvDecoder
from ingest.av_gpu_decoder import codecs_for
from ingest.camera import Camera, CameraId, StreamProfile, StreamRole
from ingest.clock import SystemClock
from ingest.decode_place import GpuRefusal, GpuRefused
from ingest.errors import SourceEnded
from ingest.file_source import FileOpener
from ingest.frame import Frame
from ingest.gpu_budget import GpuBudget, format_of
from ingest.gpu_decoder import FAILURES_TO_LEAVE, RETRY_S, DecoderMakers, GpuDecoder
from ingest.mask import NO_MASKS, CurrentMasks, MaskSet
from ingest.packet import Codec, Packet
from ingest.settings import IngestSettings
from tests.conftest import MakeClip

_UPPER = MaskSet(1, (((0.0, 0.0), (1.0, 0.0), (1.0, 0.5), (0.0, 0.5)),))
_AMPLE = 1 << 40
_IDR = 5  # Rec. ITU-T H.264 table 7-1


class _Gpu:
    """A GPU that decodes until it is told otherwise; it knows how many streams it has."""

    def __init__(self, sessions: int = 99) -> None:
        self.sessions = sessions
        self.open = 0
        self.is_absent = False
        self.is_broken = False

    def makers(self) -> DecoderMakers:
        return DecoderMakers(lambda masks: _GpuSession(self, masks), AvDecoder)


class _GpuSession:
    """Implements `Decoder`; marks what it decodes by a sequence that is negative."""

    def __init__(self, gpu: _Gpu, masks: CurrentMasks) -> None:
        self._gpu = gpu
        self._decoder = AvDecoder(masks)
        self._is_open = False
        self._refused = 0

    @property
    def failed_count(self) -> int:
        return self._decoder.failed_count + self._refused

    def decode(self, packet: Packet) -> Sequence[Frame]:
        if self._gpu.is_absent:
            raise GpuRefused(GpuRefusal.ABSENT)
        if not self._is_open and self._gpu.open < self._gpu.sessions:
            self._is_open = True
            self._gpu.open += 1
        if not self._is_open or self._gpu.is_broken:
            self._refused += 1
            return ()
        return [replace(frame, sequence=-frame.sequence) for frame in self._decoder.decode(packet)]

    def decode_alone(self, packet: Packet) -> Sequence[Frame]:
        return self.decode(packet)

    def close(self) -> None:
        self._gpu.open -= self._is_open
        self._is_open = False


@pytest.fixture
def packets(make_clip: MakeClip) -> Callable[..., list[Packet]]:
    """Two seconds, 50 packets, a key frame in ten."""

    def read(epoch: int = 1, **options: object) -> list[Packet]:
        made = make_clip(**({"seconds": 2.0, "gop": 10} | options))
        return _read(made, epoch)

    return read


def _read(clip: Path, epoch: int) -> list[Packet]:
    profile = StreamProfile(StreamRole.MAIN, f"file:{clip}")
    camera = Camera(CameraId("cam"), "Gate", (profile,))
    source, found = FileOpener(SystemClock(), realtime=False).open(camera, profile, epoch), []
    try:
        for packet in source.packets():
            assert isinstance(packet, Packet)
            found.append(replace(packet, received_monotonic_s=packet.media_time_s))
    except SourceEnded:
        source.close()
    return found


def _decoder(gpu: _Gpu, budget: GpuBudget | None = None, masks: CurrentMasks | None = None) -> GpuDecoder:
    return GpuDecoder(masks or CurrentMasks(NO_MASKS), gpu.makers(), budget or GpuBudget(_AMPLE))


def _sequences(decoder: GpuDecoder, packets: Sequence[Packet]) -> list[int]:
    return [frame.sequence for packet in packets for frame in decoder.decode(packet)]


def test_the_gpu_decodes_what_it_takes(packets: Callable[..., list[Packet]]) -> None:
    """Every picture comes from it, its memory is spoken for, and given back at the end."""
    budget, read = GpuBudget(_AMPLE), packets()
    decoder = _decoder(_Gpu(), budget)
    assert _sequences(decoder, read) == [-packet.sequence for packet in read]
    assert decoder.place.on_gpu
    assert decoder.place.gpu_bytes == budget.used_bytes > 0
    decoder.close()
    assert budget.used_bytes == 0


def test_the_key_frame_that_the_gpu_refuses_is_not_lost(packets: Callable[..., list[Packet]]) -> None:
    """The processor decodes it at once: no picture is missing, none counts as failed, and the cause is told."""
    budget, read = GpuBudget(_AMPLE), packets()
    decoder = _decoder(_Gpu(sessions=0), budget)
    assert _sequences(decoder, read) == [packet.sequence for packet in read]
    assert (decoder.place.refusal, decoder.failed_count) == (GpuRefusal.FORMAT, 0)
    assert budget.used_bytes == 0


def test_a_refusal_of_what_it_decodes_for_another_is_of_the_number(packets: Callable[..., list[Packet]]) -> None:
    """One session: the second camera of the same format finds the GPU full, not unable."""
    gpu, budget, read = _Gpu(sessions=1), GpuBudget(_AMPLE), packets()
    first, second = _decoder(gpu, budget), _decoder(gpu, budget)
    _sequences(first, read[:5])
    assert _sequences(second, read) == [packet.sequence for packet in read]
    assert second.place.refusal is GpuRefusal.FULL
    assert first.place.on_gpu


def test_a_refused_stream_is_offered_again(packets: Callable[..., list[Packet]]) -> None:
    """Not at the next key frame, but after a while, and at once in a new epoch."""
    gpu, read = _Gpu(sessions=0), packets()
    decoder = _decoder(gpu)
    _sequences(decoder, read[:15])
    gpu.sessions = 1
    assert min(_sequences(decoder, read[20:30])) > 0
    late = [replace(packet, received_monotonic_s=packet.received_monotonic_s + RETRY_S + 1) for packet in read[30:40]]
    assert max(_sequences(decoder, late)) < 0
    anew = _decoder(_Gpu(sessions=0))
    _sequences(anew, read[:5])
    assert anew.place.refusals == {GpuRefusal.FORMAT: 1}
    _sequences(anew, [replace(packet, epoch=2) for packet in read])
    assert anew.place.refusals == {GpuRefusal.FORMAT: 2}


def test_damage_is_no_refusal(packets: Callable[..., list[Packet]]) -> None:
    """A first key frame that the processor cannot decode either is counted once, and the GPU keeps the stream."""
    read = packets()
    picture = next(unit for unit in nal_units(Codec.H264, read[0].data) if unit.type == _IDR)
    broken = replace(read[0], data=read[0].data[: picture.start + 2])
    decoder = _decoder(_Gpu())
    assert _sequences(decoder, [broken]) == []
    assert decoder.failed_count == 1
    assert max(_sequences(decoder, read[10:])) < 0
    assert decoder.place.on_gpu


def test_a_masked_camera_is_decoded_by_the_processor(packets: Callable[..., list[Packet]]) -> None:
    """From the first mask on no picture of the GPU comes out; when the last is gone the GPU has it again."""
    masks, read = CurrentMasks(NO_MASKS), packets()
    decoder = _decoder(_Gpu(), masks=masks)
    assert max(_sequences(decoder, read[:5])) < 0
    masks.now = _UPPER
    assert _sequences(decoder, read[5:20]) == [packet.sequence for packet in read[10:20]]
    assert (decoder.place.on_gpu, decoder.place.refusal) == (False, GpuRefusal.MASKED)
    assert decoder.place.refusals == {GpuRefusal.MASKED: 1}
    masks.now = NO_MASKS
    assert max(_sequences(decoder, read[20:30])) < 0
    masks.now = None
    assert _sequences(decoder, read[30:40]) == []


def test_a_gpu_that_breaks_is_left(packets: Callable[..., list[Packet]]) -> None:
    """After so many failures in a row; the processor goes on from the next key frame."""
    gpu, read = _Gpu(), packets(seconds=4.0)
    decoder = _decoder(gpu)
    _sequences(decoder, read[:5])
    gpu.is_broken = True
    told = _sequences(decoder, read[5:])
    assert told == [packet.sequence for packet in read[30:]]
    assert decoder.place.refusal is GpuRefusal.BROKEN
    assert decoder.failed_count == FAILURES_TO_LEAVE


def test_the_budget_limits_how_many_the_gpu_gets(packets: Callable[..., list[Packet]]) -> None:
    """The stream that no longer fits is decoded by the processor, and fits once another has gone."""
    read = packets()
    kind = format_of(read[0])
    assert kind is not None
    budget = GpuBudget(2 * kind.size_bytes - 1)
    first, second = _decoder(_Gpu(), budget), _decoder(_Gpu(), budget)
    _sequences(first, read[:5])
    assert min(_sequences(second, read)) > 0
    assert second.place.refusal is GpuRefusal.BUDGET
    first.close()
    assert max(_sequences(second, [replace(packet, epoch=2) for packet in read])) < 0


def test_the_format_is_read_from_the_key_frame(packets: Callable[..., list[Packet]]) -> None:
    """Size and depth come from the parameter sets; a picture of 1080p is reckoned at 16 pictures and a session."""
    kind = format_of(packets(size=(320, 192))[0])
    assert kind is not None
    assert (kind.width, kind.height, kind.samples.luma_depth) == (320, 192, 8)
    assert replace(kind, width=1920, height=1080).size_bytes == (16 << 20) + 16 * 3_110_400
    assert format_of(packets(codec="mjpeg", seconds=1.0)[0]) is None


@pytest.mark.skipif("cuda" not in av.codec.hwaccel.hwdevices_available(), reason="libav knows no CUDA")
def test_a_machine_without_a_gpu_decodes_all_the_same(packets: Callable[..., list[Packet]]) -> None:
    """The real decoders of a node that asks for the GPU: every picture comes out, wherever it was decoded."""
    codecs = codecs_for(IngestSettings(gpu_decoding=True))
    assert codecs.analysed_decoder is not None
    decoder, read = codecs.analysed_decoder(CurrentMasks(NO_MASKS)), packets()
    assert isinstance(decoder, GpuDecoder)
    assert _sequences(decoder, read)[-1] >= read[-3].sequence
    assert decoder.place.on_gpu or decoder.place.refusal is GpuRefusal.ABSENT
    assert codecs_for(IngestSettings()).analysed_decoder is None
