"""The repeats of an incident, which go where its first alert goes: the clock of the first is that of all."""

from collections.abc import Sequence

from vms_api.alerts import incident_store
from vms_api.alerts.alert import Alert
from vms_api.alerts.history import HistoryEntry
from vms_api.database import Transaction

MOST_TOLD = 20
"""Repeats that pages hear of singly; all of them move, and a page that opens the card reads them."""


async def take_along(
    transaction: Transaction, before: Alert, after: Alert, entries: Sequence[HistoryEntry]
) -> Sequence[Alert]:
    """Takes the repeats along that stood where the first stood; those that pages are told of.

    Of several entries the last says where they have come to.
    """
    if not before.repeats or not entries:
        return ()
    entry = entries[-1].model_copy(update={"detail": {**entries[-1].detail, "with": before.id}})
    moved = await incident_store.bring_along(transaction, before, after, entry)
    return await incident_store.read_some(transaction.connection, moved[:MOST_TOLD])
