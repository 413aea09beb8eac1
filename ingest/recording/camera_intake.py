"""What comes of one camera, taken off its threads at once and kept until the recorder asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple

from ingest.audio import AudioPacket
from ingest.camera import CameraId, StreamRole
from ingest.errors import MasksUnavailable
from ingest.fanout import Subscription
from ingest.fleet import CameraFleet, UnknownStream
from ingest.packet import Packet
from ingest.picture_feed import PictureFeed, Route
from ingest.recording.gap import GapReason
from ingest.sound import SoundSubscription


class Arrival(NamedTuple):
    """A packet and the number of the subscription it came by: epochs of two of them are not compared."""

    subscription: int
    packet: Packet | AudioPacket
    mask_version: int


@dataclass(frozen=True, slots=True)
class _Line:
    """What is subscribed to."""

    feed: PictureFeed
    route: Route
    has_sound: bool
    pictures: Subscription
    sound: SoundSubscription | None

    def close(self) -> None:
        self.pictures.close()
        if self.sound is not None:
            self.sound.close()


class CameraIntake:
    """Subscribes to what may be seen of a camera (`CameraFleet.viewable`), so masks fail closed here as everywhere.

    Camera threads only append to a list that is bounded in bytes. One recording thread calls all methods.
    """

    def __init__(self, fleet: CameraFleet, camera_id: CameraId, longest_bytes: int) -> None:
        self._fleet = fleet
        self._camera_id = camera_id
        self._longest_bytes = longest_bytes
        self._lock = Lock()
        self._arrivals: list[Arrival] = []
        self._bytes = 0
        self._has_lost = False
        self._line: _Line | None = None
        self._number = 0
        self._label: _Label | None = None

    def follow(self, role: StreamRole, *, sound: bool) -> GapReason | None:
        """Subscribes, anew where the camera's way to its viewers has changed; why nothing can come, or None."""
        try:
            feed = self._fleet.viewable(self._camera_id, role)
        except UnknownStream:
            self.close()
            return GapReason.CAMERA_OFFLINE
        version, route = feed.mask_version, feed.route
        if version is None or route is Route.CLOSED:
            self.close()
            return GapReason.MASKS_UNAVAILABLE
        line = self._line
        if line is not None and (line.feed, line.route, line.has_sound) == (feed, route, sound):
            if route is Route.DIRECT and self._label is not None:
                self._label.mask_version = version  # still nothing is covered
            return None
        self.close()
        try:
            self._subscribe(feed, route, version, role if sound else None)
        except (MasksUnavailable, UnknownStream):
            return GapReason.MASKS_UNAVAILABLE
        return None

    def take(self) -> tuple[Sequence[Arrival], bool]:
        """All that has come since the last time, and whether something before it had to be thrown away."""
        with self._lock:
            arrivals, self._arrivals = self._arrivals, []
            has_lost, self._has_lost = self._has_lost, False
            self._bytes = 0
        return arrivals, has_lost

    def close(self) -> None:
        """No more packets. What has come already can still be taken."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _subscribe(self, feed: PictureFeed, route: Route, version: int, sound_of: StreamRole | None) -> None:
        self._number += 1
        self._label = label = _Label(self._number, version)
        pictures, gop = feed.subscribe(lambda packet: self._put(label, packet))
        self._put_first(label, gop)
        sound = None
        if sound_of is not None:
            fanout = self._fleet.sound(self._camera_id, sound_of)
            sound = fanout.subscribe(lambda packet: self._put(label, packet))
        self._line = _Line(feed, route, sound_of is not None, pictures, sound)

    def _put(self, label: "_Label", packet: Packet | AudioPacket) -> None:
        """On a camera's thread."""
        with self._lock:
            self._arrivals.append(label.arrival(packet))
            self._bytes += len(packet.data)
            if self._bytes > self._longest_bytes:
                self._arrivals, self._bytes, self._has_lost = [], 0, True

    def _put_first(self, label: "_Label", gop: Sequence[Packet]) -> None:
        """Before all that has come by this subscription meanwhile."""
        with self._lock:
            place = next((n for n, a in enumerate(self._arrivals) if a.subscription == label.number), None)
            place = len(self._arrivals) if place is None else place
            self._arrivals[place:place] = [label.arrival(packet) for packet in gop]
            self._bytes += sum(len(packet.data) for packet in gop)


class _Label:
    """What all packets of one subscription have in common."""

    def __init__(self, number: int, mask_version: int) -> None:
        self.number = number
        self.mask_version = mask_version

    def arrival(self, packet: Packet | AudioPacket) -> Arrival:
        painted = packet.mask_version if isinstance(packet, Packet) else None
        return Arrival(self.number, packet, self.mask_version if painted is None else painted)
