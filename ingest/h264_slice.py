"""The quantiser in the header of an H.264 slice (Rec. ITU-T H.264 7.3.2.1.1, 7.3.2.2, 7.3.3; SliceQPY by 7-32)."""

from dataclasses import dataclass

from ingest.nal_bits import NalBits
from ingest.sps import PictureOrder, read_h264_order, read_h264_planes

_IDR_SLICE, _SPS = 5, 7  # table 7-1
_PREDICTED, _INTRA, _SLICE_TYPES = 0, 2, 5  # table 7-6; the types from 5 on say that all slices are alike
_END_OF_REORDERING, _END_OF_MARKING = 3, 0  # tables 7-7 and 7-9
_MARKING_VALUES = {3: 2, 5: 0}  # how many follow the operation; one follows all others


@dataclass(frozen=True, slots=True)
class _Sequence:
    """What a slice header needs of its sequence parameter set."""

    frame_number_bits: int
    order: PictureOrder
    is_interlaced: bool


@dataclass(frozen=True, slots=True)
class _PictureSet:
    """What a slice header needs of its picture parameter set."""

    sequence_id: int
    is_arithmetic: bool
    has_order_delta: bool
    reference_count: int
    is_weighted: bool
    quantiser: int
    has_redundancy: bool


class H264Slices:
    """Implements `SliceReader` but for B-slices, slice groups and pictures of single planes."""

    def __init__(self) -> None:
        self._sequences: dict[int, _Sequence] = {}
        self._pictures: dict[int, _PictureSet] = {}

    def learn(self, nal: bytes) -> None:
        """Remembers a parameter set."""
        bits = NalBits(nal)
        if bits.take(8) & 0x1F == _SPS:
            number, sequence = _sequence(bits)
            self._sequences[number] = sequence
        else:
            number, picture = _picture_set(bits)
            self._pictures[number] = picture

    def quantiser(self, nal: bytes) -> int | None:
        """SliceQPY of a slice, of which the beginning is enough."""
        bits = NalBits(nal)
        header = bits.take(8)
        bits.unsigned()  # first_mb_in_slice
        kind = bits.unsigned() % _SLICE_TYPES
        if kind not in {_PREDICTED, _INTRA}:
            return None
        picture = self._pictures[bits.unsigned()]
        is_idr, is_reference = header & 0x1F == _IDR_SLICE, header >> 5 & 3
        _skip_numbers(bits, self._sequences[picture.sequence_id], picture, is_idr=is_idr)
        if kind == _PREDICTED:
            _skip_references(bits, picture)
        if is_reference:
            _skip_marking(bits, is_idr=is_idr)
        if picture.is_arithmetic and kind == _PREDICTED:
            bits.unsigned()  # cabac_init_idc
        return picture.quantiser + bits.signed()


def _sequence(bits: NalBits) -> tuple[int, _Sequence]:
    """7.3.2.1.1 up to the picture order count and whether there are fields."""
    profile = bits.take(8)
    bits.take(16)  # constraint flags, level
    number = bits.unsigned()
    planes = read_h264_planes(bits, profile)
    if planes.are_separate or not planes.chroma_format:
        raise ValueError("slices of single planes are not read")
    frame_number_bits = bits.unsigned() + 4
    order = read_h264_order(bits)
    bits.unsigned()  # max_num_ref_frames
    bits.take(1)  # gaps_in_frame_num_value_allowed_flag
    bits.unsigned()  # width and height
    bits.unsigned()
    return number, _Sequence(frame_number_bits, order, is_interlaced=not bits.take(1))


def _picture_set(bits: NalBits) -> tuple[int, _PictureSet]:
    """7.3.2.2 but for the transform's part at its end."""
    number, sequence_id = bits.unsigned(), bits.unsigned()
    is_arithmetic, has_order_delta = bool(bits.take(1)), bool(bits.take(1))
    if bits.unsigned():
        raise ValueError("slice groups are not read")
    reference_count = bits.unsigned() + 1
    bits.unsigned()  # of the second list
    is_weighted = bool(bits.take(1))
    bits.take(2)  # weighted_bipred_idc
    quantiser = 26 + bits.signed()
    bits.signed()  # pic_init_qs_minus26
    bits.signed()  # chroma_qp_index_offset
    bits.take(2)  # deblocking_filter_control_present_flag, constrained_intra_pred_flag
    has_redundancy = bool(bits.take(1))
    told = (sequence_id, is_arithmetic, has_order_delta, reference_count, is_weighted, quantiser, has_redundancy)
    return number, _PictureSet(*told)


def _skip_numbers(bits: NalBits, sequence: _Sequence, picture: _PictureSet, *, is_idr: bool) -> None:
    """7.3.3 from frame_num to redundant_pic_cnt."""
    bits.take(sequence.frame_number_bits)
    is_field = sequence.is_interlaced and bits.take(1)
    if is_field:
        bits.take(1)  # bottom_field_flag
    if is_idr:
        bits.unsigned()  # idr_pic_id
    has_delta = picture.has_order_delta and not is_field
    bits.take(sequence.order.bits)
    told = has_delta + (sequence.order.kind == 1)
    for _ in range(told if sequence.order.is_told else 0):
        bits.signed()
    if picture.has_redundancy:
        bits.unsigned()


def _skip_references(bits: NalBits, picture: _PictureSet) -> None:
    """7.3.3, 7.3.3.1 and 7.3.3.2 of a predicted slice."""
    count = bits.unsigned() + 1 if bits.take(1) else picture.reference_count
    if bits.take(1):
        while bits.unsigned() != _END_OF_REORDERING:
            bits.unsigned()
    if picture.is_weighted:
        bits.unsigned()  # luma_log2_weight_denom; chroma is told of too, for no plane is separate
        bits.unsigned()
        for _ in range(count):
            for values in (2, 4):
                if bits.take(1):
                    for _ in range(values):
                        bits.signed()


def _skip_marking(bits: NalBits, *, is_idr: bool) -> None:
    """7.3.3.3."""
    if is_idr:
        bits.take(2)
    elif bits.take(1):
        while (operation := bits.unsigned()) != _END_OF_MARKING:
            for _ in range(_MARKING_VALUES.get(operation, 1)):
                bits.unsigned()
