"""What a sequence parameter set tells: how a size change is noticed, and a stream described, before any decoding."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from ingest.nal_bits import NalBits
from ingest.packet import Codec

# Rec. ITU-T H.264 7.3.2.1.1: profiles whose SPS tells the chroma format.
_HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_YUV_444 = 3
_EXTENDED_ASPECT_RATIO = 255
# Cameras write nonsense like 90000 pictures per second; nothing real is above this.
_MAX_FRAME_RATE = 240
_BASELINE = 66
T = TypeVar("T")
_CONSTRAINED = 0x40  # constraint_set1_flag
# The names that FFmpeg gives to profiles, by profile_idc (H.264 annex A, H.265 annex A).
_H264_PROFILES = {
    66: "Baseline",
    77: "Main",
    88: "Extended",
    100: "High",
    110: "High 10",
    122: "High 4:2:2",
    244: "High 4:4:4 Predictive",
}
_H265_PROFILES = {1: "Main", 2: "Main 10", 3: "Main Still Picture", 4: "Rext"}


@dataclass(frozen=True, slots=True)
class Sequence:
    """Size in pixels after cropping; `frame_rate` per second and `profile` are None where the set does not tell.

    `reordering` is how many pictures may be decoded before one that is shown earlier: 0 without B-frames, None where
    it is not told.
    """

    width: int
    height: int
    profile: str | None = None
    frame_rate: float | None = None
    reordering: int | None = None


def picture_size(codec: Codec, sps: bytes) -> tuple[int, int]:
    """Width and height in pixels after cropping. `sps` is the NAL unit with its header.

    Raises:
        ValueError: not a well-formed parameter set.

    """
    sequence = read_sequence(codec, sps)
    return sequence.width, sequence.height


def read_sequence(codec: Codec, sps: bytes) -> Sequence:
    """All that is looked for. `sps` is the NAL unit with its header.

    Raises:
        ValueError: not a well-formed parameter set, up to the picture size at least.

    """
    bits = NalBits(sps)
    if codec is Codec.H265:
        width, height = _h265_size(bits)
        return Sequence(width, height, _H265_PROFILES.get(sps[3] & 0x1F), None, _told(_h265_reordering, bits))
    width, height = _h264_size(bits)
    profile = _H264_PROFILES.get(sps[1])
    if sps[1] == _BASELINE and sps[2] & _CONSTRAINED:
        profile = "Constrained Baseline"
    has_usability = _told(lambda bits: bits.take(1), bits)
    rate = _told(_h264_frame_rate, bits) if has_usability else None
    reordering = _told(_h264_reordering, bits) if has_usability else None
    return Sequence(width, height, profile, rate, reordering)


@dataclass(frozen=True, slots=True)
class SampleFormat:
    """How a picture's samples are kept: `chroma_format` 1 is 4:2:0 (H.264 table 6-1), depths are bits per sample."""

    chroma_format: int
    luma_depth: int
    chroma_depth: int


@dataclass(frozen=True, slots=True)
class Planes:
    """How an H.264 picture's planes are coded: together, or each as a picture of its own."""

    chroma_format: int
    are_separate: bool


@dataclass(frozen=True, slots=True)
class PictureOrder:
    """How H.264 slices tell their picture order count (8.2.1): its kind, the bits of the count itself for kind 0.

    `is_told` is whether slices tell anything of it.
    """

    kind: int
    bits: int
    is_told: bool


@dataclass(frozen=True, slots=True)
class H265Frame:
    """What an H.265 sequence parameter set begins with: its id, sub-layers beside the first, planes, size uncropped.

    `crop` is left, right, top and bottom in units of `_crop_units`.
    """

    number: int
    layers: int
    chroma_format: int
    are_planes_separate: bool
    width: int
    height: int
    crop: tuple[int, ...]


