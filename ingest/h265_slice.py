"""The quantiser in the header of an H.265 slice (Rec. ITU-T H.265 7.3.2.2, 7.3.2.3, 7.3.6; SliceQpY by 7-54)."""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.nal_bits import NalBits
from ingest.sps import read_h265_frame

_IDR, _RANDOM_ACCESS, _SPS = frozenset({19, 20}), frozenset(range(16, 24)), 33  # table 7-1
_BIDIRECTIONAL, _PREDICTED, _INTRA = 0, 1, 2  # table 7-7
_MOST_SETS, _MOST_REFERENCES = 64, 16  # 7.4.3.2.1, 7.4.8


@dataclass(frozen=True, slots=True)
class _Sequence:
    """What a slice header needs of its sequence parameter set. `sets`: how many pictures each short-term set uses."""

    has_chroma: bool
    order_bits: int
    has_offsets: bool
    sets: tuple["_References", ...]
    long_term: tuple[bool, ...] | None  # for each that the set tells, whether it is used; None: there are none at all
    has_motion: bool


@dataclass(frozen=True, slots=True)
class _PictureSet:
    """What a slice header needs of its picture parameter set."""

    sequence_id: int
    has_output_flag: bool
    extra_bits: int
    has_initial_table: bool
    reference_counts: tuple[int, int]
    quantiser: int
    is_weighted: tuple[bool, bool]
    has_reordering: bool


@dataclass(frozen=True, slots=True)
class _References:
    """A short-term reference picture set: distances of the pictures before and after, and how many are used."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    used: int


class H265Slices:
    """Implements `SliceReader` for what cameras send: one layer, planes coded together."""

    def __init__(self) -> None:
        self._sequences: dict[int, _Sequence] = {}
        self._pictures: dict[int, _PictureSet] = {}

    def learn(self, nal: bytes) -> None:
        """Remembers a parameter set."""
        if nal[0] >> 1 & 0x3F == _SPS:
            number, sequence = _sequence(NalBits(nal))
            self._sequences[number] = sequence
        else:
            number, picture = _picture_set(NalBits(nal))
            self._pictures[number] = picture

    def quantiser(self, nal: bytes) -> int | None:
        """SliceQpY of a picture's first slice segment, of which the beginning is enough."""
        bits = NalBits(nal)
        unit = bits.take(16) >> 9
        if not bits.take(1):
            return None  # not the picture's first
        if unit in _RANDOM_ACCESS:
            bits.take(1)  # no_output_of_prior_pics_flag
        picture = self._pictures[bits.unsigned()]
        sequence = self._sequences[picture.sequence_id]
        bits.take(picture.extra_bits)
        kind = bits.unsigned()
        if picture.has_output_flag:
            bits.take(1)
        has_motion, used = (False, 0) if unit in _IDR else _skip_pictures(bits, sequence)
        if sequence.has_offsets:
            bits.take(1 + sequence.has_chroma)
        if kind in {_PREDICTED, _BIDIRECTIONAL}:
            _skip_prediction(bits, picture, _Prediction(kind == _BIDIRECTIONAL, has_motion, sequence.has_chroma, used))
        elif kind != _INTRA:
            raise ValueError("a slice of a kind that there is not")
        return picture.quantiser + bits.signed()


@dataclass(frozen=True, slots=True)
class _Prediction:
    is_both_ways: bool
    has_motion: bool
    has_chroma: bool
    used: int


