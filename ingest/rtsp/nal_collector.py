"""NAL units of one picture on their way into a byte stream (Annex B of H.264 and H.265)."""

_START_CODE = b"\x00\x00\x00\x01"


class NalCollector:
    """Whole units and fragments, in order. A unit with a missing fragment is cut out, since no decoder can use it."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._open_at: int | None = None
        self.is_damaged = False

    def __len__(self) -> int:
        return len(self._data)

    def add(self, unit: memoryview) -> None:
        """A whole unit with its header."""
        self.cut()
        self._data += _START_CODE
        self._data += unit

    def begin(self, header: bytes, fragment: memoryview) -> None:
        """A unit's header and first fragment."""
        self.cut()
        self._open_at = len(self._data)
        self._data += _START_CODE
        self._data += header
        self._data += fragment

    def go_on(self, fragment: memoryview) -> None:
        """The next fragment of the unit that was begun."""
        if self._open_at is None:
            self.is_damaged = True
        else:
            self._data += fragment

    def end(self) -> None:
        """The fragment just added was the last."""
        self._open_at = None

    def cut(self) -> None:
        """Whatever comes next is no continuation: an open unit stays incomplete and goes."""
        if self._open_at is not None:
            del self._data[self._open_at :]
            self._open_at = None
            self.is_damaged = True

    def take(self) -> bytes:
        """What has been collected; starts anew, undamaged."""
        self.cut()
        data = bytes(self._data)
        self._data.clear()
        self.is_damaged = False
        return data
