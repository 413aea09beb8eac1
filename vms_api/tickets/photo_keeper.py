"""Photos and papers of repair tickets, kept as those of alerts are."""

from vms_api.accounts.permission import Permission
from vms_api.alerts.attachment import Attachment
from vms_api.alerts.attachment_keeper import FiledUnder
from vms_api.alerts.desk import Handler
from vms_api.audit.entry import AuditKind
from vms_api.database import Connection, Transaction
from vms_api.tickets import store
from vms_api.tickets.desk import TicketDesk
from vms_api.tickets.photo_store import TICKET_FILES


class TicketFiles:
    """Files of tickets."""

    rows = TICKET_FILES
    view, handle, act = Permission.TICKET_VIEW, Permission.TICKET_HANDLE, AuditKind.TICKET_ATTACH

    def __init__(self, desk: TicketDesk) -> None:
        self._desk = desk

    async def find(self, connection: Connection, owner_id: str) -> FiledUnder | None:
        """The ticket with that id."""
        ticket = await store.find_ticket(connection, owner_id)
        return FiledUnder(ticket.id, ticket.area_id, ticket.camera_id) if ticket else None

    async def remember(self, transaction: Transaction, attachment: Attachment, by: Handler) -> None:
        """History and event."""
        await self._desk.attached(transaction, attachment, by)
