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
from ingest.onvif.scan_plan import IN_FLIGHT, ScanPlan, plan_scan
from vms_api.audit.entry import Actor, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.discovery.errors import NetworkRefused, ScanRunning
from vms_api.discovery.scan import Plan, ProposedDevice, Scan, ScanState
from vms_api.errors import FieldError

log = structlog.get_logger()

_MULTICAST_S = 3.0


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

    def plan(self, networks: Sequence[str]) -> Plan:
        """What a scan of these networks would do; for none of them, what multicast does.

        Raises:
            NetworkRefused: they cannot be scanned.

        """
        if not networks:
            return Plan(networks=[], hosts=0, in_flight=0, seconds=_MULTICAST_S)
        plan = self._planned(networks)
        names = [str(network) for network in plan.networks]
        return Plan(networks=names, hosts=len(plan.hosts), in_flight=IN_FLIGHT, seconds=plan.seconds)

    async def start(self, networks: Sequence[str], actor: Actor) -> Scan:
        """Starts a scan; recorded before the first datagram is sent.

        Raises:
            NetworkRefused: the networks cannot be scanned.
            ScanRunning: there is one already.

        """
        told, plan = self.plan(networks), self._planned(networks) if networks else None
        if self._task is not None and not self._task.done():
            raise ScanRunning
        detail = {"networks": told.networks, "hosts": told.hosts}
        await self._audit.record_alone(AuditEntry(AuditKind.DISCOVERY_SCAN, actor, detail=detail))
        if self._task is not None and not self._task.done():
            raise ScanRunning  # somebody was faster while the row was written
        self._scan = NetworkScan(plan, self._port) if plan else None
        self._shown = Scan(
            state=ScanState.RUNNING, networks=told.networks, started_at=self._clock.now(), started_by=actor.username
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
                found = _shown(await discover((), self._hosts, _MULTICAST_S, self._port))
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
            raise NetworkRefused(errors=[FieldError("networks", error.code, str(error))]) from None


def _shown(found: Sequence[FoundDevice]) -> list[ProposedDevice]:
    return [ProposedDevice.of(device) for device in found]
