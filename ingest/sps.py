"""What a sequence parameter set says of the pictures: how a size change is noticed before anything is decoded."""

from dataclasses import dataclass

from ingest.packet import Codec

# Rec. ITU-T H.264 7.3.2.1.1: profiles whose SPS tells the chroma format.
_HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135})
_YUV_444 = 3
_MAX_EXP_GOLOMB_ZEROS = 32


class _Bits:
    """Reads the bits of a NAL unit, emulation prevention bytes removed (H.264 7.4.1, H.265 7.4.2.1)."""

    def __init__(self, nal: bytes) -> None:
        payload = nal.replace(b"\x00\x00\x03", b"\x00\x00")
        self._value = int.from_bytes(payload, "big")
        self._left = len(payload) * 8

    def take(self, count: int) -> int:
        """The next `count` bits as a number."""
        if count > self._left:
            raise ValueError("the parameter set ends too early")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def unsigned(self) -> int:
        """An Exp-Golomb coded number (H.264 9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > _MAX_EXP_GOLOMB_ZEROS:
                raise ValueError("a number in the parameter set is too long")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """A signed Exp-Golomb coded number (H.264 9.1.1)."""
        code = self.unsigned()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def picture_size(codec: Codec, sps: bytes) -> tuple[int, int]:
    """Width and height in pixels after cropping. `sps` is the NAL unit with its header.

    Raises:
        ValueError: not a well-formed parameter set.

    """
    return _h264_size(_Bits(sps)) if codec is Codec.H264 else _h265_size(_Bits(sps))


@dataclass(frozen=True, slots=True)
class SampleFormat:
    """How a picture's samples are kept: `chroma_format` 1 is 4:2:0 (H.264 table 6-1), depths are bits per sample."""

    chroma_format: int
    luma_depth: int
    chroma_depth: int


def sample_format(codec: Codec, sps: bytes) -> SampleFormat:
    """Chroma format and bit depths. `sps` is the NAL unit with its header.

    Raises:
        ValueError: not a well-formed parameter set.

    """
    bits = _Bits(sps)
    if codec is Codec.H265:
        chroma_format = _h265_frame(bits)[0]
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


def _h264_size(bits: _Bits) -> tuple[int, int]:
    """Rec. ITU-T H.264 7.3.2.1.1 up to the cropping window, sizes by 7.4.2.1.1."""
    bits.take(8)  # NAL unit header
    profile = bits.take(8)
    bits.take(16)  # constraint flags, level
    bits.unsigned()  # id
    chroma_format = _h264_chroma(bits) if profile in _HIGH_PROFILES else 1
    bits.unsigned()  # log2_max_frame_num_minus4
    _skip_h264_order_count(bits)
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


def _h264_chroma(bits: _Bits) -> int:
    chroma_format = bits.unsigned()
    if chroma_format == _YUV_444:
        bits.take(1)  # separate_colour_plane_flag
    bits.unsigned()  # bit_depth_luma_minus8
    bits.unsigned()  # bit_depth_chroma_minus8
    bits.take(1)  # qpprime_y_zero_transform_bypass_flag
    if bits.take(1):
        small, large = 6, 2 if chroma_format != _YUV_444 else 6
        for size in [16] * small + [64] * large:
            if bits.take(1):
                _skip_scaling_list(bits, size)
    return chroma_format


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    """Rec. ITU-T H.264 7.3.2.1.1.1."""
    scale = following = 8
    for _ in range(size):
        if following:
            following = (scale + bits.signed()) % 256
        scale = following or scale


def _skip_h264_order_count(bits: _Bits) -> None:
    order_count_type = bits.unsigned()
    if order_count_type == 0:
        bits.unsigned()
    elif order_count_type == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _ in range(min(bits.unsigned(), 255)):
            bits.signed()


def _h265_size(bits: _Bits) -> tuple[int, int]:
    """Sizes by Rec. ITU-T H.265 7.4.3.2.1."""
    chroma_format, width, height, crop = _h265_frame(bits)
    across, down = _crop_units(chroma_format)
    return _positive(width - across * (crop[0] + crop[1]), height - down * (crop[2] + crop[3]))


def _h265_frame(bits: _Bits) -> tuple[int, int, int, list[int]]:
    """Rec. ITU-T H.265 7.3.2.2.1 up to the conformance window: chroma format, width, height, cropping."""
    bits.take(16)  # NAL unit header
    bits.take(4)  # VPS id
    layers = bits.take(3)
    bits.take(1)  # temporal_id_nesting_flag
    _skip_profile_tier_level(bits, layers)
    bits.unsigned()  # id
    chroma_format = bits.unsigned()
    if chroma_format == _YUV_444:
        bits.take(1)  # separate_colour_plane_flag
    width, height = bits.unsigned(), bits.unsigned()
    crop = [bits.unsigned() for _ in range(4)] if bits.take(1) else [0, 0, 0, 0]
    return chroma_format, width, height, crop


def _skip_profile_tier_level(bits: _Bits, layers: int) -> None:
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
