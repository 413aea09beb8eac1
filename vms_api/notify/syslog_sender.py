"""Syslog over UDP, TCP or TLS. It knows no acknowledgement: what was handed to the connection counts as arrived."""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress

from vms_api.notify.delivery import Delivery
from vms_api.notify.outcome import ARRIVED, DeliveryFault, Outcome
from vms_api.notify.reach import ReachPolicy, Unreached
from vms_api.notify.syslog_line import octet_counted, syslog_line
from vms_api.notify.target import SyslogTarget
from vms_api.notify.tls import is_tls_fault, receiver_tls

_TIMEOUT_S = 10.0


class SyslogSender:
    """One collector. A connection that it has closed is seen before the next batch, and made anew."""

    batch = 64
    pace_s = 0.0

    def __init__(self, target: SyslogTarget, policy: ReachPolicy) -> None:
        self._target = target
        self._policy = policy
        self._stream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def run(self) -> None:
        """Nothing goes on between deliveries."""
        await asyncio.Event().wait()

    async def send(self, deliveries: Sequence[Delivery]) -> Sequence[Outcome]:
        """Sends them all, or none of them is said to have arrived."""
        lines = [syslog_line(delivery, socket.gethostname()) for delivery in deliveries]
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                address = await self._policy.pinned(self._target.host, self._target.port)
                if self._target.transport == "udp":
                    await self._send_datagrams(address, lines)
                else:
                    await self._write(address, b"".join(octet_counted(line) for line in lines))
        except Unreached as unreached:
            return [unreached.outcome] * len(deliveries)
        except TimeoutError:
            await self.close()
            return [Outcome(DeliveryFault.TIMED_OUT)] * len(deliveries)
        except OSError as error:
            await self.close()
            fault = DeliveryFault.TLS_FAILED if is_tls_fault(error) else DeliveryFault.UNREACHABLE
            return [Outcome(fault)] * len(deliveries)
        return [ARRIVED] * len(deliveries)

    async def close(self) -> None:
        """Hangs up."""
        if self._stream is not None:
            writer = self._stream[1]
            self._stream = None
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()

    async def _write(self, address: str, frames: bytes) -> None:
        if self._stream is not None and (self._stream[0].at_eof() or self._stream[1].is_closing()):
            await self.close()
        if self._stream is None:
            self._stream = await self._connected(address)
        writer = self._stream[1]
        writer.write(frames)
        await writer.drain()

    async def _connected(self, address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        target = self._target
        if target.transport == "tcp":
            return await asyncio.open_connection(address, target.port)
        tls = receiver_tls(target.authority_pem)
        return await asyncio.open_connection(address, target.port, ssl=tls, server_hostname=target.host)

    async def _send_datagrams(self, address: str, lines: Sequence[bytes]) -> None:
        """One message a datagram (RFC 5426 clause 3.1)."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=(address, self._target.port)
        )
        try:
            for line in lines:
                transport.sendto(line)
        finally:
            transport.close()
