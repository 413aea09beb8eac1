"""A UDP socket that takes many datagrams of equal length in one call, where the system can."""

import os
import socket
import struct
import sys
from collections.abc import Sequence

_SOL_UDP, _UDP_SEGMENT = 17, 103  # linux/udp.h; Python 3.11 has no name for the second
_SIZE = struct.Struct("H")
_CAN_SEGMENT = sys.platform == "linux"


class LineBusy(Exception):
    """The socket's buffer is full: nothing was sent, the same may be tried again in a moment."""


class DatagramLine:
    """Sends to one address over a descriptor of its own, so that its life does not depend on whose socket it was."""

    def __init__(self, fileno: int, address: tuple[str, int], *, segments: bool = _CAN_SEGMENT) -> None:
        self._socket = socket.socket(fileno=os.dup(fileno))
        self._socket.setblocking(False)
        self.address = address
        self._segments = segments
        self.refused_count = 0

    @property
    def segments(self) -> bool:
        """Whether the system takes several datagrams at once (UDP_SEGMENT, Linux 4.18 and later)."""
        return self._segments

    def send(self, datagrams: Sequence[bytes]) -> None:
        """Sends datagrams of one length, of which the last may be shorter.

        What the network refuses for another reason than a full buffer is lost, as datagrams may be, and counted.

        Raises:
            LineBusy: nothing was sent. One by one, those before the one that did not fit are sent already; sending
                them again is harmless.

        """
        if len(datagrams) > 1 and self._segments and self._send_segmented(datagrams):
            return
        for datagram in datagrams:
            try:
                self._socket.sendto(datagram, self.address)
            except BlockingIOError:
                raise LineBusy from None
            except OSError:
                self.refused_count += 1

    def _send_segmented(self, datagrams: Sequence[bytes]) -> bool:
        control = [(_SOL_UDP, _UDP_SEGMENT, _SIZE.pack(len(datagrams[0])))]
        try:
            self._socket.sendmsg(datagrams, control, 0, self.address)
        except BlockingIOError:
            raise LineBusy from None
        except ConnectionRefusedError:
            self.refused_count += 1  # told of an earlier datagram: the browser's port is closed
        except OSError:
            self._segments = False  # this interface or system does not take it: one by one from now on
            return False
        return True

    def close(self) -> None:
        """Closes its descriptor; harmless when done twice."""
        self._socket.close()
