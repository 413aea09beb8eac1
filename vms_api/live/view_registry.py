"""The open views of one media node."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Protocol

import structlog

from ingest.camera import CameraId, StreamRole
from ingest.health import StreamHealth
from ingest.lifecycle import StreamState
from ingest.packet import Codec, StreamDescription
from ingest.picture_feed import Route, ViewFeed
from ingest.sound import SoundFanout
from vms_api.live import offered_formats
from vms_api.live.broadcast import Broadcast
from vms_api.live.errors import CodecNotViewable, HasBFrames, NotLive, TooManyViews
from vms_api.live.mse_broadcast import MseBroadcast
from vms_api.live.mse_ladder import Choice
from vms_api.live.mse_view import MseView
from vms_api.live.settings import OFFER_VALID_S, LiveSettings
from vms_api.live.shared_sound import Sound
from vms_api.live.whep_view import WhepView

log = structlog.get_logger()

CONNECT_TIMEOUT_S = 15.0


class UnknownView(Exception):
    """The view does not exist, or no longer."""


class View(Protocol):
    """Somebody who watches, in whatever way."""

    id: str

    @property
    def connected(self) -> bool:
        """Whether the browser ever came through."""
        ...

    @property
    def wants_tracks(self) -> bool:
        """Whether the browser asked for overlay messages."""
        ...

    @property
    def is_misrouted(self) -> bool:
        """Whether the camera's masks were set or lifted since the view was opened, so that it has to end."""
        ...

    def send_tracks(self, message: str) -> None:
        """Sends one overlay message."""
        ...

    async def close(self) -> None:
        """Ends the view. Harmless when called twice."""
        ...


