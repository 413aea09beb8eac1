"""H.264 in RTP (RFC 6184): single NAL units, STAP-A and FU-A, which are all that packetisation modes 0 and 1 allow."""

from ingest.rtsp.nal_picture import NalPicture

_STAP_A, _FU_A = 24, 28  # RFC 6184 table 1
_TYPE, _REFERENCE = 0x1F, 0xE0
_START, _END = 0x80, 0x40
_IDR, _SPS, _AUD, _FILLER = 5, 7, 9, 12  # Rec. ITU-T H.264 table 7-1
_LAST_SLICE = 5
_LAST_SINGLE = 23
_LENGTH = 2


class H264Depacketiser(NalPicture):
    """Implements `PictureDepacketiser`. Delimiters and filler are left out: the stream has its own boundaries."""

    def push(self, payload: memoryview) -> None:
        """One payload."""
        kind = payload[0] & _TYPE
        if kind == _FU_A:
            self._push_fragment(payload)
        elif kind == _STAP_A:
            self._push_aggregate(payload)
        elif 0 < kind <= _LAST_SINGLE:
            self._push_unit(payload)
        else:
            self._units.is_damaged = True  # STAP-B, MTAP and FU-B belong to a mode that was not agreed on

    def _push_fragment(self, payload: memoryview) -> None:
        """RFC 6184 clause 5.8."""
        if len(payload) <= _LENGTH:
            self._units.is_damaged = True
            return
        flags = payload[1]
        if flags & _START:
            kind = flags & _TYPE
            self._note(kind, payload[2:3])
            self._units.begin(bytes((payload[0] & _REFERENCE | kind,)), payload[2:])
        else:
            self._units.go_on(payload[2:])
        if flags & _END:
            self._units.end()

    def _push_aggregate(self, payload: memoryview) -> None:
        """RFC 6184 clause 5.7.1: units of the same time, each behind two bytes of length."""
        position, end = 1, len(payload)
        while position + _LENGTH < end:
            start = position + _LENGTH
            position = start + (payload[position] << 8 | payload[position + 1])
            if position > end or position == start:
                self._units.is_damaged = True
                return
            self._push_unit(payload[start:position])

    def _push_unit(self, unit: memoryview) -> None:
        kind = unit[0] & _TYPE
        self._note(kind, unit[1:2])
        if kind not in (_AUD, _FILLER):
            self._units.add(unit)

    def _note(self, kind: int, slice_header: memoryview) -> None:
        if kind <= _LAST_SLICE:
            self._note_slice(slice_header, can_begin=kind == _IDR)
        elif kind in (_SPS, _AUD):
            self._note_head()