def _sequence(bits: NalBits) -> tuple[int, _Sequence]:
    """7.3.2.2.1 up to sps_temporal_mvp_enabled_flag."""
    frame = read_h265_frame(bits)
    if frame.are_planes_separate:
        raise ValueError("slices of single planes are not read")
    bits.unsigned()  # bit depths
    bits.unsigned()
    order_bits = bits.unsigned() + 4
    tells_all = bits.take(1)  # sps_sub_layer_ordering_info_present_flag
    for _ in range(3 * (frame.layers + 1 if tells_all else 1)):
        bits.unsigned()
    for _ in range(6):  # sizes of blocks, depths of their trees
        bits.unsigned()
    if bits.take(1) and bits.take(1):
        _skip_scaling_lists(bits)
    bits.take(1)  # amp_enabled_flag
    has_offsets = bool(bits.take(1))
    if bits.take(1):  # pcm_enabled_flag
        bits.take(8)
        bits.unsigned()
        bits.unsigned()
        bits.take(1)
    sets: list[_References] = []
    for _ in range(_bounded(bits.unsigned(), _MOST_SETS)):
        sets.append(_reference_set(bits, sets, in_slice=False))
    long_term = None
    if bits.take(1):
        count = _bounded(bits.unsigned(), 2 * _MOST_REFERENCES)
        long_term = tuple(bool(bits.take(order_bits + 1) & 1) for _ in range(count))
    has_motion = bool(bits.take(1))
    return frame.number, _Sequence(frame.chroma_format > 0, order_bits, has_offsets, tuple(sets), long_term, has_motion)


def _reference_set(bits: NalBits, known: Sequence[_References], *, in_slice: bool) -> _References:
    """7.3.7, distances by 7-61 to 7-64; a set may be told by how it differs from an earlier one."""
    if known and bits.take(1):
        return _derived_set(bits, known, in_slice=in_slice)
    counts = [_bounded(bits.unsigned(), _MOST_REFERENCES) for _ in range(2)]
    used, sides = 0, []
    for count, sign in zip(counts, (-1, 1), strict=True):
        distance, distances = 0, []
        for _ in range(count):
            distance += sign * (bits.unsigned() + 1)
            used += bits.take(1)
            distances.append(distance)
        sides.append(tuple(distances))
    return _References(sides[0], sides[1], used)


def _derived_set(bits: NalBits, known: Sequence[_References], *, in_slice: bool) -> _References:
    back = bits.unsigned() + 1 if in_slice else 1
    if back > len(known):
        raise ValueError("a reference set that there is not")
    basis = known[-back]
    sign = bits.take(1)
    shift = (1 - 2 * sign) * (bits.unsigned() + 1)
    used, distances = 0, []
    for distance in (*basis.before, *basis.after, 0):
        is_used = bits.take(1)
        if is_used or bits.take(1):  # use_delta_flag
            used += is_used
            distances.append(distance + shift)
    before = tuple(sorted((one for one in distances if one < 0), reverse=True))
    return _References(before, tuple(sorted(one for one in distances if one > 0)), used)


def _picture_set(bits: NalBits) -> tuple[int, _PictureSet]:
    """7.3.2.3.1 up to lists_modification_present_flag."""
    bits.take(16)  # NAL unit header
    number, sequence_id = bits.unsigned(), bits.unsigned()
    bits.take(1)  # dependent_slice_segments_enabled_flag
    has_output_flag, extra_bits = bool(bits.take(1)), bits.take(3)
    bits.take(1)  # sign_data_hiding_enabled_flag
    has_initial_table = bool(bits.take(1))
    counts = (bits.unsigned() + 1, bits.unsigned() + 1)
    quantiser = 26 + bits.signed()
    bits.take(2)  # constrained_intra_pred_flag, transform_skip_enabled_flag
    if bits.take(1):
        bits.unsigned()  # diff_cu_qp_delta_depth
    bits.signed()
    bits.signed()
    bits.take(1)  # pps_slice_chroma_qp_offsets_present_flag
    is_weighted = (bool(bits.take(1)), bool(bits.take(1)))
    bits.take(1)  # transquant_bypass_enabled_flag
    has_tiles = bits.take(1)
    bits.take(1)  # entropy_coding_sync_enabled_flag
    if has_tiles:
        _skip_tiles(bits)
    bits.take(1)  # pps_loop_filter_across_slices_enabled_flag
    if bits.take(1):
        bits.take(1)  # deblocking_filter_override_enabled_flag
        if not bits.take(1):
            bits.signed()
            bits.signed()
    if bits.take(1):
        _skip_scaling_lists(bits)
    told = (sequence_id, has_output_flag, extra_bits, has_initial_table, counts, quantiser, is_weighted)
    return number, _PictureSet(*told, has_reordering=bool(bits.take(1)))