def sample_format(codec: Codec, sps: bytes) -> SampleFormat:
    """Chroma format and bit depths. `sps` is the NAL unit with its header.

    Raises:
        ValueError: not a well-formed parameter set.

    """
    bits = NalBits(sps)
    if codec is Codec.H265:
        chroma_format = read_h265_frame(bits).chroma_format
        return SampleFormat(chroma_format, 8 + bits.unsigned(), 8 + bits.unsigned())
    bits.take(8)  # NAL unit header
    profile = bits.take(8)
    bits.take(16)  # constraint flags, level
    bits.unsigned()  # id
    if profile not in _HIGH_PROFILES:
        return SampleFormat(1, 8, 8)
    chroma_format = bits.unsigned()
    if chroma_format == _YUV_444:
        bits.take(1)  # separate_colour_plane_flag
    return SampleFormat(chroma_format, 8 + bits.unsigned(), 8 + bits.unsigned())


def _h264_size(bits: NalBits) -> tuple[int, int]:
    """Rec. ITU-T H.264 7.3.2.1.1 up to the cropping window, sizes by 7.4.2.1.1."""
    bits.take(8)  # NAL unit header
    profile = bits.take(8)
    bits.take(16)  # constraint flags, level
    bits.unsigned()  # id
    chroma_format = read_h264_planes(bits, profile).chroma_format
    bits.unsigned()  # log2_max_frame_num_minus4
    read_h264_order(bits)
    bits.unsigned()  # max_num_ref_frames
    bits.take(1)  # gaps_in_frame_num_value_allowed_flag
    macroblocks_wide = bits.unsigned() + 1
    map_units_high = bits.unsigned() + 1
    frame_macroblocks_only = bits.take(1)
    if not frame_macroblocks_only:
        bits.take(1)  # mb_adaptive_frame_field_flag
    bits.take(1)  # direct_8x8_inference_flag
    crop = [bits.unsigned() for _ in range(4)] if bits.take(1) else [0, 0, 0, 0]
    fields = 2 - frame_macroblocks_only
    across, down = _crop_units(chroma_format)
    width = 16 * macroblocks_wide - across * (crop[0] + crop[1])
    height = 16 * map_units_high * fields - down * fields * (crop[2] + crop[3])
    return _positive(width, height)


def _told(read: Callable[[NalBits], T], bits: NalBits) -> T | None:
    """What stands behind the size is a comfort: a set that ends before it, or is damaged there, does not tell."""
    try:
        return read(bits)
    except ValueError:
        return None


def _h264_frame_rate(bits: NalBits) -> float | None:
    """Rec. ITU-T H.264 E.1.1 up to the timing; two ticks are a frame (table E-6)."""
    if bits.take(1) and bits.take(8) == _EXTENDED_ASPECT_RATIO:
        bits.take(32)
    if bits.take(1):
        bits.take(1)  # overscan_appropriate_flag
    if bits.take(1):
        bits.take(4)  # video_format, video_full_range_flag
        if bits.take(1):
            bits.take(24)  # colour description
    if bits.take(1):
        bits.unsigned()  # chroma sample location, top and bottom
        bits.unsigned()
    if not bits.take(1):
        return None
    ticks, scale = bits.take(32), bits.take(32)
    bits.take(1)  # fixed_frame_rate_flag
    rate = scale / (2 * ticks) if ticks else 0.0
    return rate if 0 < rate <= _MAX_FRAME_RATE else None


def _h264_reordering(bits: NalBits) -> int | None:
    """Rec. ITU-T H.264 E.1.1 behind the timing."""
    has_hrd = False
    for _ in range(2):  # of the NAL units, of the slices
        if bits.take(1):
            has_hrd = True
            _skip_h264_hrd(bits)
    if has_hrd:
        bits.take(1)  # low_delay_hrd_flag
    bits.take(1)  # pic_struct_present_flag
    if not bits.take(1):
        return None
    bits.take(1)  # motion_vectors_over_pic_boundaries_flag
    for _ in range(4):
        bits.unsigned()
    return bits.unsigned()


def _skip_h264_hrd(bits: NalBits) -> None:
    """Rec. ITU-T H.264 E.1.2."""
    count = bits.unsigned() + 1
    bits.take(8)
    for _ in range(min(count, 32)):
        bits.unsigned()
        bits.unsigned()
        bits.take(1)
    bits.take(20)


