"""All that the control process has to do with devices, put together once."""

from dataclasses import dataclass

from ingest.address import HostPolicy
from ingest.clock import Clock
from ingest.settings import IngestSettings
from vms_api.audit.log import AuditLog
from vms_api.cameras.sealing import PasswordSeal
from vms_api.database import Database
from vms_api.discovery.examiner import DeviceExaminer
from vms_api.discovery.scan_desk import ScanDesk
from vms_api.discovery.stream_prober import StreamProber
from vms_api.ptz.desk import PtzDesk
from vms_api.ptz.device_board import DeviceBoard


@dataclass(frozen=True, slots=True)
class DeviceDesks:
    """Finding devices, looking at them, moving them."""

    scans: ScanDesk
    examiner: DeviceExaminer
    board: DeviceBoard
    ptz: PtzDesk

    async def close(self) -> None:
        """Ends a scan that runs, and hangs up."""
        await self.scans.cancel()
        await self.board.close()


def device_desks(
    settings: IngestSettings, database: Database, audit: AuditLog, seal: PasswordSeal, clock: Clock
) -> DeviceDesks:
    """The parts, each with what it needs of the others."""
    hosts = HostPolicy(settings.camera_networks, settings.allow_loopback)
    board = DeviceBoard(seal, hosts, clock)
    examiner = DeviceExaminer(StreamProber(settings), hosts, clock)
    return DeviceDesks(ScanDesk(hosts, audit, clock), examiner, board, PtzDesk(database, audit, board, clock))