class ViewRegistry:
    """Opens views, finds them again, and sees to it that every one of them ends. Lives on one event loop."""

    def __init__(self, settings: LiveSettings) -> None:
        offered_formats.enter()
        self._settings = settings
        self._key_frame_wishes: set[CameraId] = set()
        self._broadcast = Broadcast(settings, self._key_frame_wishes.add)
        self._mse = MseBroadcast(settings.max_encodes, self._key_frame_wishes.add)
        self._views: dict[str, tuple[CameraId, View]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._views)

    async def open(
        self, camera_id: CameraId, feed: ViewFeed, health: StreamHealth, offer: str, sound: SoundFanout | None = None
    ) -> tuple[str, str]:
        """Opens a view and returns its id and the SDP answer; with `sound` it is heard, if there is any.

        Raises:
            ViewRefused: the class says why.
            MasksUnavailable: the camera's masks are not known.

        """
        described = viewable(health, feed.route)
        codec = Codec.H264 if feed.route is Route.MASKED else described.codec
        self._refuse_one_too_many()
        feed.prepare()
        heard = Sound(sound, described.audio) if sound is not None and described.audio is not None else None
        view = WhepView(self._settings, feed, codec, heard, self._broadcast, self._forget)
        self._views[view.id] = (camera_id, view)
        try:
            answer = await view.answer(offer)
        except BaseException:
            self._views.pop(view.id, None)
            await view.close()
            raise
        patience_s = CONNECT_TIMEOUT_S + (OFFER_VALID_S if view.awaits_answer else 0.0)
        asyncio.get_running_loop().call_later(patience_s, self._close_unconnected, view.id)
        return view.id, answer

    def open_mse(self, camera_id: CameraId, feed: ViewFeed, choice: Choice, *, wants_tracks: bool) -> MseView:
        """Opens a view by fragments, which begins when its player comes for it.

        Raises:
            TooManyViews, TooManyEncodes: as it says.
            MasksUnavailable: the camera's masks are not known.

        """
        self._refuse_one_too_many()
        self._mse.refuse_encode(feed)
        feed.prepare()
        view = MseView(feed, choice, self._mse.follow(feed), self._forget, wants_tracks=wants_tracks)
        self._views[view.id] = (camera_id, view)
        asyncio.get_running_loop().call_later(CONNECT_TIMEOUT_S, self._close_unconnected, view.id)
        return view

    def claim(self, view_id: str) -> MseView:
        """The view by fragments of that id; only once.

        Raises:
            UnknownView: there is none of that id, or its player has come before.

        """
        _, view = self._views.get(view_id, (None, None))
        if not isinstance(view, MseView) or view.connected:
            raise UnknownView(view_id)
        view.connected = True
        return view

    async def close(self, view_id: str) -> None:
        """Ends one view.

        Raises:
            UnknownView: there is none of that id.

        """
        try:
            _, view = self._views.pop(view_id)
        except KeyError:
            raise UnknownView(view_id) from None
        await view.close()

    def require(self, view_id: str) -> WhepView:
        """The WHEP view of that id.

        Raises:
            UnknownView: there is none of that id.

        """
        _, view = self._views.get(view_id, (None, None))
        if not isinstance(view, WhepView):
            raise UnknownView(view_id)
        return view

    async def close_camera(self, camera_id: CameraId) -> None:
        """Ends every view of a camera that was removed or disabled."""
        views = [view.id for owner, view in self._views.values() if owner == camera_id]
        await self._close_each(views)

    async def close_misrouted(self) -> None:
        """Ends the views of cameras whose masks were set or lifted: what is queued for them goes nowhere any more."""
        views = [view.id for _, view in self._views.values() if view.is_misrouted]
        await self._close_each(views)

    def close_after(self, view_id: str, seconds: float) -> None:
        """Ends a view when its time is over.

        Raises:
            UnknownView: there is none of that id.

        """
        if view_id not in self._views:
            raise UnknownView(view_id)
        asyncio.get_running_loop().call_later(seconds, self._close_overdue, view_id)

    async def close_all(self) -> None:
        """Ends every view."""
        await self._close_each(list(self._views))
        await asyncio.gather(*self._closing)

    async def _close_each(self, view_ids: Iterable[str]) -> None:
        async def close(view_id: str) -> None:
            with suppress(UnknownView):  # its browser left in the same moment
                await self.close(view_id)

        await asyncio.gather(*map(close, view_ids))

    def take_key_frame_wishes(self) -> list[CameraId]:
        """The cameras of which viewers have begun to wait for a key frame since this was last asked."""
        wishes = sorted(self._key_frame_wishes)
        self._key_frame_wishes.clear()
        return wishes

    def ids(self) -> list[str]:
        """The views that are open."""
        return list(self._views)

    def camera_ids(self) -> set[CameraId]:
        """The cameras somebody watches."""
        return {owner for owner, _ in self._views.values()}

    def wants_tracks(self, camera_id: CameraId) -> bool:
        """Whether anybody watches this camera with the overlay channel open. Safe from any thread."""
        return any(owner == camera_id and view.wants_tracks for owner, view in tuple(self._views.values()))

    def send_tracks(self, camera_id: CameraId, message: str, ntp: int | None = None) -> None:
        """Sends one overlay message to every viewer of the camera; `ntp` is when its picture came."""
        for owner, view in self._views.values():
            if owner == camera_id:
                view.send_tracks(view.stamped(message, ntp) if isinstance(view, WhepView) else message)

    # Timers know views by their ids: a view that ended long before must not live on for them.
    def _close_unconnected(self, view_id: str) -> None:
        camera_id, view = self._views.get(view_id, (None, None))
        if view is not None and not view.connected:
            log.info("view never connected", view_camera=camera_id)
            self._forget(view)

    def _close_overdue(self, view_id: str) -> None:
        if view_id in self._views:
            self._forget(self._views[view_id][1])

    def _refuse_one_too_many(self) -> None:
        if len(self._views) >= self._settings.max_views:
            raise TooManyViews(f"this node already serves {self._settings.max_views} views")

    def _forget(self, view: View) -> None:
        if self._views.pop(view.id, None) is None:
            return
        closing = asyncio.get_running_loop().create_task(view.close())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)


def viewable(health: StreamHealth, route: Route) -> StreamDescription:
    """What the stream is, unless WebRTC could not show it; asked before a peer is made. Our encode it always shows.

    Raises:
        NotLive: the stream has no packets now.
        CodecNotViewable: the codec is neither H.264 nor H.265.
        HasBFrames: pictures are not sent in display order.

    """
    if health.state is not StreamState.LIVE or health.description is None:
        raise NotLive(f"the {StreamRole(health.role)} stream is {health.state}")
    if route is Route.MASKED:
        return health.description
    if health.description.codec not in offered_formats.MIME_TYPES:
        raise CodecNotViewable(f"browsers do not take {health.description.codec} over WebRTC")
    if health.has_b_frames:
        raise HasBFrames("the stream has B-frames; switch them off in the camera, or use its sub-stream")
    return health.description
