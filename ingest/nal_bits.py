"""The bits of a NAL unit, as the syntax tables of H.264 and H.265 read them."""

_MAX_EXP_GOLOMB_ZEROS = 32


class NalBits:
    """Reads from the unit's first bit on, emulation prevention bytes removed (H.264 7.4.1, H.265 7.4.2.1).

    Every read raises ValueError where the unit ends too early.
    """

    def __init__(self, nal: bytes) -> None:
        payload = nal.replace(b"\x00\x00\x03", b"\x00\x00")
        self._value = int.from_bytes(payload, "big")
        self._left = len(payload) * 8

    def take(self, count: int) -> int:
        """The next `count` bits as a number."""
        if count > self._left:
            raise ValueError("the NAL unit ends too early")
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)

    def unsigned(self) -> int:
        """An Exp-Golomb coded number (H.264 9.1)."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > _MAX_EXP_GOLOMB_ZEROS:
                raise ValueError("a number in the NAL unit is too long")
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """A signed Exp-Golomb coded number (H.264 9.1.1)."""
        code = self.unsigned()
        return (code + 1) // 2 if code % 2 else -(code // 2)
