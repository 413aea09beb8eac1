"""H.265 in RTP (RFC 7798): single NAL units, aggregation packets and fragmentation units, without DONL fields."""

from ingest.rtsp.nal_picture import NalPicture

_AP, _FU, _PACI = 48, 49, 50  # RFC 7798 clause 4.4
_START, _END = 0x80, 0x40
_FU_TYPE = 0x3F
_KEEP = 0x81  # the forbidden bit and the first bit of the layer id
_HEADER = 2
_LENGTH = 2
_VPS, _SPS, _AUD, _FILLER = 32, 33, 35, 38  # Rec. ITU-T H.265 table 7-1
_FIRST_IRAP, _LAST_IRAP = 16, 23
_LAST_SLICE = 31


class H265Depacketiser(NalPicture):
    """Implements `PictureDepacketiser`. Delimiters and filler are left out: the stream has its own boundaries."""

    def push(self, payload: memoryview) -> None:
        """One payload."""
        kind = payload[0] >> 1 & _FU_TYPE
        if len(payload) <= _HEADER or kind >= _PACI:
            self._units.is_damaged = True
        elif kind == _FU:
            self._push_fragment(payload)
        elif kind == _AP:
            self._push_aggregate(payload)
        else:
            self._push_unit(payload)

    def _push_fragment(self, payload: memoryview) -> None:
        """RFC 7798 clause 4.4.3."""
        flags = payload[2]
        if flags & _START:
            kind = flags & _FU_TYPE
            self._note(kind, payload[3:4])
            self._units.begin(bytes((payload[0] & _KEEP | kind << 1, payload[1])), payload[3:])
        else:
            self._units.go_on(payload[3:])
        if flags & _END:
            self._units.end()

    def _push_aggregate(self, payload: memoryview) -> None:
        """RFC 7798 clause 4.4.2: units of the same time, each behind two bytes of length."""
        position, end = _HEADER, len(payload)
        while position + _LENGTH < end:
            start = position + _LENGTH
            position = start + (payload[position] << 8 | payload[position + 1])
            if position > end or position - start <= _HEADER:
                self._units.is_damaged = True
                return
            self._push_unit(payload[start:position])

    def _push_unit(self, unit: memoryview) -> None:
        kind = unit[0] >> 1 & _FU_TYPE
        self._note(kind, unit[2:3])
        if kind not in (_AUD, _FILLER):
            self._units.add(unit)

    def _note(self, kind: int, slice_header: memoryview) -> None:
        if kind <= _LAST_SLICE:
            self._note_slice(slice_header, can_begin=_FIRST_IRAP <= kind <= _LAST_IRAP)
        elif kind in (_VPS, _SPS, _AUD):
            self._note_head()