def read_h264_planes(bits: NalBits, profile: int) -> Planes:
    """Rec. ITU-T H.264 7.3.2.1.1 behind seq_parameter_set_id, up to the scaling matrices.

    Raises:
        ValueError: the set ends before.

    """
    if profile not in _HIGH_PROFILES:
        return Planes(1, are_separate=False)
    chroma_format = bits.unsigned()
    are_separate = chroma_format == _YUV_444 and bool(bits.take(1))
    bits.unsigned()  # bit_depth_luma_minus8
    bits.unsigned()  # bit_depth_chroma_minus8
    bits.take(1)  # qpprime_y_zero_transform_bypass_flag
    if bits.take(1):
        small, large = 6, 2 if chroma_format != _YUV_444 else 6
        for size in [16] * small + [64] * large:
            if bits.take(1):
                _skip_scaling_list(bits, size)
    return Planes(chroma_format, are_separate)


def _skip_scaling_list(bits: NalBits, size: int) -> None:
    """Rec. ITU-T H.264 7.3.2.1.1.1."""
    scale = following = 8
    for _ in range(size):
        if following:
            following = (scale + bits.signed()) % 256
        scale = following or scale


def read_h264_order(bits: NalBits) -> PictureOrder:
    """Rec. ITU-T H.264 7.3.2.1.1 from pic_order_cnt_type on.

    Raises:
        ValueError: the set ends before.

    """
    kind = bits.unsigned()
    if kind == 0:
        return PictureOrder(kind, bits.unsigned() + 4, is_told=True)
    if kind != 1:
        return PictureOrder(kind, 0, is_told=False)
    is_told = not bits.take(1)  # delta_pic_order_always_zero_flag
    bits.signed()
    bits.signed()
    for _ in range(min(bits.unsigned(), 255)):
        bits.signed()
    return PictureOrder(kind, 0, is_told)


def _h265_size(bits: NalBits) -> tuple[int, int]:
    """Sizes by Rec. ITU-T H.265 7.4.3.2.1."""
    frame = read_h265_frame(bits)
    across, down = _crop_units(frame.chroma_format)
    left, right, top, bottom = frame.crop
    return _positive(frame.width - across * (left + right), frame.height - down * (top + bottom))


def read_h265_frame(bits: NalBits) -> H265Frame:
    """Rec. ITU-T H.265 7.3.2.2.1 up to the conformance window.

    Raises:
        ValueError: the set ends before.

    """
    bits.take(16)  # NAL unit header
    bits.take(4)  # VPS id
    layers = bits.take(3)
    bits.take(1)  # temporal_id_nesting_flag
    _skip_profile_tier_level(bits, layers)
    number = bits.unsigned()
    chroma_format = bits.unsigned()
    are_separate = chroma_format == _YUV_444 and bool(bits.take(1))
    width, height = bits.unsigned(), bits.unsigned()
    crop = tuple(bits.unsigned() for _ in range(4)) if bits.take(1) else (0, 0, 0, 0)
    return H265Frame(number, layers, chroma_format, are_separate, width, height, crop)


def _h265_reordering(bits: NalBits) -> int:
    """Rec. ITU-T H.265 7.3.2.2.1 behind the conformance window, of the first sub-layer told."""
    for _ in range(3):
        bits.unsigned()  # bit depths, log2_max_pic_order_cnt_lsb_minus4
    bits.take(1)  # sps_sub_layer_ordering_info_present_flag: the first entry stands for all, or is the lowest one's
    bits.unsigned()  # sps_max_dec_pic_buffering_minus1
    return bits.unsigned()


def _skip_profile_tier_level(bits: NalBits, layers: int) -> None:
    """Rec. ITU-T H.265 7.3.3: 88 bits of profile, 8 of level, then what each sub-layer adds."""
    bits.take(96)
    present = [(bits.take(1), bits.take(1)) for _ in range(layers)]
    if layers:
        bits.take(2 * (8 - layers))
    for has_profile, has_level in present:
        bits.take(88 * has_profile + 8 * has_level)


def _crop_units(chroma_format: int) -> tuple[int, int]:
    """Pixels per cropping unit across and down: 4:2:0 halves both, 4:2:2 the width (H.264 table 6-1)."""
    return (2 if chroma_format in {1, 2} else 1, 2 if chroma_format == 1 else 1)


def _positive(width: int, height: int) -> tuple[int, int]:
    if width <= 0 or height <= 0:
        raise ValueError("the parameter set crops the whole picture away")
    return width, height
