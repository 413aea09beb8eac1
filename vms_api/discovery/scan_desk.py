"""The one scan that may run, what it does, and who started it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog

from ingest.address import HostPolicy
from ingest.clock import Clock
from ingest.errors import AddressRefused
from ingest.onvif.discovery import PORT, NetworkScan, discover
from ingest.onvif.probe import FoundDevice
from ingest.onvif.scan_plan import IN_FLIGHT, SENT_TO_A_HOST, ScanPlan, plan_scan
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.discovery.errors import NetworkRefused, ScanRunning
from vms_api.discovery.interfaces import Interface, own_interfaces
from vms_api.discovery.scan import NetworksIn, Plan, ProposedDevice, Scan, ScanState
from vms_api.errors import FieldError

log = structlog.get_logger()

_MULTICAST_S = 3.0
_SENT_BY_MULTICAST = 18
"""Datagrams on each interface: six probes, three times."""


class ScanDesk:
    """Plans, runs and cancels. Results live in memory until the next scan: they are proposals."""

    def __init__(self, hosts: HostPolicy, audit: AuditLog, clock: Clock, port: int = PORT) -> None:
        self._hosts = hosts
        self._audit = audit
        self._clock = clock
        self._port = port
        self._task: asyncio.Task[None] | None = None
        self._scan: NetworkScan | None = None
        self._shown = Scan()

    def interfaces(self) -> list[Interface]:
        """The networks that this machine is in, where cameras may be."""
        return own_interfaces(self._hosts)

    def plan(self, asked: NetworksIn) -> Plan:
        """What a scan of these networks would do; for none of them, what multicast does.

        Raises:
            NetworkRefused: they cannot be scanned, or there is no such interface.

        """
        if not asked.networks:
            self._check_interfaces(asked.interfaces)
            own = asked.interfaces
            return Plan(
                networks=[], interfaces=own, hosts=0, in_flight=0, datagrams=_SENT_BY_MULTICAST, seconds=_MULTICAST_S
            )
        plan = self._planned(asked.networks)
        return Plan(
            networks=[str(network) for network in plan.networks],
            interfaces=[],
            hosts=len(plan.hosts),
            in_flight=IN_FLIGHT,
            datagrams=SENT_TO_A_HOST,
            seconds=plan.seconds,
        )

    async def start(self, asked: NetworksIn, actor: Actor) -> Scan:
        """Starts a scan; recorded before the first datagram is sent.

        Raises:
            NetworkRefused: the networks cannot be scanned.
            ScanRunning: there is one already.

        """
        told, plan = self.plan(asked), self._planned(asked.networks) if asked.networks else None
        if self._task is not None and not self._task.done():
            raise ScanRunning
        detail = told.model_dump(include={"networks", "interfaces", "hosts"})
        await self._audit.record_alone(AuditEntry(AuditKind.DISCOVERY_SCAN, actor, detail=detail))
        if self._task is not None and not self._task.done():
            raise ScanRunning  # somebody was faster while the row was written
        self._scan = NetworkScan(plan, self._port) if plan else None
        self._shown = Scan(
            state=ScanState.RUNNING,
            networks=told.networks,
            interfaces=told.interfaces,
            started_at=self._clock.now(),
            started_by=actor.username,
        )
        self._task = asyncio.create_task(self._run(), name="discovery-scan")
        return self.latest()

    def latest(self) -> Scan:
        """The latest scan as it stands."""
        if self._scan is None:
            return self._shown
        progress = self._scan.progress
        found = _shown(self._scan.found())
        return self._shown.model_copy(update={"done": progress.done, "total": progress.total, "found": found})

    async def cancel(self) -> None:
        """Ends the scan that runs, if one does; what it has found stays."""
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def _run(self) -> None:
        try:
            if self._scan:
                await self._scan.run()
            else:
                found = _shown(await discover(self._shown.interfaces, self._hosts, _MULTICAST_S, self._port))
                self._shown = self._shown.model_copy(update={"found": found})
            self._end(ScanState.DONE)
        except asyncio.CancelledError:
            self._end(ScanState.CANCELLED)
            raise
        except Exception:  # nobody awaits this task: no network, say
            log.exception("discovery.failed", networks=self._shown.networks)
            self._end(ScanState.FAILED)

    def _end(self, state: ScanState) -> None:
        self._shown = self._shown.model_copy(update={"state": state})

    def _planned(self, networks: Sequence[str]) -> ScanPlan:
        try:
            return plan_scan(networks, self._hosts)
        except AddressRefused as error:
            raise NetworkRefused(errors=[FieldError("networks", NetworkRefused.code, str(error))]) from None

    def _check_interfaces(self, addresses: Sequence[str]) -> None:
        if set(addresses) - {interface.address for interface in self.interfaces()}:
            message = "this machine has no such address"
            raise NetworkRefused(errors=[FieldError("interfaces", NetworkRefused.code, message)])


def _shown(found: Sequence[FoundDevice]) -> list[ProposedDevice]:
    return [ProposedDevice.of(device) for device in found]
