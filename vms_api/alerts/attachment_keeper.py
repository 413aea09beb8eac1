"""What files are put to: who may see and add them, and where it is written down."""

from typing import NamedTuple, Protocol

from vms_api.accounts.permission import Permission
from vms_api.alerts import store
from vms_api.alerts.attachment import ATTACH, Attachment
from vms_api.alerts.attachment_store import ALERT_FILES, AttachmentRows
from vms_api.alerts.desk import Handler
from vms_api.alerts.history import HistoryEntry
from vms_api.audit.entry import AuditKind
from vms_api.database import Connection, Transaction
from vms_api.errors import NotFound
from vms_api.events import EventLog


class FiledUnder(NamedTuple):
    """An alert or ticket, and where it is."""

    id: str
    area_id: str
    camera_id: str | None


class AttachmentKeeper(Protocol):
    """One kind of thing that has files."""

    @property
    def rows(self) -> AttachmentRows:
        """Its table of files."""

    @property
    def view(self) -> Permission:
        """What it takes to see its files."""

    @property
    def handle(self) -> Permission:
        """What it takes to add one."""

    @property
    def act(self) -> AuditKind:
        """The adding, as the audit log names it."""

    async def find(self, connection: Connection, owner_id: str) -> FiledUnder | None:
        """The thing with that id."""

    async def remember(self, transaction: Transaction, attachment: Attachment, by: Handler) -> None:
        """History and event of a file that was added; the thing may have moved on while the bytes came in."""


class AlertFiles:
    """Files of alerts."""

    rows = ALERT_FILES
    view, handle, act = Permission.ALERT_VIEW, Permission.ALERT_HANDLE, AuditKind.ALERT_ATTACH

    def __init__(self, events: EventLog) -> None:
        self._events = events

    async def find(self, connection: Connection, owner_id: str) -> FiledUnder | None:
        """The alert with that id."""
        alert = await store.find_alert(connection, owner_id)
        return FiledUnder(alert.id, alert.area_id, alert.camera_id) if alert else None

    async def remember(self, transaction: Transaction, attachment: Attachment, by: Handler) -> None:
        """History and event.

        Raises:
            NotFound: the alert is gone.

        """
        alert = await store.find_alert(transaction.connection, attachment.alert_id or "")
        if alert is None:
            raise NotFound("no such alert")
        entry = HistoryEntry(
            at=attachment.added_at,
            act=ATTACH,
            state=alert.state,
            user_id=by.actor.user_id,
            username=by.actor.username,
            detail={"attachment_id": attachment.id, "name": attachment.name},
        )
        await store.add_history(transaction, alert.id, entry)
        await self._events.record(transaction, "alert.updated", alert.model_dump(mode="json"), alert.area_id)
