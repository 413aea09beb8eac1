"""What files tickets have, in the database."""

from vms_api.alerts.attachment_store import AttachmentRows

TICKET_FILES = AttachmentRows("ticket_attachments", "ticket_id", "tickets.id", "/api/v1/ticket-photos")
