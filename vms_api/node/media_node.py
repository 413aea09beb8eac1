"""The media node: ingest, analysis and live view of one group of cameras, wired together."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from analytics.alert import Alert, BetterView
from analytics.detector import Detector
from analytics.detector_choice import DetectorChoice, select_detector
from analytics.effort import EffortBook
from analytics.inspection import Inspections
from analytics.model_store import EFFORT_FILE, cache_folder, known_models, model_folders
from analytics.pipeline import AnalysisPipeline
from analytics.track import TrackUpdate
from ingest.av_gpu_decoder import codecs_for
from ingest.camera import CameraId, StreamRole
from ingest.clock import Clock
from ingest.crash_journal import CrashJournal
from ingest.fleet import CameraFleet
from ingest.health import CameraHealth, StreamHealth
from ingest.lifecycle import StreamState
from ingest.mask import MaskSet
from ingest.picture_feed import ViewFeed
from ingest.rtsp_source import RtspOpener
from vms_api.live.mse_ladder import Rung, choose
from vms_api.live.mse_view import MseView
from vms_api.live.network_check import NetworkCheck
from vms_api.live.rtp_unit import ntp_of
from vms_api.live.view_registry import ViewRegistry
from vms_api.node import desired
from vms_api.node.export_builds import ExportBuilds
from vms_api.node.health_report import camera_report, lane_report
from vms_api.node.load import LoadMeter
from vms_api.node.messages import DesiredState, Launch, MseWish
from vms_api.node.outbox import Outbox
from vms_api.node.picture_checks import CheckGround, PictureChecks
from vms_api.node.quality_memory import QualityMemory
from vms_api.node.recorded_files import RecordedFiles
from vms_api.node.recorder import NodeRecorder
from vms_api.node.simulations import Simulations
from vms_api.node.snapshot import Snapshot, take_snapshot
from vms_api.node.state_news import StateNews
from vms_api.node.volume_folders import VolumeFolders

log = structlog.get_logger()

FetchPicture = Callable[[str], Coroutine[Any, Any, bytes | None]]
"""Gives a picture of the control process by its id; None where there is none now."""
_FETCH_S = 6.0


class MediaNode:
    """One per process, created on the event loop it serves."""

    def __init__(
        self,
        launch: Launch,
        choice: DetectorChoice,
        outbox: Outbox,
        clock: Clock,
        journal: CrashJournal | None = None,
        fetch: FetchPicture | None = None,
    ) -> None:
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._outbox = outbox
        self._version = -1
        self._apply_lock = asyncio.Lock()
        self._analysed: frozenset[CameraId] = frozenset()
        self._news = StateNews()
        self.choice = choice
        self.views = ViewRegistry(launch.settings.live)
        self.network_check = NetworkCheck()
        data_dir = Path(launch.data_dir)
        volumes = launch.settings.recording.volumes_of(data_dir)
        self.recordings = RecordedFiles(VolumeFolders([volume.path for volume in volumes]).find)
        self.exports = ExportBuilds(data_dir / "exports", self.recordings)
        self.simulations = Simulations(
            self.recordings, launch.settings.analytics, launch.settings.ingest.analysed_fps, open_own_detector(launch)
        )
        self._pipeline = AnalysisPipeline(
            detector=choice.detector,
            settings=launch.settings.analytics,
            clock=clock,
            on_alert=self._on_alert,
            on_tracks=self._on_tracks,
            on_better_view=self._on_better_view,
        )
        self._pipeline.hear_shedding(lambda shedding: self._fleet.press(pressed=shedding.dozing))
        self._fleet = CameraFleet(
            opener=RtspOpener(launch.settings.ingest, clock),
            codecs=codecs_for(launch.settings.ingest),
            settings=launch.settings.ingest,
            clock=clock,
            frame_sink=self._pipeline.offer,
            on_change=self._on_health,
            journal=journal,
        )
        self._load = LoadMeter(clock.monotonic_s())
        self.recorder = NodeRecorder(launch, self._fleet, outbox, clock)
        self._memory = QualityMemory(node_folder(launch.data_dir, launch.node_id) / "quality.sqlite3")
        ground = CheckGround(self._fleet, self._memory, outbox.put_look, self._fetcher(fetch))
        self.checks = PictureChecks(ground, launch.settings.diagnosis, clock)

    def start(self) -> None:
        """Starts analysis and recording; cameras start when the desired state is applied."""
        self._pipeline.start()
        self.recorder.start()
        self.checks.start()

    async def apply(self, state: DesiredState) -> None:
        """Brings cameras and rules to the desired state; an older version changes nothing."""
        async with self._apply_lock:
            if state.version <= self._version:
                return
            cameras = desired.cameras(state)
            plans = desired.plans(state)
            self._analysed = frozenset(plan.camera_id for plan in plans)
            await asyncio.to_thread(self._pipeline.apply, plans)
            await asyncio.to_thread(self._fleet.apply, cameras)
            self.recorder.apply(desired.recording_plans(state), state.volumes)
            await asyncio.to_thread(self.checks.apply, desired.checked_cameras(state), ZoneInfo(state.time_zone))
            await self.views.close_misrouted()
            self._version = state.version
            shown = {camera.id for camera in cameras if camera.enabled}
            for camera_id in self.views.camera_ids() - shown:
                await self.views.close_camera(camera_id)
            log.info("desired state applied", version=state.version, cameras=len(cameras))

    async def open_view(
        self,
        camera_id: CameraId,
        role: StreamRole,
        offer: str,
        unmasked_s: float | None = None,
        *,
        with_sound: bool = False,
    ) -> tuple[str, str]:
        """Opens a WHEP view; returns its id and the SDP answer. With `unmasked_s` past the masks, for so many seconds.

        Raises:
            UnknownStream: the node does not run that camera.
            ViewRefused: the class says why.
            MasksUnavailable: the camera's masks are not known.

        """
        health = self._stream_health(camera_id, role)
        sound = self._fleet.sound(camera_id, role) if with_sound else None
        if unmasked_s is None:
            return await self.views.open(camera_id, self._fleet.viewable(camera_id, role), health, offer, sound)
        feed = self._fleet.lifted(camera_id, role, unmasked_s)
        view, answer = await self.views.open(camera_id, feed, health, offer, sound)
        log.info("unmasked view opened", camera_id=camera_id, view=view, seconds=round(unmasked_s))
        self.views.close_after(view, unmasked_s)
        return view, answer

    def open_mse(
        self, camera_id: CameraId, role: StreamRole, wish: MseWish, unmasked_s: float | None = None
    ) -> MseView:
        """Opens a view by fragments on the best rung for its player. With `unmasked_s` as `open_view`.

        Raises:
            UnknownStream: the node does not run that camera.
            ViewRefused: the class says why.
            MasksUnavailable: the camera's masks are not known.

        """
        feed: ViewFeed = self._fleet.viewable(camera_id, role)
        if unmasked_s is not None:
            feed = self._fleet.lifted(camera_id, role, unmasked_s)
        wanted, other = self._stream_health(camera_id, role), self._stream_health(camera_id, StreamRole.SUB)
        choice = choose(wanted, other if other.role is not wanted.role else None, feed.route, takes_h265=wish.h265)
        if choice.rung is Rung.ENCODED:
            feed = self._fleet.viewable(camera_id, choice.role).encoded()
        elif choice.rung is Rung.SUB:
            feed = self._fleet.viewable(camera_id, choice.role)
        view = self.views.open_mse(camera_id, feed, choice, wants_tracks=wish.tracks)
        if unmasked_s is not None:
            log.info("unmasked view opened", camera_id=camera_id, view=view.id, seconds=round(unmasked_s))
            self.views.close_after(view.id, unmasked_s)
        return view

    async def snapshot(self, camera_id: CameraId, role: StreamRole) -> Snapshot:
        """A still picture of the stream.

        Raises:
            UnknownStream: the node does not run that camera.
            NotLive: it has no picture now.
            MasksUnavailable: the camera's masks are not known.

        """
        return await asyncio.to_thread(take_snapshot, self._fleet.viewable(camera_id, role))

    @property
    def inspections(self) -> Inspections:
        """The looks into the analysis that are open."""
        return self._pipeline.inspections

    def masks(self, camera_id: CameraId) -> MaskSet:
        """The camera's masks in force.

        Raises:
            UnknownStream: the node does not run that camera.
            MasksUnavailable: they are not known.

        """
        return self._fleet.masks(camera_id)

    def report(self) -> dict[str, Any]:
        """The heartbeat: every camera's health and the node's own figures."""
        now, recordings = self._clock.now(), self.recorder.reports()
        cameras = [
            {
                "camera_id": health.camera_id,
                "health": camera_report(health, self._analysis_report(health), now)
                | {"recording": recordings.get(health.camera_id)},
            }
            for health in self._fleet.health()
        ]
        return {
            "cameras": cameras,
            "node": {
                "volumes": self.recorder.volume_reports(),
                "load": self._load.report(self._clock.monotonic_s()),
            },
            "views": len(self.views),
            "view_ids": self.views.ids(),
            "key_frame_wishes": self.views.take_key_frame_wishes(),
            "version": max(self._version, 0),
        }

    def _analysis_report(self, health: CameraHealth) -> dict[str, Any]:
        state = self._pipeline.state.phase if health.camera_id in self._analysed else "off"
        return lane_report(state, self._pipeline.stats(health.camera_id))

    def detector_report(self) -> dict[str, Any]:
        """Which detector runs, and why if it is not the one asked for."""
        model, reason, twin = self.choice.detector.model, self.choice.reason, self.choice.twin
        return {
            "name": model.name,
            "runtime": model.runtime,
            "licence": model.licence,
            "labels": list(model.labels),
            "fallback": self.choice.fallback,
            "reason": reason.code if reason else None,
            "detail": reason.text if reason else None,
            "twin": twin.code.value if twin else None,
        }

    async def close(self) -> None:
        """Stops views, recording, cameras and analysis, in that order."""
        await self.views.close_all()
        await self.network_check.close()
        await asyncio.to_thread(self.simulations.close)
        await asyncio.to_thread(self.checks.close)
        await asyncio.to_thread(self.recorder.close)
        await asyncio.to_thread(self._fleet.close)
        await asyncio.to_thread(self._pipeline.close)
        self._memory.close()

    def _stream_health(self, camera_id: CameraId, role: StreamRole) -> StreamHealth:
        health = next(health for health in self._fleet.health() if health.camera_id == camera_id)
        return next((stream for stream in health.streams if stream.role is role), health.streams[0])

    def _on_alert(self, alert: Alert) -> None:
        # Inference thread: the alert is on disk before anything else happens to it.
        self._outbox.put_alert(alert)
        self.recorder.trigger(alert.camera_id)

    def _on_better_view(self, view: BetterView) -> None:
        # Inference thread; the alert itself went before, and the outbox keeps the order.
        self._outbox.put_better_view(view)

    def _on_tracks(self, update: TrackUpdate) -> None:
        # Inference thread. Nobody watching is the usual case and costs one look.
        if update.interest:
            self._fleet.note_interest(update.camera_id, update.interest)
        if self.views.wants_tracks(update.camera_id):
            ntp = ntp_of(update.received_at) if update.received_at is not None else None
            self._loop.call_soon_threadsafe(self.views.send_tracks, update.camera_id, tracks_message(update), ntp)

    def _fetcher(self, fetch: FetchPicture | None) -> Callable[[str], bytes | None]:
        """What the thread of the looks asks for a picture; where nobody is to be asked there is none."""

        def ask(picture_id: str) -> bytes | None:
            if fetch is None:
                return None
            asked = asyncio.run_coroutine_threadsafe(fetch(picture_id), self._loop)
            try:
                return asked.result(_FETCH_S)
            except TimeoutError:
                asked.cancel()
                return None

        return ask

    def _on_health(self, health: CameraHealth) -> None:
        # A camera's thread: each change of state becomes a durable fact.
        if health.state is StreamState.LIVE:
            self.checks.note_live(health.camera_id)
        for stream in health.streams:
            if self._news.is_news(health.camera_id, stream):
                self._outbox.put_state(health.camera_id, stream)


def open_own_detector(launch: Launch) -> Callable[[], Detector]:
    """Opens one more detector of the node's kind: a detector serves one thread."""
    settings, book = launch.settings.analytics, EffortBook(cache_folder() / EFFORT_FILE)
    return lambda: select_detector(settings, known_models(), model_folders(), book).detector


def tracks_message(update: TrackUpdate) -> str:
    """The overlay message of one analysed frame."""
    tracks = [
        {
            "id": track.id,
            "label": track.label,
            "score": round(track.score, 2),
            "box": [round(edge, 4) for edge in (track.box.left, track.box.top, track.box.right, track.box.bottom)],
            "state": track.state,
        }
        for track in update.tracks
    ]
    message = {"t": round(update.media_time_s, 3), "outcome": update.outcome, "tracks": tracks}
    return json.dumps(message, separators=(",", ":"))


def node_folder(data_dir: str, node_id: str) -> Path:
    """Where a node keeps what outlives it: the same for every epoch."""
    folder = Path(data_dir) / "nodes" / node_id
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def outbox_path(data_dir: str, node_id: str) -> Path:
    """Where a node keeps its outbox, so that a restarted node delivers what is left."""
    return node_folder(data_dir, node_id) / "outbox.sqlite3"
