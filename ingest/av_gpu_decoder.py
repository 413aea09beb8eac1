"""Decoding by NVDEC with PyAV: pictures stay in the memory of the GPU (`HWAccel(is_hw_owned=True)`)."""

import av
import av.error
from av.codec.hwaccel import HWAccel
from av.video.codeccontext import VideoCodecContext

from ingest.av_decoder import AvDecoder, new_context
from ingest.av_encoder import AvEncoder
from ingest.decode_place import GpuRefusal, GpuRefused
from ingest.encoder import Codecs
from ingest.gpu_budget import GpuBudget
from ingest.gpu_decoder import DecoderMakers, GpuDecoder
from ingest.mask import CurrentMasks
from ingest.packet import Codec
from ingest.settings import IngestSettings


def gpu_context(codec: Codec) -> VideoCodecContext:
    """A codec that decodes on the first GPU or not at all: who falls back must know it, to count and to tell it.

    Raises:
        GpuRefused: ABSENT without a usable GPU, FORMAT where libav has no such decoder.

    """
    device = HWAccel("cuda", is_hw_owned=True, allow_software_fallback=False)
    try:
        return new_context(codec, device)
    except RuntimeError as error:  # of the kind that PyAV raises for a codec without a decoder on that device
        raise GpuRefused(GpuRefusal.FORMAT, str(error)) from error
    except (av.error.FFmpegError, MemoryError) as error:
        raise GpuRefused(GpuRefusal.ABSENT, str(error)) from error


def codecs_for(settings: IngestSettings) -> Codecs:
    """The codecs of a real node. What is encoded again is decoded on the processor; what is analysed, as the site asks.

    One budget serves all cameras that share these codecs.
    """
    if not settings.gpu_decoding:
        return Codecs(AvDecoder, AvEncoder)
    budget = GpuBudget(settings.gpu_memory_mib << 20)
    makers = DecoderMakers(lambda masks: AvDecoder(masks, gpu_context), AvDecoder)

    def analysed(masks: CurrentMasks) -> GpuDecoder:
        return GpuDecoder(masks, makers, budget)

    return Codecs(AvDecoder, AvEncoder, analysed)
