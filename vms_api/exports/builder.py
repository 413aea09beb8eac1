"""Builds approved exports on the node, one after the other, and clears away those that are over."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import httpx
import structlog

from vms_api.errors import NodeProblem, NodeUnavailable
from vms_api.evidence.signature import EvidenceKey
from vms_api.exports import store
from vms_api.exports.contents import CameraContents, node_plan, read_contents
from vms_api.exports.desk import ExportDesk
from vms_api.exports.errors import ExportStateWrong
from vms_api.exports.lifecycle import HELD_BY_NODE, ExportAct, ExportState
from vms_api.exports.papers import Site, papers
from vms_api.exports.store import ExportRow
from vms_api.nodes.recording_client import ExportBuild, RecordingClient
from vms_api.recordings.desk import Surroundings
from vms_api.recordings.open_segments import OpenSegments
from vms_api.recordings.segment import OpenSegment
from vms_api.settings import SiteFile

log = structlog.get_logger()

LOOK_S = 5.0
POLL_S = 0.3
NOTHING, NODE_LOST = "nothing-recorded", "export-node-lost"
MOST_TRIES = 3
"""So often an export is begun: one at which its node dies must not end one node after the other."""
_UNKNOWN_TO_NODE = "export-unknown"

_OPEN = frozenset({ExportState.REQUESTED, ExportState.APPROVED, *HELD_BY_NODE})
_TO_BUILD = frozenset({ExportState.APPROVED, ExportState.BUILDING})


class ExportBuilder:
    """What it has begun, the next process goes on with: the state is in the database, the work on the node."""

    def __init__(self, around: Surroundings, settings: SiteFile, key: EvidenceKey) -> None:
        database, audit, clock = around.database, around.audit, around.clock
        self.desk = ExportDesk(database, audit, clock, settings.recording.max_export_hours)
        self.key = key.public_key()
        self._database = database
        self._client = RecordingClient(around.client)
        self._rights = around.rights
        self._site = Site(settings.site.name, settings.site.time_zone, key)
        self._clock = clock
        self._awake = asyncio.Event()
        self._progress: dict[str, float] = {}
        self._waiting: set[str] = set()
        self._begun: Counter[str] = Counter()
        self._opened = OpenSegments(around.client, around.clock)

    def wake(self) -> None:
        """There is something to build."""
        self._awake.set()

    def progress(self, export_id: str) -> float | None:
        """0 to 1 for the export that is being built, None for all others."""
        return self._progress.get(export_id)

    def is_waiting(self, export_id: str) -> bool:
        """Whether a part of it is still being recorded, and it is built when that file is whole."""
        return export_id in self._waiting

    async def being_written(self, row: ExportRow) -> Mapping[str, Sequence[OpenSegment]]:
        """By camera, the files of its range that may not be whole yet. For `read_contents`, and asked before it."""
        start, end = row.export.start, row.export.end
        return {camera_id: await self._opened.find(camera_id, start, end) for camera_id in row.export.camera_ids}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._awake.clear()
            await self.expire()
            await self.build_all()
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._awake.wait()
            except TimeoutError:
                continue

    async def expire(self) -> None:
        """Ends what nobody decided or fetched in time, and takes it off the disk."""
        async with self._database.read() as connection:
            over = await store.list_over(connection, _OPEN, self._clock.now())
        for row in over:
            await self.desk.move(row.export.id, ExportAct.EXPIRE)
            await self.drop(row.export.id)

    @asynccontextmanager
    async def package(self, export_id: str) -> AsyncIterator[httpx.Response]:
        """The finished package, read from the node while the block lasts."""
        async with self._client.package(export_id) as answer:
            yield answer

    async def drop(self, export_id: str) -> None:
        """Takes an export off the node's disk. A node that is away keeps it: nobody can fetch it any more."""
        try:
            await self._client.drop_export(export_id)
        except (NodeUnavailable, NodeProblem) as problem:
            log.info("export.not_dropped", export=export_id, reason=str(problem))

    async def build_all(self) -> None:
        """Builds what is approved; when the node is away, later."""
        async with self._database.read() as connection:
            waiting = await store.list_in(connection, _TO_BUILD)
        self._waiting &= {row.export.id for row in waiting}
        for row in waiting:
            try:
                await self._build(row)
            except NodeUnavailable:
                log.info("export.waits", export=row.export.id, reason="the node is not there")
                return
            except NodeProblem as problem:
                if problem.node_code != _UNKNOWN_TO_NODE:
                    await self._fail(row, problem.node_code)
                else:
                    log.info("export.waits", export=row.export.id, reason="the node that built it is gone")
            except ExportStateWrong:
                await self.drop(row.export.id)  # it expired meanwhile
            finally:
                self._progress.pop(row.export.id, None)

    async def _build(self, row: ExportRow) -> None:
        being_written = await self.being_written(row)
        async with self._database.read() as connection:
            contents = await read_contents(connection, row, self._rights, being_written)
        if any(camera.opened for camera in contents):
            self._waiting.add(row.export.id)
            return
        self._waiting.discard(row.export.id)
        await self.desk.move(row.export.id, ExportAct.BUILD)
        if not any(camera.files for camera in contents):
            await self._fail(row, NOTHING)
            return
        self._progress[row.export.id] = 0.0
        build = await self._built(row, contents)
        if build.state == "failed":
            await self._fail(row, build.failure or "internal-error")
            return
        size = build.size_bytes
        if build.state == "built":
            signed = papers(self._site, row, contents, build.parts, self._clock.now())
            size = await self._client.finish_export(row.export.id, signed)
        await self.desk.move(row.export.id, ExportAct.FINISH, size_bytes=size)
        self._begun.pop(row.export.id, None)

    async def _built(self, row: ExportRow, contents: Sequence[CameraContents]) -> ExportBuild:
        """What has become of it on the node; one that a node before has finished is not built again."""
        build = await self._found(row)
        if build is None or build.state == "failed":
            if self._begun[row.export.id] == MOST_TRIES:
                return ExportBuild(state="failed", progress=0.0, failure=NODE_LOST)
            self._begun[row.export.id] += 1
            await self._client.start_export(row.export.id, node_plan(row, contents))
            build = await self._client.export_state(row.export.id)
        while build.state == "building":
            self._progress[row.export.id] = build.progress
            await asyncio.sleep(POLL_S)
            build = await self._client.export_state(row.export.id)
        return build

    async def _found(self, row: ExportRow) -> ExportBuild | None:
        try:
            return await self._client.export_state(row.export.id)
        except NodeProblem:
            return None

    async def _fail(self, row: ExportRow, code: str) -> None:
        await self.desk.move(row.export.id, ExportAct.FAIL, failure=code)
        self._begun.pop(row.export.id, None)
        await self.drop(row.export.id)
