"""A camera's decoder that uses the GPU where that is possible, and the processor where it is not."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from ingest.decode_place import DecodePlace, GpuRefusal, GpuRefused
from ingest.decoder import Decoder
from ingest.frame import Frame
from ingest.gpu_budget import GpuBudget, GpuFormat, format_of
from ingest.mask import CurrentMasks
from ingest.packet import Codec, Packet

RETRY_S = 600.0
"""After so long, or in a new epoch, a stream that was refused is offered again: another camera may have gone."""
FAILURES_TO_LEAVE = 25
"""So many packets in a row that gave no picture but an error."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class DecoderMakers:
    """How decoders of the two kinds come about; that for the GPU raises `GpuRefused` at its first packet."""

    on_gpu: Callable[[CurrentMasks], Decoder]
    on_processor: Callable[[CurrentMasks], Decoder]


class GpuDecoder:
    """Implements `Decoder` and `Placed`. One thread uses it.

    A stream changes its place at a key frame only, and then without losing a picture: the key frame that the GPU
    refuses is decoded by the processor. A masked camera is decoded on the processor, for masks are painted there; one
    that gets its first mask shows nothing until its next key frame.
    """

    def __init__(self, masks: CurrentMasks, makers: DecoderMakers, budget: GpuBudget) -> None:
        self._masks = masks
        self._makers = makers
        self._budget = budget
        self._gpu: Decoder | None = None
        self._format: GpuFormat | None = None
        self._processor = makers.on_processor(masks)
        self._proved = False
        self._failures = 0
        self._failed_count = 0
        self._refused_epoch = -1
        self._retry_s = 0.0
        self._refusals: Counter[GpuRefusal] = Counter()
        self._place = DecodePlace()
        self._logged: GpuRefusal | None = None

    @property
    def place(self) -> DecodePlace:
        """Where it decodes now; replaced as a whole."""
        return self._place

    @property
    def failed_count(self) -> int:
        """Packets that could not be decoded so far, a GPU's refusal not counted."""
        return self._failed_count

    def decode(self, packet: Packet) -> Sequence[Frame]:
        """The frames that this packet completes."""
        return self._take(packet, alone=False)

    def decode_alone(self, packet: Packet) -> Sequence[Frame]:
        """The key frame's picture at once."""
        return self._take(packet, alone=True)

    def close(self) -> None:
        """Frees both codecs, and what was taken of the budget."""
        self._free()
        self._processor.close()

    def _take(self, packet: Packet, *, alone: bool) -> Sequence[Frame]:
        if self._gpu is not None and not self._masks.hides_nothing():
            self._leave(packet, GpuRefusal.MASKED)
        elif packet.is_keyframe:
            self._choose(packet)
        if self._gpu is None:
            return self._ask(self._processor, packet, alone=alone)
        try:
            frames = self._ask(self._gpu, packet, alone=alone)
        except GpuRefused as refused:
            self._leave(packet, refused.cause)
            return self._ask(self._processor, packet, alone=alone)
        return self._judged(packet, frames, alone=alone)

    def _ask(self, decoder: Decoder, packet: Packet, *, alone: bool) -> Sequence[Frame]:
        before = decoder.failed_count
        frames = decoder.decode_alone(packet) if alone else decoder.decode(packet)
        failed = decoder.failed_count - before
        self._failures = self._failures + failed if failed and not frames else 0
        self._failed_count += failed
        return frames

    def _choose(self, packet: Packet) -> None:
        """At a key frame: whether the GPU shall have the stream."""
        kind = format_of(packet)
        if self._gpu is not None:
            if kind in (self._format, None):
                return
            self._free()
        if not self._masks.hides_nothing():
            self._refuse(packet, GpuRefusal.MASKED)
        elif packet.epoch == self._refused_epoch and packet.received_monotonic_s < self._retry_s:
            return
        elif packet.codec is Codec.MJPEG:
            self._refuse(packet, GpuRefusal.FORMAT)
        elif kind is None:
            return  # damaged parameter sets: the next key frame tells
        elif not self._budget.take(kind.size_bytes):
            self._refuse(packet, GpuRefusal.BUDGET)
        else:
            self._gpu, self._format, self._proved = self._makers.on_gpu(self._masks), kind, False
            self._forget_earlier()
            self._place = DecodePlace(on_gpu=True, gpu_bytes=kind.size_bytes, refusals=dict(self._refusals))

    def _judged(self, packet: Packet, frames: Sequence[Frame], *, alone: bool) -> Sequence[Frame]:
        """What the GPU gave, or what the processor makes of a first key frame that the GPU failed at."""
        kind = self._format
        if frames and not self._proved and kind is not None:
            self._proved = True
            self._budget.note_works(kind)
            self._logged = None
            _log.info("decoding place", camera_id=packet.camera_id, on_gpu=True)
        elif not self._proved and self._failures and packet.is_keyframe:
            return self._tried_by_processor(packet, alone=alone)
        elif self._failures >= FAILURES_TO_LEAVE:
            self._leave(packet, GpuRefusal.BROKEN)
        return frames

    def _tried_by_processor(self, packet: Packet, *, alone: bool) -> Sequence[Frame]:
        """The same key frame once more: if the processor can decode it, the GPU has refused; else it is damaged."""
        before = self._failed_count
        frames = self._ask(self._processor, packet, alone=alone)
        if self._failed_count != before:
            self._failed_count = before  # one packet, counted once
            self._forget_earlier()
            return frames
        self._failed_count -= 1
        known = self._format is not None and self._budget.works(self._format)
        self._leave(packet, GpuRefusal.FULL if known else GpuRefusal.FORMAT)
        return frames

    def _leave(self, packet: Packet, cause: GpuRefusal) -> None:
        self._free()
        self._refuse(packet, cause)

    def _forget_earlier(self) -> None:
        """The processor must begin at a key frame when it is its turn again: nothing is predicted from before."""
        self._processor.close()
        self._processor = self._makers.on_processor(self._masks)

    def _free(self) -> None:
        if self._gpu is None:
            return
        self._gpu.close()
        self._budget.give_back(self._place.gpu_bytes)
        self._gpu, self._format, self._failures = None, None, 0
        self._place = DecodePlace(refusals=dict(self._refusals))

    def _refuse(self, packet: Packet, cause: GpuRefusal) -> None:
        if cause is GpuRefusal.MASKED:
            self._refused_epoch = -1  # without masks it is offered at once
            if self._place.refusal is cause:
                return
        else:
            self._refused_epoch, self._retry_s = packet.epoch, packet.received_monotonic_s + RETRY_S
        self._refusals[cause] += 1
        self._place = DecodePlace(refusal=cause, refusals=dict(self._refusals))
        if cause is not self._logged:  # asking again and again is no news
            self._logged = cause
            _log.info("decoding place", camera_id=packet.camera_id, on_gpu=False, cause=cause.value)
