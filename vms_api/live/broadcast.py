"""What all views of a node share: the streams that are watched, and the turns in which viewers are sent to."""

from collections.abc import Callable
from typing import NamedTuple

from ingest.audio import AudioDescription
from ingest.camera import CameraId
from ingest.picture_feed import Route, ViewFeed
from ingest.sound import SoundFanout
from vms_api.live.fast_sender import FastSender
from vms_api.live.packetiser import Packetiser
from vms_api.live.rtp_unit import RtpUnit
from vms_api.live.send_pump import SendPump
from vms_api.live.sender_internals import SenderInternals
from vms_api.live.settings import LiveSettings
from vms_api.live.shared_sound import Listener, SharedSound, Sound
from vms_api.live.shared_stream import SharedStream


class Following(NamedTuple):
    """A viewer's place: how it ends, and which timestamp a picture of a moment has for that viewer."""

    leave: Callable[[], None]
    ticks_at: Callable[[int], int | None]


class Broadcast:
    """Lives on one event loop. `on_wish` is told the cameras of which viewers wait for a key frame."""

    def __init__(self, settings: LiveSettings, on_wish: Callable[[CameraId], None]) -> None:
        self._settings = settings
        self._on_wish = on_wish
        self._pump = SendPump()
        self._streams: dict[tuple[ViewFeed, Route], SharedStream[RtpUnit]] = {}
        self._sounds: dict[tuple[SoundFanout, AudioDescription], SharedSound] = {}

    def follow(
        self, feed: ViewFeed, route: Route, internals: SenderInternals, on_failed: Callable[[], None]
    ) -> Following:
        """Sends the feed to a connected viewer from now on, and tells if that fails.

        Raises:
            MasksUnavailable: the masks have changed since the view was opened, or are not known.

        """
        stream = self._stream(feed, route)
        sender = FastSender(internals, self._settings, self._pump, stream, on_failed)
        stream.join(sender)

        def leave() -> None:
            sender.close()
            stream.leave(sender)

        return Following(leave, sender.ticks_at)

    def listen(self, sound: Sound, listener: Listener) -> Callable[[], None]:
        """Hands the sound on from now on; calling the answer ends it."""
        self._sounds = {key: shared for key, shared in self._sounds.items() if not shared.is_idle}
        shared = self._sounds.setdefault((sound.fanout, sound.description), SharedSound(sound))
        shared.join(listener)
        return lambda: shared.leave(listener)

    def _stream(self, feed: ViewFeed, route: Route) -> SharedStream[RtpUnit]:
        """The same for all who see a feed by the same route, as long as somebody does."""
        self._streams = {key: stream for key, stream in self._streams.items() if not stream.is_idle}
        return self._streams.setdefault((feed, route), SharedStream(feed, route, Packetiser().unit, self._on_wish))
