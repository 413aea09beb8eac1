"""Keeps the node at what the database says it is to do."""

import asyncio

import structlog

from vms_api.cameras.sealing import PasswordSeal
from vms_api.database import Database
from vms_api.errors import NodeProblem, NodeUnavailable
from vms_api.nodes.client import NodeClient
from vms_api.nodes.desired_state import DesiredState, read_desired_state
from vms_api.settings import SiteFile

log = structlog.get_logger()

_RETRY_S = 1.0


class Reconciler:
    """Sends the whole desired state after each change. A node that is not there gets it when it registers."""

    def __init__(self, database: Database, client: NodeClient, seal: PasswordSeal, site: SiteFile) -> None:
        self._database = database
        self._client = client
        self._seal = seal
        self._site = site
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Something was changed and committed."""
        self._changed.set()

    async def desired_state(self) -> DesiredState:
        """What the node is to do now."""
        async with self._database.read() as connection:
            return await read_desired_state(connection, self._seal, self._site)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._client.put_state(await self.desired_state())
            except NodeUnavailable as reason:
                if self._client.has_node:
                    log.warning("node.state_not_sent", reason=str(reason))
                    await self._try_again()
                else:
                    log.info("node.state_not_sent", reason="the node is not there; it asks when it registers")
            except NodeProblem as problem:
                log.warning("node.state_refused", code=problem.node_code, detail=problem.detail)
                await self._try_again()
            except BaseException:
                self._changed.set()
                raise

    async def _try_again(self) -> None:
        """A node that is up must not be left with what it was told before, least of all with old masks."""
        await asyncio.sleep(_RETRY_S)
        self._changed.set()
