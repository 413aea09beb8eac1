"""All that the control process has to do with devices, put together once."""

from dataclasses import dataclass

from ingest.address import HostPolicy
from ingest.clock import Clock
from vms_api.alerts.desk import AlertDesk
from vms_api.audit.log import AuditLog
from vms_api.cameras.health_board import HealthBoard
from vms_api.cameras.sealing import PasswordSeal
from vms_api.care.acts import DeviceActs
from vms_api.care.desk import CareDesk
from vms_api.care.judge import DeviceJudge
from vms_api.care.key_frame_wishes import KeyFrameWishes
from vms_api.care.notice_desk import NoticeDesk
from vms_api.care.notice_watch import NoticeWatch
from vms_api.care.rounds import CareRounds
from vms_api.care.rule_desk import DeviceRuleDesk
from vms_api.database import Database
from vms_api.discovery.examiner import DeviceExaminer
from vms_api.discovery.scan_desk import ScanDesk
from vms_api.discovery.stream_prober import StreamProber
from vms_api.events import EventLog
from vms_api.ptz.desk import PtzDesk
from vms_api.ptz.device_board import DeviceBoard
from vms_api.ptz.idle_return import IdleReturn
from vms_api.settings import SiteFile


@dataclass(frozen=True, slots=True)
class DeviceDesks:
    """Finding devices, looking at them, moving them, caring for them."""

    scans: ScanDesk
    examiner: DeviceExaminer
    board: DeviceBoard
    ptz: PtzDesk
    idle_return: IdleReturn
    care: CareDesk
    acts: DeviceActs
    key_frame_wishes: KeyFrameWishes
    rounds: CareRounds
    notices: NoticeDesk
    notice_watch: NoticeWatch
    rules: DeviceRuleDesk
    judge: DeviceJudge

    async def close(self) -> None:
        """Ends a scan that runs, and hangs up."""
        await self.scans.cancel()
        await self.key_frame_wishes.close()
        await self.board.close()


@dataclass(frozen=True, slots=True)
class DeviceSurroundings:
    """What of the control process the care of devices needs."""

    database: Database
    events: EventLog
    audit: AuditLog
    health: HealthBoard
    alerts: AlertDesk
    clock: Clock


def device_desks(settings: SiteFile, around: DeviceSurroundings, seal: PasswordSeal) -> DeviceDesks:
    """The parts, each with what it needs of the others."""
    database, audit, clock = around.database, around.audit, around.clock
    hosts = HostPolicy(settings.ingest.camera_networks, settings.ingest.allow_loopback)
    board = DeviceBoard(seal, hosts, clock)
    ptz = PtzDesk(database, audit, board, clock)
    care = CareDesk(database, audit, board, around.health, clock)
    notices = NoticeDesk(database, around.events, audit, care)
    acts = DeviceActs(database, audit, board, care, clock)
    rules = DeviceRuleDesk(database, audit, care)
    judge = DeviceJudge(database, rules, around.alerts, acts, around.health, clock, settings.site.time_zone)
    notices.subscribe(judge.notice)
    return DeviceDesks(
        scans=ScanDesk(hosts, audit, clock),
        examiner=DeviceExaminer(StreamProber(settings.ingest), hosts, clock),
        board=board,
        ptz=ptz,
        idle_return=IdleReturn(database, ptz, clock),
        care=care,
        acts=acts,
        key_frame_wishes=KeyFrameWishes(acts, clock),
        rounds=CareRounds(care, settings.devices, clock),
        notices=notices,
        notice_watch=NoticeWatch(care, notices, board, rules.listening, clock),
        rules=rules,
        judge=judge,
    )
