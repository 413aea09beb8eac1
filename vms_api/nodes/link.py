"""The media node of this site: which process it is, whether it is there, and how to reach it."""

import hmac
from enum import StrEnum

import structlog

from ingest.clock import Clock
from vms_api.accounts.one_time import new_token
from vms_api.audit.entry import SYSTEM, AuditEntry, AuditKind
from vms_api.audit.log import AuditLog
from vms_api.cameras.health_board import HealthBoard
from vms_api.database import Database
from vms_api.errors import EpochStale, NodeTokenWrong, NodeUnavailable
from vms_api.events import EventLog
from vms_api.nodes.delivery import DetectorInfo, Heartbeat, NodeLoad, Registration
from vms_api.nodes.store import next_epoch
from vms_api.nodes.view_journal import ViewJournal

log = structlog.get_logger()

NODE_ID = "local"


class NodeState(StrEnum):
    """Whether the node is there."""

    STARTING = "starting"
    UP = "up"
    DOWN = "down"


class NodeLink:
    """One node at a time is the right one: that of the current epoch. All others are told to exit."""

    def __init__(
        self,
        database: Database,
        events: EventLog,
        health: HealthBoard,
        clock: Clock,
        heartbeat_timeout_s: float,
        audit: AuditLog,
        journal: ViewJournal,
    ) -> None:
        self._database = database
        self._events = events
        self._health = health
        self._clock = clock
        self._heartbeat_timeout_s = heartbeat_timeout_s
        self._audit = audit
        self._journal = journal
        self._registration: Registration | None = None
        self._heard_s = 0.0
        self.token = new_token()
        self.epoch = 0
        self.epoch_since = clock.now()
        self.state = NodeState.STARTING
        self.since = clock.now()
        self.detector: DetectorInfo | None = None
        self.load: NodeLoad | None = None

    async def begin_epoch(self) -> int:
        """Makes room for a new node process: from now on the one before it is refused."""
        async with self._database.write() as transaction:
            self.epoch = await next_epoch(transaction, NODE_ID)
            entry = AuditEntry(AuditKind.NODE_REPLACE, SYSTEM, subject=NODE_ID, detail={"epoch": self.epoch})
            await self._audit.record(transaction, entry)
        self.epoch_since = self._clock.now()
        await self._journal.end_all("node replaced")
        self._registration = None
        self._change_state(NodeState.STARTING)
        return self.epoch

    def authorise(self, node_id: str, token: str) -> None:
        """Lets in only the node that was given the token.

        Raises:
            NodeTokenWrong: somebody else.

        """
        if node_id != NODE_ID or not hmac.compare_digest(token.encode(), self.token.encode()):
            raise NodeTokenWrong

    def register(self, registration: Registration) -> None:
        """The node has started and can be reached.

        Raises:
            EpochStale: it was replaced meanwhile.

        """
        self._check_epoch(registration.epoch)
        self._registration = registration
        self.detector = registration.detector
        self._heard_s = self._clock.monotonic_s()
        self._change_state(NodeState.UP)

    def heartbeat(self, heartbeat: Heartbeat) -> None:
        """The node lives, and this is how its cameras are.

        Raises:
            EpochStale: it was replaced meanwhile.
            NodeUnavailable: it has to register first.

        """
        self._check_epoch(heartbeat.epoch)
        if self._registration is None:
            raise NodeUnavailable("register first")
        self._heard_s = self._clock.monotonic_s()
        self.detector = heartbeat.node.detector or self.detector
        self.load = heartbeat.node.load
        self._health.report({report.camera_id: report.health for report in heartbeat.cameras})
        self._change_state(NodeState.UP)

    @property
    def address(self) -> str:
        """Where the node listens.

        Raises:
            NodeUnavailable: it is not up.

        """
        if self._registration is None or self.state is not NodeState.UP:
            raise NodeUnavailable(retry_after_s=2)
        return self._registration.address

    def check(self) -> None:
        """Notices that heartbeats have stopped."""
        if self.state is NodeState.UP and self._clock.monotonic_s() - self._heard_s > self._heartbeat_timeout_s:
            self.lose("no heartbeat")

    def lose(self, reason: str) -> None:
        """The node is gone: its cameras are unknown from now on."""
        if self.state is not NodeState.DOWN:
            log.warning("node.lost", node_id=NODE_ID, epoch=self.epoch, reason=reason)
            self._change_state(NodeState.DOWN)
            self._health.lose_node()

    def _check_epoch(self, epoch: int) -> None:
        if epoch != self.epoch:
            raise EpochStale

    def _change_state(self, state: NodeState) -> None:
        if state is not self.state:
            self.state, self.since = state, self._clock.now()
            log.info("node.state", node_id=NODE_ID, epoch=self.epoch, state=state)
            self._events.pass_on("node.state", NODE_ID, {"state": state})
