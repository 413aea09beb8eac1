"""A picture of NAL units on its way out of RTP payloads: what the formats of H.264 and H.265 have in common."""

from ingest.rtsp.nal_collector import NalCollector

_FIRST_IN_PICTURE = 0x80
"""Rec. ITU-T H.264 7.3.3: first_mb_in_slice 0 is a single 1. H.265 7.3.6.1: first_slice_segment_in_pic_flag."""


class NalPicture:
    """All of `PictureDepacketiser` but `push`, which is the payload format's own."""

    def __init__(self) -> None:
        self._units = NalCollector()
        self._can_begin = False
        self._head_unsure = False
        self.has_picture = self.is_continuation = False

    @property
    def is_damaged(self) -> bool:
        """Whether a part of the picture is missing."""
        return self._units.is_damaged or self._head_unsure

    @property
    def size(self) -> int:
        """Bytes collected."""
        return len(self._units)

    def lose(self) -> None:
        """Packets are missing."""
        self._units.cut()
        self._head_unsure = True

    def take(self) -> tuple[bytes, bool]:
        """The picture, and whether a decoder can begin with it."""
        can_begin = self._can_begin
        self._can_begin = self.has_picture = self._head_unsure = self.is_continuation = False
        return self._units.take(), can_begin

    def _note_slice(self, header: memoryview, *, can_begin: bool) -> None:
        """A slice, which a decoder can begin with or not; `header` holds what follows the unit's own."""
        if not self.has_picture and header:
            self.is_continuation = header[0] < _FIRST_IN_PICTURE
        self.has_picture = True
        self._can_begin |= can_begin

    def _note_head(self) -> None:
        """A unit with which pictures begin: what got lost belonged to the one before."""
        if not self.has_picture:
            self._head_unsure = False
