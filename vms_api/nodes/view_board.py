"""Which live views are open and whose they are; and their end when the right to them ends."""

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import structlog

from ingest.clock import Clock
from vms_api.accounts.account import Caller
from vms_api.accounts.errors import Hidden
from vms_api.accounts.logins import LoginBoard
from vms_api.accounts.permission import Permission
from vms_api.accounts.rights_board import RightsBoard
from vms_api.errors import NodeProblem, NodeUnavailable, NotFound
from vms_api.events import EventLog
from vms_api.nodes.client import NodeClient
from vms_api.nodes.link import NodeLink
from vms_api.nodes.view_journal import ViewJournal

log = structlog.get_logger()

SWEEP_S = 1.0
"""How late the end of a session by age is noticed; all other ends are noticed at once."""


@dataclass(frozen=True, slots=True)
class OpenView:
    """A live view on the node of `epoch`; it lasts for as long as `caller` has `permission` on the camera.

    One that `hears` lasts for as long as the caller may listen there, too.
    """

    id: str
    camera_id: str
    caller: Caller
    epoch: int
    permission: Permission = Permission.LIVE_VIEW
    restarts: int = 0
    hears: bool = False

    @property
    def entity_tag(self) -> str:
        """Names the ICE session (draft-ietf-wish-whep-04): another one after each restart."""
        return f'"{self.id}.{self.restarts}"' if self.restarts else f'"{self.id}"'


class ViewBoard:
    """The open views by id. A view of somebody else is not there."""

    def __init__(self, journal: ViewJournal) -> None:
        self._journal = journal
        self._views: dict[str, OpenView] = {}

    def __iter__(self) -> Iterator[OpenView]:
        return iter(tuple(self._views.values()))

    def add(self, view: OpenView) -> None:
        """A view was opened."""
        self._views[view.id] = view

    def own(self, view_id: str, camera_id: str, caller: Caller) -> OpenView:
        """The caller's own view.

        Raises:
            NotFound: there is none of that id on that camera that the caller has opened.

        """
        view = self._views.get(view_id)
        if view is None or view.camera_id != camera_id:
            raise NotFound("no such view")
        if view.caller.key != caller.key:
            raise Hidden("no such view")
        return view

    def find(self, view_id: str, camera_id: str) -> OpenView | None:
        """The open view of that id on that camera, whoever opened it: for who holds the id as a ticket."""
        view = self._views.get(view_id)
        return view if view is not None and view.camera_id == camera_id else None

    def restarted(self, view: OpenView) -> OpenView:
        """The view has a new ICE session."""
        self._views[view.id] = after = replace(view, restarts=view.restarts + 1)
        return after

    async def drop(self, view: OpenView, reason: str) -> None:
        """The view has ended; returns once that is recorded."""
        self._views.pop(view.id, None)
        await self._journal.ended(view.id, reason)

    async def keep(self, view_ids: Collection[str]) -> None:
        """The node has these views open and no others."""
        for view_id in await self._journal.keep(view_ids):
            self._views.pop(view_id, None)


class ViewWarden:
    """Ends views and event streams of people who lost the right to them: on every change, and once a second."""

    def __init__(
        self,
        views: ViewBoard,
        rights: RightsBoard,
        logins: LoginBoard,
        events: EventLog,
        node: NodeLink,
        client: NodeClient,
        clock: Clock,
    ) -> None:
        self._views = views
        self._rights = rights
        self._logins = logins
        self._events = events
        self._node = node
        self._client = client
        self._clock = clock
        self._awake = asyncio.Event()
        rights.subscribe(self._awake.set)
        logins.subscribe(self._awake.set)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._awake.clear()
            await self.sweep()
            try:
                async with asyncio.timeout(SWEEP_S):
                    await self._awake.wait()
            except TimeoutError:
                continue

    async def sweep(self) -> None:
        """Ends at once what must not go on."""
        now = self._clock.now()
        self._events.close_ended(lambda key: self._logins.is_alive(key, now))
        for view in self._views:
            if view.epoch != self._node.epoch:
                await self._views.drop(view, "node replaced")
            elif not self._may_go_on(view):
                await self._end(view)

    def _may_go_on(self, view: OpenView) -> bool:
        area_id = self._rights.area_of(view.camera_id)
        if area_id is None or not self._logins.is_alive(view.caller.key, self._clock.now()):
            return False
        needed = [view.permission, *([Permission.LIVE_LISTEN] if view.hears else [])]
        return all(self._rights.index.allows(view.caller.user.id, permission, area_id) for permission in needed)

    async def _end(self, view: OpenView) -> None:
        """A node that does not answer is asked again at the next sweep, until it does or is replaced."""
        try:
            await self._client.close_view(view.id)
        except NodeUnavailable:
            log.warning("view.not_ended", view=view.id, camera_id=view.camera_id, reason="the node does not answer")
            return
        except NodeProblem as problem:
            log.info("view.gone", view=view.id, code=problem.node_code)
        await self._views.drop(view, "right ended")
        log.info("view.ended", view=view.id, camera_id=view.camera_id, reason="the right to it has ended")
