"""All that the control process has to do with the ledger, put together once."""

from dataclasses import dataclass

from ingest.clock import Clock
from vms_api.audit.log import AuditLog
from vms_api.cameras.registry import CameraRegistry
from vms_api.database import Database
from vms_api.ledger.desk import LedgerDesk
from vms_api.ledger.import_desk import ImportDesk
from vms_api.ledger.settings import LedgerSettings


@dataclass(frozen=True, slots=True)
class LedgerDesks:
    """Writing ledgers, and importing them."""

    desk: LedgerDesk
    imports: ImportDesk


def ledger_desks(
    settings: LedgerSettings, database: Database, registry: CameraRegistry, audit: AuditLog, clock: Clock
) -> LedgerDesks:
    """The parts; from now on no camera goes into service against the site's rules."""
    desk = LedgerDesk(database, audit, clock, settings)
    registry.require_for_service(desk.check_service)
    return LedgerDesks(desk, ImportDesk(database, registry, desk, audit, clock))
