"""One stream, taken from its feed once and packed once for all who watch it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, Protocol, TypeVar

from ingest.camera import CameraId
from ingest.errors import MasksUnavailable
from ingest.fanout import Subscription
from ingest.packet import Packet
from ingest.picture_feed import Route, ViewFeed
from vms_api.live.group_cache import CachedUnit, GroupCache

MAX_GROUP_BYTES = 8 * 1024 * 1024
MAX_GROUP_S = 15.0
_CAMERAS_OWN = {Route.DIRECT, Route.LIFTED}


U = TypeVar("U", bound=CachedUnit)
U_contra = TypeVar("U_contra", contravariant=True)


class Follower(Protocol[U_contra]):
    """Somebody who is sent the stream."""

    def replay(self, group: Sequence[U_contra]) -> None:
        """Begins with the cached group of pictures."""
        ...

    def push(self, unit: U_contra) -> None:
        """Goes on with a live picture."""
        ...


class SharedStream(Generic[U]):
    """Subscribed to the feed from its first follower to its last. Lives on one event loop.

    `pack` makes of a packet what followers are sent, or None where nothing is to be sent. `on_wish` is told the camera
    when followers wait for a key frame that the cached group cannot stand in for.
    """

    def __init__(
        self,
        feed: ViewFeed,
        route: Route,
        pack: Callable[[Packet], U | None],
        on_wish: Callable[[CameraId], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._feed = feed
        self._route = route
        self._pack = pack
        self._on_wish = on_wish
        self._is_key_frame_wanted = False
        self._group: GroupCache[U] = GroupCache(MAX_GROUP_BYTES, MAX_GROUP_S)
        self._followers: list[Follower[U]] = []
        self._subscription: Subscription | None = None

    @property
    def is_idle(self) -> bool:
        """Whether nobody follows."""
        return not self._followers

    def group(self) -> Sequence[U]:
        """The running group of pictures."""
        return self._group.units()

    def join(self, follower: Follower[U]) -> None:
        """Snapshot and subscription in one step of the loop: the group that runs, then everything after it.

        Raises:
            MasksUnavailable: the masks have changed since the view was opened, or are not known.

        """
        self._feed.prepare()
        if self._feed.route is not self._route:
            raise MasksUnavailable("The privacy masks of this camera have just been changed.")
        if self._subscription is None:
            self._subscription, gop = self._feed.subscribe(self._deliver)
            for packet in gop:
                self._take(packet)
        self._followers.append(follower)
        group = self._group.units()
        follower.replay(group)
        if not group:
            self.want_key_frame()

    def want_key_frame(self) -> None:
        """A follower can go on with nothing less; it is asked for unless the next picture is one."""
        self._is_key_frame_wanted = True

    def leave(self, follower: Follower[U]) -> None:
        """The follower gets nothing more."""
        self._followers.remove(follower)
        if not self._followers:
            self.close()

    def close(self) -> None:
        """Takes nothing more from the feed."""
        if self._subscription is not None:
            self._subscription.close()
            self._subscription = None
        self._group.clear()

    def _deliver(self, packet: Packet) -> None:
        # Called in the camera's thread.
        self._loop.call_soon_threadsafe(self._take, packet)

    def _take(self, packet: Packet) -> None:
        if self._subscription is None:
            return  # on its way when the last follower left
        if self._is_key_frame_wanted:
            self._is_key_frame_wanted = False
            if not packet.is_keyframe and self._route in _CAMERAS_OWN:
                self._on_wish(packet.camera_id)
        unit = self._pack(packet)
        if unit is None or not unit.byte_count:
            return
        self._group.add(unit)
        for follower in self._followers:
            follower.push(unit)
