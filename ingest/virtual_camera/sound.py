"""What a virtual camera lets hear: encoded sound with its times."""

from dataclasses import dataclass, field
from math import pi, sin

from ingest.audio import AudioCodec, AudioDescription
from ingest.virtual_camera.clip import CLOCK_RATE, AccessUnit

_G711_RATE = 8000
_G711_PACKET_SAMPLES = 160
_AMPLITUDE = 8000
_A_LAW_TOGGLE, _MU_LAW_BIAS, _MU_LAW_CLIP = 0x55, 0x84, 32635


@dataclass(frozen=True, slots=True)
class Sound:
    """Sound that can be looped. Each unit has one block of bytes in `nal_units`; times are those of a clip."""

    description: AudioDescription
    duration: int
    units: tuple[AccessUnit, ...] = field(repr=False)


def tone(codec: AudioCodec = AudioCodec.PCMA, pitch_hz: int = 400) -> Sound:
    """One second of a tone in G.711 (RFC 3551 clause 4.5.14), in packets of 20 ms.

    Raises:
        ValueError: the codec is not G.711.

    """
    if codec not in {AudioCodec.PCMA, AudioCodec.PCMU}:
        raise ValueError(f"a tone in {codec} cannot be made")
    encode = _a_law if codec is AudioCodec.PCMA else _mu_law
    samples = [round(_AMPLITUDE * sin(2 * pi * pitch_hz * at / _G711_RATE)) for at in range(_G711_RATE)]
    coded = bytes(encode(sample) for sample in samples)
    step = _G711_PACKET_SAMPLES * CLOCK_RATE // _G711_RATE
    blocks = [coded[at : at + _G711_PACKET_SAMPLES] for at in range(0, len(coded), _G711_PACKET_SAMPLES)]
    units = tuple(
        AccessUnit((block,), index * step, index * step, is_keyframe=True) for index, block in enumerate(blocks)
    )
    return Sound(AudioDescription(codec, _G711_RATE, 1), CLOCK_RATE, units)


def _a_law(sample: int) -> int:
    """ITU-T G.711 table 1: sign, segment and step of a 13-bit sample, even bits inverted."""
    magnitude, sign = (sample >> 3, 0x80) if sample >= 0 else ((-sample - 1) >> 3, 0)
    segment = max(0, magnitude.bit_length() - 5)
    step = magnitude >> max(1, segment) & 0xF
    return (sign | segment << 4 | step) ^ _A_LAW_TOGGLE


def _mu_law(sample: int) -> int:
    """ITU-T G.711 table 2: as A-law with a bias that makes the segments powers of two, all bits inverted."""
    sign, magnitude = (0x80, -sample) if sample < 0 else (0, sample)
    magnitude = min(magnitude, _MU_LAW_CLIP) + _MU_LAW_BIAS
    segment = magnitude.bit_length() - 8
    return ~(sign | segment << 4 | magnitude >> segment + 3 & 0xF) & 0xFF
