"""The streams that are watched by fragments, each muxed once for all."""

from collections.abc import Callable

from ingest.camera import CameraId
from ingest.picture_feed import Route, ViewFeed
from vms_api.live.errors import TooManyEncodes
from vms_api.live.mse_fragment import MseFragment
from vms_api.live.mse_muxer import MseMuxer
from vms_api.live.mse_view import Follow, MseView
from vms_api.live.shared_stream import SharedStream


class MseBroadcast:
    """Lives on one event loop. At most `max_encodes` streams are encoded only because players need it.

    `on_wish` is told the cameras of which viewers wait for a key frame.
    """

    def __init__(self, max_encodes: int, on_wish: Callable[[CameraId], None]) -> None:
        self._max_encodes = max_encodes
        self._on_wish = on_wish
        self._streams: dict[tuple[ViewFeed, Route], SharedStream[MseFragment]] = {}

    def refuse_encode(self, feed: ViewFeed) -> None:
        """Says no to one encode too many.

        Raises:
            TooManyEncodes: as it says.

        """
        if feed.route is not Route.ENCODED:
            return
        others = {
            key
            for (key, route), stream in self._streams.items()
            if route is Route.ENCODED and key is not feed and not stream.is_idle
        }
        if len(others) >= self._max_encodes:
            raise TooManyEncodes(f"this node already encodes {self._max_encodes} streams")

    def follow(self, feed: ViewFeed) -> Follow:
        """How a view gets onto the feed by the route of this moment."""
        route = feed.route

        def join(view: MseView) -> Callable[[], None]:
            stream = self._stream(feed, route)
            stream.join(view)
            return lambda: stream.leave(view)

        return join

    def _stream(self, feed: ViewFeed, route: Route) -> SharedStream[MseFragment]:
        self._streams = {key: stream for key, stream in self._streams.items() if not stream.is_idle}
        return self._streams.setdefault((feed, route), SharedStream(feed, route, MseMuxer().fragment, self._on_wish))