def _skip_tiles(bits: NalBits) -> None:
    across, down = bits.unsigned(), bits.unsigned()
    if not bits.take(1):
        for _ in range(across + down):
            bits.unsigned()
    bits.take(1)  # loop_filter_across_tiles_enabled_flag


def _skip_scaling_lists(bits: NalBits) -> None:
    """7.3.4."""
    for size, matrices in enumerate((6, 6, 6, 2)):
        for _ in range(matrices):
            if not bits.take(1):
                bits.unsigned()
                continue
            for _ in range(min(64, 1 << (4 + 2 * size)) + (size > 1)):
                bits.signed()


def _skip_pictures(bits: NalBits, sequence: _Sequence) -> tuple[bool, int]:
    """7.3.6.1 from slice_pic_order_cnt_lsb on: whether motion is predicted from a picture, and how many are used."""
    bits.take(sequence.order_bits)
    if not bits.take(1):
        used = _reference_set(bits, sequence.sets, in_slice=True).used
    else:
        used = sequence.sets[_index(bits, len(sequence.sets))].used
    if sequence.long_term is not None:
        used += _skip_long_term(bits, sequence.long_term, sequence.order_bits)
    return sequence.has_motion and bool(bits.take(1)), used


def _skip_long_term(bits: NalBits, known: Sequence[bool], order_bits: int) -> int:
    used, told = 0, _bounded(bits.unsigned(), 2 * _MOST_REFERENCES) if known else 0
    for place in range(told + _bounded(bits.unsigned(), 2 * _MOST_REFERENCES)):
        used += known[_index(bits, len(known))] if place < told else bits.take(order_bits + 1) & 1
        if bits.take(1):
            bits.unsigned()  # delta_poc_msb_cycle_lt
    return used


def _skip_prediction(bits: NalBits, picture: _PictureSet, prediction: _Prediction) -> None:
    """7.3.6.1 from num_ref_idx_active_override_flag to five_minus_max_num_merge_cand."""
    lists = 1 + prediction.is_both_ways
    counts = list(picture.reference_counts[:lists])
    if bits.take(1):
        counts = [_bounded(bits.unsigned() + 1, _MOST_REFERENCES) for _ in range(lists)]
    if picture.has_reordering and prediction.used > 1:
        for count in counts:
            if bits.take(1):
                bits.take(count * (prediction.used - 1).bit_length())
    if prediction.is_both_ways:
        bits.take(1)  # mvd_l1_zero_flag
    if picture.has_initial_table:
        bits.take(1)
    if prediction.has_motion:
        which = 0 if not prediction.is_both_ways or bits.take(1) else 1
        if counts[which] > 1:
            bits.unsigned()  # collocated_ref_idx
    if picture.is_weighted[prediction.is_both_ways]:
        _skip_weights(bits, counts, has_chroma=prediction.has_chroma)
    bits.unsigned()  # five_minus_max_num_merge_cand


def _skip_weights(bits: NalBits, counts: Sequence[int], *, has_chroma: bool) -> None:
    """7.3.6.3 of pictures of one layer."""
    bits.unsigned()
    if has_chroma:
        bits.signed()
    for count in counts:
        luma = [bits.take(1) for _ in range(count)]
        chroma = [bits.take(1) if has_chroma else 0 for _ in range(count)]
        for values in (2 * one + 4 * other for one, other in zip(luma, chroma, strict=True)):
            for _ in range(values):
                bits.signed()


def _index(bits: NalBits, count: int) -> int:
    """Which of so many, in as few bits as can tell."""
    index = bits.take((count - 1).bit_length()) if count > 1 else 0
    if index >= count:
        raise ValueError("one that there is not")
    return index


def _bounded(count: int, most: int) -> int:
    if count > most:
        raise ValueError("more than there can be")
    return count
