"""Who is told, in memory: never older than the last commit, so that storing an alert asks no table."""

from collections.abc import Callable, Sequence

from vms_api.database import Connection, Transaction
from vms_api.notify import store
from vms_api.notify.receiver import Receiver


class ReceiverRoll:
    """All receivers. Listeners are told when they have changed."""

    def __init__(self) -> None:
        self.receivers: Sequence[Receiver] = ()
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Has `listener` called after each change."""
        self._listeners.append(listener)

    async def load(self, connection: Connection) -> None:
        """Takes everything as it is stored."""
        self._replace(await store.list_receivers(connection))

    async def record_change(self, transaction: Transaction) -> None:
        """Receivers were changed in this transaction: the next writer finds them as they are then."""
        receivers = await store.list_receivers(transaction.connection)
        transaction.after_commit(lambda: self._replace(receivers))

    def find(self, receiver_id: str) -> Receiver | None:
        """The receiver with that id."""
        return next((receiver for receiver in self.receivers if receiver.id == receiver_id), None)

    def _replace(self, receivers: Sequence[Receiver]) -> None:
        self.receivers = receivers
        for listener in self._listeners:
            listener()
